"""RealWorld: the end-to-end fixture `world` on real parts.

    with RealWorld(["cluster-13:us-west-2:111122223333"], workdir) as world:
        subprocess.run(["irsactl", ...], env=world.env)
        assert world.snapshot()["clusters"]["us-west-2/cluster-13"]["serviceAccounts"] == []

Its documents are those of the sandbox's `GET /world` and `PUT /world`, so that one test suite runs on both.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from .aws_accounts import TESTS, WORKER_KEY, AwsAccounts
from .kafka_broker import SCRIPT as KAFKA_SCRIPT
from .kafka_broker import KafkaBroker
from .kube_cluster import Etcd, KubeCluster
from .processes import Child, answers, listening_socket

KUBE_SCRIPT = Path(__file__).parent / "kube" / "build.sh"
WORKER_USER = "irsa-worker"

# Short enough for tests that wait for a dead worker's partitions.
KAFKA_ENV = {
    "IRSA_KAFKA_SESSION_TIMEOUT_MS": "6000",
    "IRSA_KAFKA_HEARTBEAT_INTERVAL_MS": "500",
    "IRSA_KAFKA_FETCH_WAIT_MAX_MS": "50",
    "IRSA_KAFKA_RECONNECT_BACKOFF_MAX_MS": "500",
}


class Cloud(Protocol):
    """The half of a world that is not Kafka; the sandbox without its broker is one, and so is RealCloud."""

    supports: frozenset[str]

    @property
    def env(self) -> dict[str, str]: ...
    def snapshot(self) -> dict: ...
    def put(self, document: dict) -> None: ...
    def reset(self) -> None: ...
    def __enter__(self) -> Cloud: ...
    def __exit__(self, *exception: object) -> None: ...


def cached_part(script: Path, must_have: str) -> Path:
    """The folder in which a script keeps what it fetched."""
    folder = Path(subprocess.check_output([script, "where"], text=True).strip())
    if not (folder / must_have).exists():
        raise FileNotFoundError(f"{folder / must_have} is absent: run tests/real/fetch.sh first")
    return folder


class RealCloud:
    """One kube-apiserver per cluster, and moto's AWS accounts in front of them."""

    supports = frozenset({"real-kubernetes", "moto"})

    def __init__(self, clusters: list[str], workdir: Path):
        """clusters: NAME[:REGION[:ACCOUNT]], as irsa-sandbox takes them."""
        programs = cached_part(KUBE_SCRIPT, "kube-apiserver")
        self.workdir = workdir
        self.etcd = Etcd(programs, workdir / "etcd")
        self.clusters: dict[str, KubeCluster] = {}
        for text in clusters:
            name, region, account = (text.split(":") + ["us-west-2", "111122223333"][text.count(":"):])[:3]
            cluster = KubeCluster(programs, workdir / f"{region}-{name}", self.etcd, name, region, account)
            self.clusters[cluster.id] = cluster
        self.aws = AwsAccounts(workdir / "aws", self.clusters.values())
        self._stack = ExitStack()

    def __enter__(self) -> RealCloud:
        """Start everything at once, then wait for each. Nothing is left running when one of them fails."""
        with ExitStack() as stack:
            for part in (self.etcd, self.aws):
                part.start()
                stack.callback(part.stop)
            webhook, webhook_url = self._start_webhook(stack)
            for cluster in self.clusters.values():
                cluster.start(f"{webhook_url}/{cluster.id}")
                stack.callback(cluster.stop)
            self.aws.wait_ready()
            webhook.wait_ready(lambda: answers(webhook_url), 30)
            for cluster in self.clusters.values():
                cluster.wait_ready()
                cluster.allow_worker(WORKER_USER)
            self._stack = stack.pop_all()
        return self

    def _start_webhook(self, stack: ExitStack) -> tuple[Child, str]:
        config = self.workdir / "webhook.json"
        config.touch(mode=0o600)
        config.write_text(json.dumps({
            "clusters": list(self.clusters),
            "keys": {WORKER_KEY: {"secret": self.aws.worker_secret, "username": WORKER_USER, "groups": []}}}))
        with listening_socket() as listener:
            child = Child("token webhook", [
                sys.executable, "-m", "real.authn_webhook", "--config", config, "--fd", str(listener.fileno()),
            ], self.workdir / "webhook.log", env={"PYTHONPATH": str(TESTS)}, pass_fds=[listener.fileno()])
            stack.callback(child.stop)
            return child, f"http://127.0.0.1:{listener.getsockname()[1]}"

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    @property
    def env(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_ACCESS_KEY_ID": WORKER_KEY,
            "AWS_SECRET_ACCESS_KEY": self.aws.worker_secret,
            "AWS_REGION": next(iter(self.clusters.values())).region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def snapshot(self) -> dict:
        """What GET /world of the sandbox says of the same state."""
        return {
            "accounts": self.aws.snapshot(),
            "clusters": {cluster.id: {
                "accountID": cluster.account, "issuer": cluster.issuer, "namespaces": sorted(cluster.namespaces()),
                "serviceAccounts": [{"metadata": metadata} for metadata in cluster.service_accounts()],
            } for cluster in self.clusters.values()},
        }

    def put(self, document: dict) -> None:
        """Make what others made; a snapshot's form.

        A role that exists gets exactly the parts that are given. A service account may say who made it, and how:
        {"metadata": {...}, "fieldManager": "kubectl", "operation": "Apply" | "Update"}; a namespace, that it is on its way
        out: {"name": "going", "terminating": true}. What `delete` lists goes first.
        """
        for account, content in document.get("accounts", {}).items():
            self.aws.put(account, content)
        for cluster_id, content in document.get("clusters", {}).items():
            cluster = self.clusters[cluster_id]
            gone = content.get("delete", {})
            for account in gone.get("serviceAccounts", []):
                cluster.delete_service_account(*account.split("/"))
            for namespace in gone.get("namespaces", []):
                cluster.remove_namespace(namespace)
            for namespace in content.get("namespaces", []):
                if isinstance(namespace, str):
                    cluster.ensure_namespace(namespace)
                else:
                    cluster.put_namespace(namespace["name"], namespace.get("terminating", False))
            for account in content.get("serviceAccounts", []):
                cluster.put_service_account(account["metadata"], account.get("fieldManager", "kubectl"),
                                            account.get("operation", "Apply"))

    def reset(self) -> None:
        """An empty world: no roles, policies, providers; no service accounts; Kubernetes' own namespaces alone."""
        self.aws.reset()
        for cluster in self.clusters.values():
            cluster.empty()


class RealWorld:
    """A real Kafka broker, and a cloud that may be real or the sandbox's."""

    def __init__(self, clusters: list[str], workdir: Path, kafka: str = "real", cloud: Cloud | None = None):
        """
        kafka  "real" starts a broker; anything else is the bootstrap servers of one that runs already
        cloud  None is RealCloud(clusters); the sandbox without its broker goes here for the mixed run
        """
        self.cloud = cloud if cloud is not None else RealCloud(clusters, workdir)
        self.broker: KafkaBroker | None = None
        self.bootstrap_servers = kafka
        if kafka == "real":
            cached_part(KAFKA_SCRIPT, "libs")
            self.broker = KafkaBroker(workdir / "kafka")
            self.bootstrap_servers = self.broker.bootstrap_servers
        self.supports = frozenset({"real-kafka"}) | self.cloud.supports
        self.topics_prefix = self._new_prefix()
        self._stack = ExitStack()

    def __enter__(self) -> RealWorld:
        with ExitStack() as stack:
            if self.broker is not None:
                self.broker.start()
                stack.callback(self.broker.kill)  # its data is scratch, so there is nothing to close in peace
            stack.enter_context(self.cloud)
            if self.broker is not None:
                self.broker.wait_ready()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    @staticmethod
    def _new_prefix() -> str:
        """Topics are not emptied, they are left behind: deletion takes effect some time later."""
        return f"irsa-{secrets.token_hex(4)}"

    @property
    def env(self) -> dict[str, str]:
        """What irsactl and irsa-worker need; it changes with every reset."""
        return self.cloud.env | KAFKA_ENV | {
            "IRSA_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "IRSA_TOPICS_PREFIX": self.topics_prefix,
            "IRSA_GUARDRAILS": "off",
        }

    def snapshot(self) -> dict:
        return self.cloud.snapshot()

    def put(self, document: dict) -> None:
        self.cloud.put(document)

    def reset(self) -> None:
        self.topics_prefix = self._new_prefix()
        self.cloud.reset()


def main() -> int:
    """Run a command in a real world, as `irsa-sandbox -- COMMAND` does in its own."""
    parser = argparse.ArgumentParser(prog="python -m real.world", description=main.__doc__)
    parser.add_argument("--cluster", action="append", metavar="NAME[:REGION[:ACCOUNT]]", help="default: cluster-13")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    with (tempfile.TemporaryDirectory(prefix="irsa-real-") as folder,
          RealWorld(arguments.cluster or ["cluster-13"], Path(folder) / "world") as world):
        return subprocess.call(arguments.command, env=os.environ | world.env)


if __name__ == "__main__":
    sys.exit(main())
