"""Points of the torture test through a real worker: a call is lost, or the worker is killed in the middle of it.

The world ends as the undisturbed one.

Every point of every shape is played in process (tests/component/provision_torture_component_test.c). Each point here is a
request of its own, for a service account of that name; a round plays all of them in a fresh world.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from .differences import differences
from .places import DYNAMODB_READ, S3_READ, Site
from .programs import Worker
from .records import Result
from .stage import Stage
from .waiting import wait_for

pytestmark = pytest.mark.needs("faults")

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}
HELD_MS = 600_000  # longer than any test: a held call is ended by its caller's death
WAYS = {"before": {"kind": "reset", "when": "before"},
        "after": {"kind": "reset", "when": "after"},
        "cut": {"kind": "truncate", "when": "after"}}
DIFFERS = ("roleId", "uid")  # of things that are made anew


@dataclass(frozen=True)
class Point:
    """One call of one request, and when and how its connection breaks."""

    name: str  # of the service account
    action: str
    service: str
    call: str
    nth: int = 1
    cluster: str = "cluster-14"  # where all has been looked at before, and what is updated or deleted has been made
    namespace: str = "apps"  # it is there
    fields: tuple[tuple[str, object], ...] = ()
    way: str = ""

    def in_way(self, way: str) -> Point:
        namespace = self.namespace if self.namespace == "apps" else f"{self.namespace}-{way}"
        return replace(self, name=f"{self.name}-{way}", namespace=namespace, way=way)

    def fault(self, **more: object) -> dict:
        return {"service": self.service, "action": self.call, "nth": self.nth, **WAYS[self.way], **more}

    def request(self, site: Site) -> dict:
        if self.action == "associate-oidc":
            return site.request(self.action)
        return site.request(self.action, self.name, **dict(self.fields))


def fields(**of_entry: object) -> tuple[tuple[str, object], ...]:
    return tuple(of_entry.items())


FULL = fields(attachPolicyARNs=[S3_READ, DYNAMODB_READ], attachPolicy=POLICY, tags={"team": "a"})
OTHER = fields(attachPolicyARNs=[DYNAMODB_READ], metadata={"annotations": {"note": "x"}})
WITH_OIDC = (*FULL, ("options", {"withOIDC": True}))

CALLS = [
    Point("create-look", "create", "kubernetes", "get", fields=FULL),
    Point("create-role", "create", "iam", "CreateRole", fields=FULL),
    Point("create-second-policy", "create", "iam", "AttachRolePolicy", nth=2, fields=FULL),
    Point("create-inline-policy", "create", "iam", "PutRolePolicy", fields=FULL),
    Point("create-account", "create", "kubernetes", "apply", fields=FULL),
    Point("create-namespace", "create", "kubernetes", "create-namespace", namespace="new", fields=FULL),
    Point("update-tags", "update", "iam", "TagRole", fields=OTHER),
    Point("update-policies", "update", "iam", "DetachRolePolicy", fields=OTHER),
    Point("update-account", "update", "kubernetes", "apply", fields=OTHER),
    Point("delete-account", "delete", "kubernetes", "delete"),
    Point("delete-policy", "delete", "iam", "DetachRolePolicy"),
    Point("delete-role", "delete", "iam", "DeleteRole"),
]
POINTS = [point.in_way(way) for way in WAYS for point in CALLS] + [
    # A provider is made once for a cluster.
    Point("with-provider", "create", "iam", "CreateOpenIDConnectProvider", cluster="cluster-13",
          fields=WITH_OIDC).in_way("before"),
    Point("associate", "associate-oidc", "iam", "CreateOpenIDConnectProvider", cluster="cluster-15").in_way("after"),
]
# In whose call everything was done when the worker was killed: the next one may find it unchanged.
ALL_DONE = frozenset(f"{name}-{way}" for name in ("create-account", "update-account", "delete-role", "associate")
                     for way in ("after", "cut"))


class Round:
    """All points in a fresh world; what is updated or deleted is made first."""

    def __init__(self, stage: Stage, start: Callable[..., Worker]):
        self.stage = stage
        self.start = start
        stage.put_provider(stage.clusters["cluster-14"])
        stage.world.put({"clusters": {cluster.id: {"namespaces": ["apps"]} for cluster in stage.clusters.values()}})
        self.worker = self.start_worker()
        made = [self.site(point).create(point.name, **dict(FULL)) for point in POINTS if point.action in ("update", "delete")]
        assert {result.outcome for result in Site.do(self.site(POINTS[0]), *made)} == {"succeeded"}

    def start_worker(self) -> Worker:
        """It may hold an executor for each point, all but one on the same cluster."""
        return self.start(IRSA_EXECUTORS_PER_CLUSTER=str(len(POINTS)))

    def site(self, point: Point) -> Site:
        return self.stage.site(point.cluster, point.namespace)

    def play(self, disturb: Callable[[Point], dict | None], wait: Callable[[str], object]) -> dict[str, str]:
        """One point after the other: script its fault, enqueue its request, wait for what becomes of it; ids by point."""
        ids = {}
        for point in POINTS:
            self.stage.cloud.control("DELETE", "/faults")
            if (fault := disturb(point)) is not None:
                self.stage.faults(fault)
            [ids[point.name]] = self.stage.broker.enqueue([point.request(self.site(point))])
            wait(ids[point.name])
        return ids

    def settle(self, ids: dict[str, str]) -> dict[str, Result]:
        """Each request has one final result in all; by point."""
        found = self.stage.broker.finals(ids.values())
        counts = Counter(record.request_id for record in self.stage.broker.results.all() if record.is_final)
        assert {name: counts[id] for name, id in ids.items()} == dict.fromkeys(ids, 1)
        return {name: found[id] for name, id in ids.items()}

    def world(self) -> object:
        return without_chance(self.stage.world.snapshot())


def without_chance(value: object, key: str = "") -> object:
    """A snapshot without made-up ids; a mark says which record wrote last, not in which topic and when."""
    if isinstance(value, dict):
        return {name: without_chance(each, name) for name, each in value.items() if name not in DIFFERS}
    if isinstance(value, list):
        return [without_chance(each) for each in value]
    return "/".join(value.split("/")[1:3]) if key == "irsa.dev/request" else value


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, object]:
    """The world that must come out; played once, by the first who asks."""
    return {}


def expected_world(undisturbed: dict[str, object], stage: Stage, worker: Callable[..., Worker]) -> object:
    if "world" not in undisturbed:
        calm = Round(stage, worker)
        ids = calm.play(lambda point: None, lambda id: stage.broker.final(id))
        assert {result.outcome for result in calm.settle(ids).values()} == {"succeeded"}
        undisturbed["world"] = calm.world()
        calm.worker.stop()
        stage.fresh()
    return undisturbed["world"]


def check(disturbed: Round, ids: dict[str, str], expected: object, may_be_unchanged: frozenset[str] = frozenset()) -> None:
    results = disturbed.settle(ids)
    found = differences(expected, disturbed.world(), {})
    assert not found, f"not as in the undisturbed world: {sorted(found)}"
    others = {name: str(result) for name, result in results.items() if result.outcome != "succeeded"}
    assert others.keys() <= may_be_unchanged, others
    assert {results[name].outcome for name in others} <= {"unchanged"}


def test_a_call_that_is_lost_makes_no_difference(world, worker, undisturbed):
    expected = expected_world(undisturbed, world, worker)
    lost = Round(world, worker)
    missed = []

    def wait(id: str) -> None:
        world.broker.final(id)
        [fault] = world.cloud.control("GET", "/faults")
        if fault["seen"] < fault["nth"]:
            missed.append(fault)

    ids = lost.play(Point.fault, wait)
    assert missed == [], "not every call was lost"
    # libcurl itself sends again on a reused connection that was reset, and a provider that is there then may be anybody's.
    check(lost, ids, expected, may_be_unchanged=frozenset({"associate-after"}))


def test_a_worker_that_is_killed_in_a_call_is_taken_over_from(world, worker, undisturbed):
    """Every point is held in its call at the same time when the worker is killed; a new one gets all requests again."""
    expected = expected_world(undisturbed, world, worker)
    killed = Round(world, worker)

    def wait(id: str) -> None:
        wait_for(lambda: all(fault["seen"] >= fault["nth"] for fault in world.cloud.control("GET", "/faults")),
                 "the call is there")

    ids = killed.play(lambda point: point.fault(delayMs=HELD_MS), wait)
    killed.worker.kill()
    said = [str(record) for record in world.broker.results.all() if record.request_id in ids.values()]
    assert said == [], "no request had been settled"
    world.cloud.calm()
    killed.start_worker()
    check(killed, ids, expected, may_be_unchanged=ALL_DONE)
