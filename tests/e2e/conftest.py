"""Worlds, and what a test gets of them. stage.py says how they are shared."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from real.world import RealCloud, RealWorld

from .broker import Broker
from .groups import Group
from .places import Site
from .programs import Ctl, Worker
from .sandbox_world import SandboxWorld
from .stage import CLUSTERS, Stage, bin_dir_of

REAL_KAFKA = frozenset({"real-kafka"})
SUPPORTS = {
    "sandbox": SandboxWorld.supports | {"broker"},
    "real": RealCloud.supports | REAL_KAFKA,
    "kafka": SandboxWorld.supports | REAL_KAFKA,
}
SECONDS_PER_TEST = 120


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--world", choices=sorted(SUPPORTS), default="sandbox",
                     help="sandbox: all of it simulated; real: Apache Kafka, kube-apiserver, moto; "
                          "kafka: Apache Kafka with the sandbox's AWS and Kubernetes")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*features): runs only in worlds that support all of them")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this world cannot show, so that what is counted was run, and put the shared worker's tests first."""
    supports = SUPPORTS[config.getoption("--world")]
    left_out = [item for item in items if not needs_of(item) <= supports]
    config.hook.pytest_deselected(items=left_out)
    items[:] = sorted((item for item in items if item not in left_out), key=lambda item: "site" not in item.fixturenames)
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(SECONDS_PER_TEST))


def needs_of(item: pytest.Item) -> frozenset[str]:
    return frozenset(feature for marker in item.iter_markers("needs") for feature in marker.args)


def make_world(kind: str, bin_dir: Path, workdir: Path) -> SandboxWorld | RealWorld:
    clusters = list(CLUSTERS)
    if kind == "sandbox":
        return SandboxWorld(clusters, workdir, bin_dir)
    cloud = SandboxWorld(clusters, workdir / "sandbox", bin_dir, broker=False) if kind == "kafka" else None
    return RealWorld(clusters, workdir, cloud=cloud)


@pytest.fixture(scope="session")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    kind = request.config.getoption("--world")
    bin_dir = bin_dir_of(os.environ)
    with make_world(kind, bin_dir, tmp_path_factory.mktemp("world")) as world:
        assert world.supports >= SUPPORTS[kind], "tests were chosen for another world"
        stage = Stage(world, bin_dir, tmp_path_factory.mktemp("workers"))
        try:
            yield stage
        finally:
            stage.close()


@pytest.fixture
def site(stage: Stage) -> Iterator[Site]:
    """A namespace of the test's own on a cluster that other tests use too, and the shared worker."""
    yield stage.shared()
    stage.end_of_test()


@pytest.fixture
def world(stage: Stage) -> Iterator[Stage]:
    """The world, emptied; the test brings its own workers."""
    stage.fresh()
    yield stage
    stage.end_of_test()


@pytest.fixture
def slow(world: Stage) -> Stage:
    """The world, in which work is still under way when something happens to its workers; moto is slow by itself."""
    if "latency" in world.supports:
        world.cloud.model({"latencyMs": {"iam": 20, "kubernetes": 5}})
    world.put_provider(world.clusters["cluster-14"])
    return world


@pytest.fixture
def worker(world: Stage) -> Iterator[Callable[..., Worker]]:
    """Starts workers with settings as environment variables; each that still runs is drained at the end."""
    started: list[Worker] = []

    def start(*arguments: str, **settings: str | None) -> Worker:
        started.append(world.worker(*arguments, **settings))
        return started[-1].wait_started()

    yield start
    for each in started:
        if each.is_running:
            each.stop()


@pytest.fixture
def irsactl(world: Stage) -> Ctl:
    return world.ctl()


@pytest.fixture
def kafka(world: Stage) -> Broker:
    return world.broker


@pytest.fixture
def group(kafka: Broker) -> Group:
    """The workers' group, as others see it; on real Kafka only."""
    return Group(kafka)
