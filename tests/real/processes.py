"""Child processes that can neither outlive the test run nor be mistaken for somebody else's."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import requests

POLL_SECONDS = 0.02


def free_port(count: int = 1) -> int:
    """A loopback port, the first of `count` in a row, to hand to a program that cannot be given a socket.

    Below the range from which the kernel takes the ports of outgoing connections, so that between this look and
    the program's own bind nothing but another server can take it.
    """
    for port in random.sample(range(20000, 32000), 200):
        if all(can_bind(port + offset) for offset in range(count)):
            return port
    raise RuntimeError("no free port among 200 on 127.0.0.1")


def can_bind(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def listening_socket() -> socket.socket:
    """A socket to hand to a child: clients may connect at once, and the child answers when it is up."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listener.set_inheritable(True)
    return listener


def wait_until(ready: Callable[[], bool], what: str, seconds: float) -> None:
    """Look at a state until it holds; the time limit is for a broken world, not a way to wait."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not so after {seconds:g} s")
        time.sleep(POLL_SECONDS)


def local_http() -> requests.Session:
    """For servers of ours: the environment's proxies and certificate bundles have nothing to do with them."""
    session = requests.Session()
    session.trust_env = False
    return session


def answers(url: str) -> bool:
    """Does a server say anything at all?"""
    try:
        local_http().get(url, timeout=30)
    except requests.ConnectionError:
        return False
    return True


class Child:
    """One process of ours with its output in a file.

    It is killed by the kernel when the thread that made it ends, however that comes about, so a test run that is
    killed leaves nothing behind. Make it in the thread that lives as long as the world does.
    """

    def __init__(self, name: str, argv: Sequence[str | Path], log: Path, *,
                 env: Mapping[str, str] | None = None, pass_fds: Sequence[int] = ()):
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *map(str, argv)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env=env, pass_fds=pass_fds, start_new_session=True)

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait for `ready`, and tell with the end of the log why it will not come."""
        def ready_or_dead() -> bool:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.log_tail()}")
            return ready()

        try:
            wait_until(ready_or_dead, f"{self.name} is ready", seconds)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; its log ends:\n{self.log_tail()}") from None

    def log_tail(self, lines: int = 15) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, sig: signal.Signals = signal.SIGTERM, seconds: float = 10) -> None:
        """End it and reap it. Its own data is scratch, so one that ignores a polite signal is killed."""
        if self.process.poll() is None:
            self.process.send_signal(sig)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
