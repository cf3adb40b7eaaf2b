"""What a kubelet and Prometheus see of a worker. Prometheus' own Python client is the reader of the metrics."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from .waiting import wait_for

DOCS = Path(__file__).resolve().parents[2] / "docs/metrics.md"


class Monitor:
    def __init__(self, program, latest: bool = False):
        """Of its first process, or of the latest of those that its supervisor has started and that listen by now."""
        listening = program.wait_for(lambda line: line["event"] == "monitor.listening", "monitor.listening")
        if latest:
            listening = program.events("monitor.listening")[-1]
        self.url = f"http://{listening['address']}:{listening['port']}"

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=10)

    def families(self) -> dict:
        answer = self.get("/metrics")
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        return {family.name: family for family in text_string_to_metric_families(answer.text)}

    def samples(self, name: str) -> dict[tuple, float]:
        """By their labels' values, sorted by the labels' names."""
        return {tuple(value for _, value in sorted(sample.labels.items())): sample.value
                for family in self.families().values() for sample in family.samples if sample.name == name}


def test_it_is_alive_at_once_and_ready_when_it_has_joined(world, worker):
    monitor = Monitor(worker("--listen", "127.0.0.1:0"))
    assert monitor.get("/healthz").status_code == 200
    wait_for(lambda: monitor.get("/readyz").status_code == 200, "readiness")


def test_the_metrics_tell_attempts_calls_and_partitions(world, kafka, worker):
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "measured")
    monitor = Monitor(worker("--listen", "127.0.0.1:0"))
    [good] = kafka.enqueue([site.create("reader")])
    kafka.produce([b"garbage"])
    assert kafka.final(good).outcome == "succeeded"
    attempts = wait_for(lambda: (found := monitor.samples("irsa_attempts_total")) and len(found) == 2 and found,
                        "both attempts")
    assert attempts == {("create", "", "succeeded"): 1, ("unknown", "schema", "failed"): 1}
    assert monitor.samples("irsa_calls_total")[("CreateRole", "iam", "2xx")] == 1
    buckets = {key[1]: value for key, value in monitor.samples("irsa_call_duration_seconds_bucket").items()
               if key[0] == "CreateRole"}
    assert buckets["+Inf"] == 1 == monitor.samples("irsa_call_duration_seconds_count")[("CreateRole", "iam")]
    assert sorted(buckets.values()) == [buckets[bound] for bound in sorted(buckets, key=float)]
    wait_for(lambda: sum(monitor.samples("irsa_partition_watermark_offset").values()) == 2, "watermarks of two requests")
    assert set(monitor.samples("irsa_partition_incomplete_offsets").values()) == {0}
    assert monitor.samples("irsa_requests_settled_total") == {(): 2}


def test_each_metric_is_documented_and_each_documented_one_is_there(world, kafka, worker):
    documented = set(re.findall(r"^\| `(irsa_\w+)`", DOCS.read_text(), re.MULTILINE))
    monitor = Monitor(worker("--listen", "127.0.0.1:0"))
    told = {family.name + ("_total" if family.type == "counter" else "") for family in monitor.families().values()}
    assert told == documented


def test_halted_it_is_alive_and_not_ready(world, kafka, worker):
    program = world.worker("--listen", "127.0.0.1:0", AWS_SECRET_ACCESS_KEY="wrong")
    monitor = Monitor(program)
    program.wait_for(lambda line: line["event"] == "worker.halted", "worker.halted")
    assert monitor.get("/readyz").status_code == 503
    assert monitor.get("/healthz").status_code == 200
    program.terminate()
    program.wait_gone()


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 404), ("GET", "/metrics/x", 404),
                                                        ("POST", "/metrics", 405), ("HEAD", "/healthz", 200)])
def test_there_are_three_paths_and_no_more(worker, method, path, status):
    monitor = Monitor(worker("--listen", "127.0.0.1:0"))
    assert requests.request(method, monitor.url + path, timeout=10).status_code == status


@pytest.mark.parametrize("listen", ["9464", "127.0.0.1:", "127.0.0.1:65536", "somewhere:9464", ":9464"])
def test_an_address_that_is_none_is_refused_in_words(world, listen):
    program = world.worker("--listen", listen)
    assert program.wait_gone(10) != 0
    assert listen.split(":")[0] in program.events("worker.failed")[0]["error"]
