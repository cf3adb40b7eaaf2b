"""Who is killed, and how: workers and the broker, by chances of one seed."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from e2e.programs import Worker
from real.kafka_broker import READY, KafkaBroker
from real.processes import Child

SESSION_SECONDS = 3.0
SIGTERM_SECONDS = 60
# A broker that dies while a static member joins forgets the member id that it gave, and takes the member for a second one.
FENCED = "Static consumer fenced by other consumer"
STOPPED_EARLY = "stopped before AWS said who we are"
# (share, what, to whom)
KINDS = ((50, "kill", "worker"), (20, "term", "worker"), (4, "term-twice", "worker"), (8, "pause", "worker"),
         (8, "stall", "worker"), (5, "kill", "broker"), (3, "term", "broker"), (2, "pause", "broker"))


def engine_of(pid: int) -> int:
    """The process that does the work: a child, where a parent watches over it."""
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(children[0]) if children else pid
    return pid


class Post:
    """The place of one worker: whoever ends there is followed by another one."""

    def __init__(self, number: int, start: Callable[[int], Worker]):
        self.number, self._start = number, start
        self.worker = start(number)
        self.stopped: list[tuple[float, int]] = []  # (when it goes on, pid)
        self.term_until: float | None = None
        self.is_killed = False
        self.problems: list[str] = []
        self.fenced = 0

    def hit(self, what: str, dice: random.Random) -> bool:
        """False when there is nobody to be hit in this way."""
        if self.stopped or self.term_until is not None or not self.worker.is_running:
            return False
        pid = self.worker.child.pid
        pids = [pid, engine_of(pid)]
        if what == "kill":
            target = dice.choice(pids)
            self.is_killed = target == pid
            send(target, signal.SIGKILL)
        elif what in ("term", "term-twice"):
            send(pid, signal.SIGTERM)
            self.term_until = time.monotonic() + SIGTERM_SECONDS
            if what == "term-twice":
                send(pid, signal.SIGTERM)
        else:
            seconds = dice.uniform(0.1, 2) if what == "pause" else 2 * SESSION_SECONDS + dice.uniform(0, 1)
            self.stopped = [(time.monotonic() + seconds, each) for each in set(pids)]
            for _, each in self.stopped:
                send(each, signal.SIGSTOP)
        return True

    def serve(self) -> None:
        """Let those go on whose time has come, and replace one that has ended."""
        now = time.monotonic()
        if self.stopped and now >= self.stopped[0][0]:
            self.go_on()
        if self.worker.is_running:
            if self.term_until is not None and now > self.term_until:
                self.problems.append(f"{self.worker.log.name}: still there {SIGTERM_SECONDS} s after SIGTERM")
                self.term_until = None
                self.is_killed = True
                self.worker.child.process.kill()
            return
        self._judge_end()
        self.worker = self._start(self.number)

    def go_on(self) -> None:
        for _, pid in self.stopped:
            send(pid, signal.SIGCONT)
        self.stopped = []

    def _judge_end(self) -> None:
        status = self.worker.child.process.returncode
        expected = -signal.SIGKILL if self.is_killed else 0
        if self.term_until is not None and STOPPED_EARLY in self.worker.child.log_tail(1):
            expected = status  # told to stop before it had begun
        elif FENCED in self.worker.child.log_tail(2):
            self.fenced += 1
            self.term_until, self.is_killed = None, False
            return
        if status != expected or (self.term_until is None and not self.is_killed):
            self.problems.append(f"{self.worker.log.name}: ended with {status}:\n{self.worker.child.log_tail(5)}")
        self.term_until, self.is_killed = None, False

    def end(self) -> None:
        """SIGTERM, and a clean end."""
        self.go_on()
        if self.worker.is_running:
            self.worker.terminate()
            self.worker.child.process.wait(SIGTERM_SECONDS)
            self.is_killed, self.term_until = False, 0
        self._judge_end()


class BrokerPost:
    """The broker: killed, stopped or drained, and back after a moment."""

    def __init__(self, broker: KafkaBroker):
        self.broker = broker
        self.is_starting = False
        self._back: tuple[float, Callable[[], None]] | None = None

    def hit(self, what: str, dice: random.Random) -> bool:
        if self._back is not None or self.is_starting:
            return False
        child: Child = self.broker.child
        if what == "pause":
            send(child.pid, signal.SIGSTOP)
            self._back = time.monotonic() + dice.uniform(0.5, 2 * SESSION_SECONDS), self._go_on
        else:
            child.process.send_signal(signal.SIGKILL if what == "kill" else signal.SIGTERM)
            self._back = time.monotonic() + dice.uniform(0, 3), self._restart
        return True

    def serve(self) -> None:
        if self._back is not None and time.monotonic() >= self._back[0]:
            back, self._back = self._back[1], None
            back()
        if self.is_starting:
            self.is_starting = READY not in self.broker.child.log.read_bytes()

    def _go_on(self) -> None:
        send(self.broker.child.pid, signal.SIGCONT)

    def _restart(self) -> None:
        self.broker.child.process.wait(30)
        self.broker.start()
        self.is_starting = True

    def end(self) -> None:
        """Whatever was done to it, it is there again."""
        if self._back is not None:
            self._back = (0, self._back[1])
        self.serve()
        if self.is_starting:
            self.broker.wait_ready()
            self.is_starting = False


class Fate:
    """Hits somebody at random moments, so many times."""

    def __init__(self, dice: random.Random, posts: list[Post], broker: BrokerPost, kills: int, pause_seconds: float):
        self.dice, self.posts, self.broker = dice, posts, broker
        self.left, self.pause_seconds = kills, pause_seconds
        self.counts: Counter[str] = Counter()
        self._next = time.monotonic() + pause_seconds

    def serve(self) -> None:
        for each in (*self.posts, self.broker):
            each.serve()
        if self.left > 0 and time.monotonic() >= self._next:
            self._next = time.monotonic() + self.dice.expovariate(1 / self.pause_seconds)
            _, what, whom = self.dice.choices(KINDS, [share for share, _, _ in KINDS])[0]
            victim = self.broker if whom == "broker" else self.dice.choice(self.posts)
            if victim.hit(what, self.dice):
                self.counts[f"{whom} {what}"] += 1
                self.left -= 1

    @property
    def fenced(self) -> int:
        return sum(post.fenced for post in self.posts)

    @property
    def problems(self) -> list[str]:
        return [problem for post in self.posts for problem in post.problems]


def send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it ended between the look and the signal
        os.kill(pid, number)
