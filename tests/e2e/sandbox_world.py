"""SandboxWorld: the end-to-end fixture `world` on irsa-sandbox.

With its broker it is a whole world; without (`broker=False`) it is the AWS and Kubernetes half beside a real Kafka. The
worker may do there what docs/iam-permissions.md gives it and nothing else. Its documents are those of GET and PUT /world, as
docs/sandbox.md has them.
"""

from __future__ import annotations

import json
import re
import secrets
import shlex
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import requests
import yaml

from .waiting import wait_for

READY_SECONDS = 20
CONTROL_SECONDS = 30
PERMISSIONS_PAGE = Path(__file__).parents[2] / "docs/iam-permissions.md"


def least_permissions() -> dict:
    """The worker's policy and its ClusterRole as docs/iam-permissions.md has them: the first blocks of their languages."""
    page = PERMISSIONS_PAGE.read_text(encoding="utf-8")
    policy, role = (re.search(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE).group(1)
                    for language in ("json", "yaml"))
    return {"policies": [json.loads(policy)], "roles": [yaml.safe_load(role)]}


class SandboxWorld:
    supports = frozenset({"calls", "faults", "latency", "sandbox"})

    def __init__(self, clusters: list[str], workdir: Path, bin_dir: Path, broker: bool = True):
        self.clusters, self.workdir, self.bin_dir = clusters, workdir, bin_dir
        self.has_broker = broker
        if broker:
            self.supports = self.supports | {"broker"}
        self.env: dict[str, str] = {}
        self._process: subprocess.Popen | None = None
        self._session = requests.Session()
        self._session.trust_env = False

    def __enter__(self) -> SandboxWorld:
        self.workdir.mkdir(parents=True, exist_ok=True)
        env_file = self.workdir / "env"
        settings = self.workdir / "settings.json"
        settings.write_text(json.dumps({"permissions": least_permissions()}), encoding="utf-8")
        command = [str(self.bin_dir / "irsa-sandbox"), "--env-file", str(env_file), "--settings", str(settings)]
        for cluster in self.clusters:
            command += ["--cluster", cluster]
        if not self.has_broker:
            command.append("--no-broker")
        self._log = (self.workdir / "sandbox.log").open("wb")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log, stdin=subprocess.DEVNULL)
        wait_for(lambda: env_file.exists() or self._ended(), "irsa-sandbox is ready", READY_SECONDS)
        self.env = dict(read_exports(env_file))
        self._model = self.control("GET", "/model")
        return self

    def __exit__(self, *exception: object) -> None:
        self._session.close()
        if self._process is not None:
            self._process.terminate()
            self._process.wait(READY_SECONDS)
        self._log.close()

    def _ended(self) -> bool:
        if self._process.poll() is None:
            return False
        raise RuntimeError(f"irsa-sandbox ended with {self._process.returncode}:\n"
                           f"{(self.workdir / 'sandbox.log').read_text(encoding='utf-8', errors='replace')}")

    @property
    def topics_prefix(self) -> str:
        """Of the topics that are there; it changes with every reset."""
        return self.env["IRSA_TOPICS_PREFIX"]

    # --- the world --------------------------------------------------------------------------------------------------

    def snapshot(self) -> dict:
        return self.control("GET", "/world")

    def put(self, document: dict) -> None:
        self.control("PUT", "/world", document)

    def reset(self) -> None:
        """An empty world; with a broker of its own, topics of a new prefix: the mock cannot empty one."""
        self.control("POST", "/reset")
        if self.has_broker:
            prefix = f"irsa-{secrets.token_hex(4)}"
            self.control("POST", "/broker", {"down": False, "topics": [prefix]})
            self.env["IRSA_TOPICS_PREFIX"] = prefix

    # --- what only a sandbox can do -----------------------------------------------------------------------------------

    def calls(self) -> dict:
        return self.control("GET", "/calls")

    def faults(self, faults: Iterable[dict]) -> None:
        self.control("POST", "/faults", list(faults))

    def model(self, model: dict) -> None:
        self.control("POST", "/model", model)

    def calm(self) -> None:
        """No faults, and the model as it was at the start."""
        self.control("DELETE", "/faults")
        self.control("POST", "/model", self._model)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._session.request(method, self.env["IRSA_SANDBOX_URL"] + path, json=body, timeout=CONTROL_SECONDS)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None


def read_exports(path: Path) -> Iterable[tuple[str, str]]:
    """Lines of the form export NAME='value'."""
    for word in shlex.split(path.read_text(encoding="utf-8")):
        name, equals, value = word.partition("=")
        if equals:
            yield name, value
