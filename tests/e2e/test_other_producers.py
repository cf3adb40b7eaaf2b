"""Whoever has a Kafka client can enqueue: kcat, a program in Python, the README's own lines."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .broker import key_of, structured
from .expect import bare_identity, final_id
from .programs import environment

HERE = Path(__file__).parent
README = HERE.parents[1] / "README.md"


def run(*argv, input=None):
    done = subprocess.run(argv, input=input, capture_output=True, text=True, env=environment(), timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def settled(site, names):
    """The final results for these accounts of the site, once all are there."""
    wanted = {site.subject(name): name for name in names}
    found = {}
    site.broker.results.wait(
        lambda record: record.is_final and record.data["request"].get("subject") in wanted
        and found.setdefault(wanted[record.data["request"]["subject"]], record) and len(found) == len(wanted),
        f"results for {len(wanted)} accounts")
    return found


def test_ten_lines_of_bare_json_from_kcat_are_ten_requests(site):
    names = [f"bare-{n}" for n in range(10)]
    lines = "".join(json.dumps(site.create(name)) + "\n" for name in names)
    run("kcat", "-P", "-b", site.broker.servers, "-t", site.broker.requests_topic, input=lines)
    results = settled(site, names)
    for result in results.values():
        request = result.data["request"]
        source, id = bare_identity(site.broker.requests_topic, request["partition"], request["offset"])
        assert (request["source"], request["id"]) == (source, id)
        assert result.id == final_id(source, id)
        assert result.outcome == "succeeded"
        assert result.data["keyed"] is False, "kcat gave no key, so the order across partitions is not promised"
    assert sorted(site.accounts()) == names
    assert all(site.is_pair(name) for name in names)


def test_a_python_program_with_structured_events_enqueues_the_same_work(site):
    names = [f"structured-{n}" for n in range(10)]
    lines = "".join(json.dumps(site.create(name)) + "\n" for name in names)
    source = "urn:example:portal"
    ids = run(sys.executable, str(HERE / "enqueue.py"), site.broker.servers, site.broker.requests_topic, source,
              input=lines).split()
    results = site.broker.finals(ids)
    for id, name in zip(ids, names, strict=True):
        result = results[id]
        assert result.data["request"]["source"] == source
        assert result.id == final_id(source, id)
        assert result.data["request"]["subject"] == site.subject(name)
        assert (result.outcome, result.batch) == ("succeeded", "nightly")
        assert "keyed" not in result.data
    assert all(site.is_pair(name) for name in names)


def of_this_site(site, text):
    """The README's example, at the test's own place."""
    for example, own in (("kafka:9092", site.broker.servers), ("irsa.requests", site.broker.requests_topic),
                         ("cluster-13", site.cluster.name), ("backend-apps", site.namespace)):
        assert example in text, f"the README's example lacks {example}"
        text = text.replace(example, own)
    return text


def test_the_readmes_lines_for_kcat_work(site):
    [lines] = re.findall(r"^### From kcat\n\n((?:    .*\n)+)", README.read_text(), re.MULTILINE)
    script = of_this_site(site, re.sub(r"^    ", "", lines, flags=re.MULTILINE))
    run("bash", "-euc", script)
    assert settled(site, ["s3-reader"])["s3-reader"].outcome == "succeeded"
    assert site.is_pair("s3-reader")


def test_the_readmes_program_in_python_works(site):
    [program] = re.findall(r"^### From Python\n\n```python\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    run(sys.executable, "-c", of_this_site(site, program))
    result = settled(site, ["s3-reader"])["s3-reader"]
    assert result.outcome == "succeeded"
    assert result.data["request"]["source"] == "urn:example:portal"
    assert "keyed" not in result.data


def test_structured_is_known_by_its_specversion_when_there_are_no_headers(site):
    data = site.create("reader")
    site.broker.produce_one(json.dumps(structured(data, "no-headers")).encode(), key_of(data))
    result = site.broker.final("no-headers")
    assert (result.outcome, result.data["request"]["source"]) == ("succeeded", "urn:irsa:e2e")


def test_binary_mode_takes_id_and_source_from_headers_of_which_the_last_counts(site):
    data = site.create("reader")
    headers = [("ce_specversion", b"1.0"), ("ce_id", b"not-this"), ("ce_source", b"urn:example:ci"),
               ("ce_type", b"dev.irsa.iamserviceaccount.create.requested.v1"), ("ce_id", b"but-this"),
               ("content-type", b"application/json"), ("ce_correlationid", b"a-batch")]
    site.broker.produce_one(json.dumps(data).encode(), key_of(data), headers)
    result = site.broker.final("but-this")
    assert (result.outcome, result.batch) == ("succeeded", "a-batch")
    assert result.id == final_id("urn:example:ci", "but-this")


def test_a_trace_goes_through_from_the_request_to_its_result(site):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    data = site.create("reader")
    site.broker.produce_one(json.dumps(structured(data, f"traced-{site.namespace}")).encode(), key_of(data),
                            [("traceparent", trace.encode()), ("tracestate", b"vendor=1")])
    result = site.broker.final(f"traced-{site.namespace}")
    assert (result.texts["traceparent"], result.texts["tracestate"]) == (trace, "vendor=1")


def test_a_dead_letter_that_is_sent_again_has_a_final_result_of_its_own(site):
    """Otherwise whoever drops repeats by their id would miss it."""
    data = site.create("reader")
    id = f"replayed-{site.namespace}"
    for replays in (0, 1):
        site.broker.produce_one(json.dumps(structured(data, id)).encode(), key_of(data),
                                [("irsa_replays", str(replays).encode())])
    site.broker.results.wait(lambda record: record.id == final_id("urn:irsa:e2e", id, 1), "the replay's result")
    assert [record.id for record in site.broker.results_of(id)] == [
        final_id("urn:irsa:e2e", id, replays) for replays in (0, 1)]


def test_a_request_that_has_expired_is_not_begun(site):
    data = site.create("late")
    id = f"late-{site.namespace}"
    site.broker.produce_one(json.dumps(structured(data, id, expirytime="2026-01-01T00:00:00Z")).encode(), key_of(data))
    result = site.broker.final(id)
    assert (result.outcome, result.calls, result.changed) == ("expired", {}, [])
    assert site.accounts() == {} and site.roles() == {}


@pytest.mark.parametrize("account", ["a", "reader", "x" * 40, "with.dots"])
def test_results_are_on_the_partition_that_murmur2_gives_their_key(site, account):
    """Other languages' clients must be able to say where a key is: Java's partitioner, computed here anew."""
    data = site.create(account)
    id = f"{site.namespace}-{account}"
    place = site.broker.produce_one(json.dumps(structured(data, id)).encode(), key_of(data))
    result = site.broker.final(id)
    expected = (murmur2(key_of(data).encode()) & 0x7FFFFFFF) % len(site.broker.results.ends())
    assert result.partition == expected
    assert place[0] == expected, "requests and results have as many partitions"


def murmur2(data: bytes) -> int:
    """MurmurHash2 with Kafka's seed, in 32 bits."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(data)
    whole = len(data) // 4 * 4
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at:at + 4], "little") * m & mask
        h = (h * m & mask) ^ ((k ^ k >> 24) * m & mask)
    if rest := data[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15
