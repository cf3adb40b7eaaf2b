"""The session's world, and who may be on it.

Starting a world takes seconds, and so does joining a consumer group, so both are shared as far as it is safe. A worker
caches what it knows of clusters; a world that is emptied under a running worker would be another one than it believes.
Therefore tests get the world in one of two ways:

- `Stage.shared`: a worker that runs for many tests, on a cluster with an OIDC provider; each test has a namespace of
  its own, and nothing is emptied.
- `Stage.fresh`: an empty world with topics of its own and no worker. A shared worker is stopped first.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping
from pathlib import Path

from .broker import Broker
from .places import Cluster, Site
from .programs import Ctl, Worker, environment

CLUSTERS = ("cluster-13:us-west-2:111122223333", "cluster-14:us-west-2:111122223333", "cluster-15:eu-west-1:111122223333")
PARTITIONS = 4


class Stage:
    def __init__(self, world, bin_dir: Path, workdir: Path):
        self.world = world
        self.cloud = getattr(world, "cloud", world)  # where faults, calls and the model are, if anywhere
        self.supports = world.supports
        self.bin_dir = bin_dir
        self.workdir = workdir
        self.clusters = {cluster.name: cluster for cluster in map(Cluster.parse, CLUSTERS)}
        self.broker: Broker
        self.issuers: dict[str, str]
        self._worker: Worker | None = None
        self._numbers = itertools.count(1)

    def close(self) -> None:
        self._stop_shared()
        self._close_broker()

    # --- the two ways -------------------------------------------------------------------------------------------------

    def fresh(self) -> None:
        """An empty world, topics of its own, no worker."""
        self._stop_shared()
        self._close_broker()
        self.world.reset()
        if "real-kafka" in self.supports:
            self.ctl()("topics", "create", "--partitions", str(PARTITIONS), "--replication-factor", "1").must()
        self.issuers = {id: cluster["issuer"] for id, cluster in self.world.snapshot()["clusters"].items()}
        env = self.world.env
        self.broker = Broker(env["IRSA_KAFKA_BOOTSTRAP_SERVERS"], env.get("IRSA_TOPICS_PREFIX", "irsa"))

    def shared(self, cluster: str = "cluster-14") -> Site:
        """A namespace that nobody has used, on a cluster that has a provider, and a worker that runs."""
        if self._worker is None:
            self.fresh()
            for each in self.clusters.values():
                self.put_provider(each)
            self._worker = self.worker().wait_started()
        assert self._worker.is_running, f"the shared worker has ended:\n{self._worker.child.log_tail()}"
        return Site(self, self.clusters[cluster], f"t-{secrets.token_hex(4)}", self._worker)

    def site(self, cluster: str, namespace: str) -> Site:
        """A namespace of a fresh world."""
        return Site(self, self.clusters[cluster], namespace, None)

    # --- programs -----------------------------------------------------------------------------------------------------

    def ctl(self) -> Ctl:
        return Ctl(self.bin_dir / "irsactl", self.world.env)

    def worker(self, *arguments: str, **settings: str | None) -> Worker:
        """Start one with settings as environment variables; None takes one away."""
        log = self.workdir / f"worker-{next(self._numbers)}.log"
        return Worker(self.bin_dir / "irsa-worker", environment(self.world.env, settings), log, arguments)

    # --- the world ----------------------------------------------------------------------------------------------------

    def put_provider(self, cluster: Cluster) -> None:
        """The cluster's OIDC provider, made by somebody else."""
        self.world.put({"accounts": {cluster.account: {"oidcProviders": [
            {"url": self.issuers[cluster.id], "clientIDs": ["sts.amazonaws.com"]}]}}})

    def put_roles(self, account: str, *roles: dict) -> None:
        self.world.put({"accounts": {account: {"roles": list(roles)}}})

    def put_accounts(self, cluster: Cluster, *metadata: dict, manager: str = "kubectl", operation: str = "Apply") -> None:
        """Service accounts that somebody else made."""
        self.world.put({"clusters": {cluster.id: {"serviceAccounts": [
            {"metadata": each, "fieldManager": manager, "operation": operation} for each in metadata]}}})

    # --- faults, where they can be had --------------------------------------------------------------------------------

    def faults(self, *faults: dict) -> None:
        self.cloud.faults(list(faults))

    def end_of_test(self) -> None:
        """Take away what a test has asked for of the simulated services, and judge what it has read."""
        if "faults" in self.supports:
            self.cloud.calm()
        self.broker.check_contract()

    # --- private ------------------------------------------------------------------------------------------------------

    def _stop_shared(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()

    def _close_broker(self) -> None:
        if hasattr(self, "broker"):
            self.broker.close()
            del self.broker


def bin_dir_of(variables: Mapping[str, str]) -> Path:
    """Where the programs are: IRSA_BIN_DIR, else where `./dev build dev` puts them."""
    folder = Path(variables.get("IRSA_BIN_DIR") or Path(__file__).resolve().parents[2] / "build/dev/bin")
    missing = [name for name in ("irsa-worker", "irsactl", "irsa-sandbox") if not (folder / name).exists()]
    assert not missing, f"{folder} lacks {', '.join(missing)}: build them, or set IRSA_BIN_DIR"
    return folder.resolve()
