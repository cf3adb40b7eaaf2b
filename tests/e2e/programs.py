"""The programs under test, run as their users run them: from outside, in an environment that holds nothing by chance."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from real.processes import Child

from .waiting import wait_for

# What any program needs; everything else comes from the world. A developer's own AWS_PROFILE, proxies or certificate
# bundles must not decide what a test shows.
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS")
SECRETS = ("X-Amz-Signature", "k8s-aws-v1.", "Bearer ")


def environment(*layers: Mapping[str, str | None]) -> dict[str, str]:
    """Later layers win; None takes a variable away."""
    merged: dict[str, str | None] = {name: os.environ[name] for name in KEPT if name in os.environ}
    for layer in layers:
        merged |= layer
    return {name: value for name, value in merged.items() if value is not None}


@dataclass(frozen=True)
class Outcome:
    """What a command that ended has said."""

    argv: list[str]
    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> object:
        return json.loads(self.stdout)

    @property
    def jsonl(self) -> list:
        return [json.loads(line) for line in self.stdout.splitlines()]

    def must(self, code: int = 0) -> Outcome:
        """Itself, if it ended with that status; else the test fails with all that it said."""
        assert self.code == code, f"{self}\n--- status {self.code}, not {code}"
        return self

    def __str__(self) -> str:
        return f"{' '.join(self.argv)}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


class Ctl:
    """irsactl with a world's environment; called with its arguments."""

    def __init__(self, program: Path, env: Mapping[str, str]):
        self.program = program
        self.env = dict(env)

    def __call__(self, *arguments: str | Path, input: str | None = None, env: Mapping[str, str | None] | None = None,
                 seconds: float = 90) -> Outcome:
        argv = [str(self.program), *map(str, arguments)]
        done = subprocess.run(argv, input=input, capture_output=True, text=True, errors="surrogateescape",
                              env=environment(self.env, env or {}), timeout=seconds,
                              stdin=subprocess.DEVNULL if input is None else None)
        return Outcome(argv, done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str | Path) -> subprocess.Popen:
        """In the background, for what is ended by a signal."""
        return subprocess.Popen([str(self.program), *map(str, arguments)], env=environment(self.env), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Worker:
    """One irsa-worker. Its log is a file, so that a test can wait for a line and look at all of them afterwards."""

    def __init__(self, program: Path, env: Mapping[str, str], log: Path, arguments: tuple[str, ...] = ()):
        self.env = dict(env)
        self.log = log
        self.child = Child("irsa-worker", [program, *arguments], log, env=self.env)

    def events(self, name: str | None = None) -> list[dict]:
        """The lines of its log, all of them JSON; of one event, or of all."""
        # The last line may be half written.
        lines = [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in lines if name in (None, line["event"])]

    def wait_for(self, fits: Callable[[dict], bool], what: str, seconds: float = 30) -> dict:
        """The first line that fits. A worker that ended meanwhile will not write it."""
        def look() -> dict | None:
            ended = self.child.process.poll() is not None
            found = next((line for line in self.events() if fits(line)), None)
            assert found or not ended, f"the worker ended with {self.child.process.returncode}:\n{self.child.log_tail()}"
            return found

        return wait_for(look, f"the worker's log says: {what}", seconds, lambda: self.child.log_tail())

    def wait_started(self) -> Worker:
        self.wait_for(lambda line: line["event"] == "worker.started", "worker.started")
        return self

    @property
    def name(self) -> str:
        """What it calls itself in results."""
        return self.events("worker.started")[0]["worker"]

    @property
    def working_pid(self) -> int:
        """Of the process that does the work: the latest that its supervisor has started. SIGSTOP, or a fault, is for that one."""
        return self.events("child.started")[-1]["pid"]

    def wait_restarted(self, restarts: int) -> None:
        """The supervisor has started that many others after the first one."""
        self.wait_for(lambda line: line["event"] == "child.started" and line["restarts"] == restarts,
                      f"child.started, {restarts} times again")

    @property
    def is_running(self) -> bool:
        return self.child.process.poll() is None

    def terminate(self) -> None:
        """Ask it to drain, and go on at once."""
        self.child.process.send_signal(signal.SIGTERM)

    def wait_ended(self, status: int = 0, seconds: float = 60) -> Worker:
        """It ends by itself, or because it was asked to, with that status."""
        try:
            ended = self.child.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the worker was still there after {seconds:g} s:\n{self.child.log_tail()}") from None
        assert ended == status, f"the worker ended with {ended}, not {status}:\n{self.child.log_tail()}"
        self.check_log()
        return self

    def stop(self, status: int = 0) -> Worker:
        """SIGTERM, and a clean end; nothing to do when it has ended already."""
        if self.is_running:
            self.terminate()
        return self.wait_ended(status)

    def wait_refused(self, seconds: float = 10) -> str:
        """It does not start: it ends by itself, with another status than 0; what it said."""
        status = self.wait_gone(seconds)
        assert status not in (0, -9), f"it ended with {status}"
        return self.log.read_text()

    def wait_gone(self, seconds: float = 60) -> int:
        """It ends, with whatever status."""
        wait_for(lambda: not self.is_running, "the worker ends", seconds, self.child.log_tail)
        self.check_log()
        return self.child.process.returncode

    def kill(self) -> None:
        """SIGKILL: a machine that lost its power."""
        self.child.stop(signal.SIGKILL)
        self.check_log()

    def check_log(self) -> None:
        """No secret is ever logged."""
        text = self.log.read_text()
        found = [secret for secret in (self.env.get("AWS_SECRET_ACCESS_KEY"), *SECRETS) if secret and secret in text]
        assert not found, f"the worker's log holds secrets: {found}"
