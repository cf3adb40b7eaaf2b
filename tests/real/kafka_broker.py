"""A real Apache Kafka broker as a child process."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

from .processes import Child, free_port

SCRIPT = Path(__file__).with_name("kafka.sh")
READY = b"Kafka Server started"


class KafkaBroker:
    """One node in a folder of its own. `start` after `stop` is a restart, after `kill` a recovery from a crash."""

    def __init__(self, workdir: Path, settings: Mapping[str, str] | None = None):
        """settings: what kafka.sh reads from the environment."""
        self.workdir = workdir
        self.settings = dict(settings or {})
        self.port = free_port(2)  # the next one is the controller's
        self.bootstrap_servers = f"127.0.0.1:{self.port}"
        self.child: Child

    def start(self) -> None:
        """Begin to start; `wait_ready` waits."""
        self.workdir.mkdir(parents=True, exist_ok=True)
        log = self.workdir / "log"
        log.unlink(missing_ok=True)
        self.child = Child("Kafka", [SCRIPT, "run", str(self.port), self.workdir], log, env=os.environ | self.settings)

    def wait_ready(self, seconds: float = 60) -> None:
        self.child.wait_ready(lambda: READY in self.child.log.read_bytes(), seconds)

    def stop(self) -> None:
        self.child.stop(seconds=30)

    def kill(self) -> None:
        self.child.stop(signal.SIGKILL)
