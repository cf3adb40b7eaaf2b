"""irsactl with a broker: what is enqueued, what is waited for, what is read. A stand-in answers in place of the worker."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time

import pytest
import yaml
from confluent_kafka import Producer
from irsactl_tools import (BY_FLAGS, CREATE, DELETE, IRSACTL, S3_READ, Answer, Broker, Worker, config, entry, environment,
                           headers_of, irsactl, on_a_terminal, publish, wait_for)


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
def three(tmp_path):
    path = tmp_path / "three.yaml"
    path.write_text(config(entry("a"), entry("b"), entry("c", "kube-system")))
    return path


# ------------------------------------------------------------------------------------------------------- enqueueing


def test_a_request_is_a_binary_cloudevent_under_the_key_of_its_account(broker):
    broker.ctl(*CREATE, "a", *BY_FLAGS, "--namespace", "apps", "--account-id", "111122223333", "--batch", "nightly").must()
    [record] = broker.read("requests")
    headers = headers_of(record)
    assert record.key() == b"us-west-2/cluster-13/apps/a"
    assert headers["content-type"] == "application/json"
    assert headers["ce_specversion"] == "1.0"
    assert headers["ce_type"] == "dev.irsa.iamserviceaccount.create.requested.v1"
    assert headers["ce_source"] == "urn:irsa:irsactl"
    assert headers["ce_subject"] == "111122223333/us-west-2/cluster-13/apps/a"
    assert headers["ce_partitionkey"] == "us-west-2/cluster-13/apps/a"
    assert headers["ce_correlationid"] == "nightly"
    assert headers["ce_id"][14] == "7"
    assert json.loads(record.value())["serviceAccount"]["attachPolicyARNs"] == [S3_READ]


def test_what_is_sent_is_what_the_client_dry_run_has_shown(broker, three):
    shown = broker.ctl(*CREATE, "-f", three, "--batch", "b", "--dry-run=client", "-o", "json").must().json
    assert broker.requests() == []
    broker.ctl(*CREATE, "-f", three, "--batch", "b").must()
    sent = {record.key().decode(): json.loads(record.value()) for record in broker.read("requests")}
    assert sent == {event["partitionkey"]: event["data"] for event in shown}


def test_the_partition_is_the_one_that_other_clients_choose(broker, three):
    broker.ctl(*CREATE, "-f", three).must()
    ours = {record.key(): record.partition() for record in broker.read("requests")}
    theirs = {}
    other = Producer({"bootstrap.servers": broker.servers, "partitioner": "murmur2_random"})
    for key in ours:
        other.produce("irsa.requests", b"{}", key=key, on_delivery=lambda _, record: theirs.update({record.key():
                                                                                                  record.partition()}))
    other.flush(10)
    assert ours == theirs


def test_receipts_name_the_record_of_each_request_in_the_order_of_the_file(broker, three):
    receipts = broker.ctl(*CREATE, "-f", three, "-o", "json").must().json
    assert [receipt["key"] for receipt in receipts] == [f"us-west-2/cluster-13/{name}"
                                                        for name in ("apps/a", "apps/b", "kube-system/c")]
    records = {headers_of(record)["ce_id"]: record for record in broker.read("requests")}
    for receipt in receipts:
        record = records[receipt["id"]]
        assert (record.topic(), record.partition(), record.offset()) == (receipt["topic"], receipt["partition"],
                                                                         receipt["offset"])


def test_the_table_of_receipts_has_a_row_for_each_request(broker, three):
    done = broker.ctl(*CREATE, "-f", three, "--batch", "b").must()
    heading, *rows = done.out.splitlines()
    assert heading.split() == ["SERVICE", "ACCOUNT", "CLUSTER", "ID", "PARTITION", "OFFSET"]
    assert [row.split()[0] for row in rows] == ["apps/a", "apps/b", "kube-system/c"]
    assert done.err.splitlines() == ["3 requests enqueued, batch b", "to see their outcomes: irsactl wait --batch b"]


def test_nothing_is_sent_when_any_file_is_wrong(broker, three):
    (three.parent / "z.yaml").write_text(config(entry("Bad_One")))
    broker.ctl(*CREATE, "-f", three.parent).must(3)
    assert broker.requests() == []


def test_delete_by_file_sends_only_when_it_is_approved_and_by_flags_at_once(broker, three):
    broker.ctl(*DELETE, "-f", three).must(0)
    assert broker.requests() == []
    broker.ctl(*DELETE, "-f", three, "--approve").must(0)
    assert [request["action"] for request in broker.requests()] == ["delete"] * 3
    broker.ctl(*DELETE, "a", "--cluster", "c", "--region", "us-west-2").must(0)
    assert len(broker.requests()) == 4


def test_topics_and_source_come_from_flag_environment_and_file_in_this_order(broker, tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"kafka:\n  bootstrap.servers: {broker.servers}\ntopics:\n  prefix: from-file\nsource: urn:file\n")
    for prefix in ("from-file", "from-env", "from-flag"):
        broker.host.list_topics(f"{prefix}.requests", timeout=10)
    send = [*CREATE, "a", *BY_FLAGS, "-o", "jsonl", "--settings", settings]
    assert irsactl(*send).must().jsonl[0]["topic"] == "from-file.requests"
    env = {"IRSA_TOPICS_PREFIX": "from-env"}
    assert irsactl(*send, env=env).must().jsonl[0]["topic"] == "from-env.requests"
    assert irsactl(*send, "--topics-prefix", "from-flag", env=env).must().jsonl[0]["topic"] == "from-flag.requests"
    shown = irsactl(*CREATE, "a", *BY_FLAGS, "--dry-run=client", "--settings", settings).must().json
    assert shown[0]["source"] == "urn:file"


def test_no_broker_ends_with_4_in_bounded_time_and_says_why():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{free.getsockname()[1]}"
    started = time.monotonic()
    refused = irsactl(*CREATE, "a", *BY_FLAGS, "-X", f"bootstrap.servers={nobody}", "--broker-timeout", "1s").must(4)
    assert time.monotonic() - started < 5
    assert nobody in refused.err and "refused" in refused.err
    assert refused.out == ""


def test_a_topic_that_is_not_there_ends_with_4_and_says_how_to_make_it():
    refused = Broker(topics=()).ctl(*CREATE, "a", *BY_FLAGS, "--topics-prefix", "never").must(4)
    assert "never.requests" in refused.err and "irsactl topics create" in refused.err


@pytest.mark.parametrize("wait", [[], ["--wait"]])
def test_what_the_producer_refuses_is_listed_and_the_rest_is_enqueued(broker, tmp_path, wait):
    statement = {"Effect": "Allow", "Action": [f"s3:Get{n}" for n in range(400)], "Resource": "*"}
    large = entry("large", attachPolicy={"Version": "2012-10-17", "Statement": [statement]})
    path = tmp_path / "c.yaml"
    path.write_text(config(entry("a"), large, entry("b")))
    partly = broker.ctl(*CREATE, "-f", path, "-X", "message.max.bytes=4000", *wait).must(5)
    assert "not enqueued: us-west-2/cluster-13/apps/large: " in partly.err
    assert "2 of 3 requests were enqueued" in partly.err
    assert [row.split()[0] for row in partly.out.splitlines()[1:]] == ([] if wait else ["apps/a", "apps/b"])
    assert sorted(record.key() for record in broker.read("requests")) == [b"us-west-2/cluster-13/apps/a",
                                                                          b"us-west-2/cluster-13/apps/b"]


def test_memory_does_not_grow_with_the_number_of_requests(broker, tmp_path):
    """A request costs some thirty bytes once it is read; if all of it were kept, 20,000 more would cost 20 MB."""
    sanitized = {"ASAN_OPTIONS": "quarantine_size_mb=1"}  # AddressSanitizer keeps what was freed

    def peak_kb(files: int) -> int:
        folder = tmp_path / str(files)
        folder.mkdir()
        for number in range(files):
            (folder / f"{number:03}.yaml").write_text(config(*(entry(f"a{n}") for n in range(100)), cluster=f"c{number}"))
        child = subprocess.Popen([IRSACTL, *CREATE, "-f", folder], env=environment(broker.env | sanitized),
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0
        return usage.ru_maxrss

    assert peak_kb(300) - peak_kb(100) < 10000


# ---------------------------------------------------------------------------------------------------------- waiting


def test_wait_shows_the_table_of_outcomes_in_the_order_of_the_file(broker, three):
    failed = Answer(["failed"])
    with Worker(broker, b=failed):
        done = broker.ctl(*CREATE, "-f", three, "--wait=30s").must(1)
    role = "arn:aws:iam::111122223333:role/cluster-13-"
    rows = [("SERVICE ACCOUNT", "CLUSTER", "OUTCOME", "ROLE ARN", "DETAIL"),
            ("apps/a", "us-west-2/cluster-13", "succeeded", f"{role}apps-a", ""),
            ("apps/b", "us-west-2/cluster-13", "failed", "", "throttled: slow down"),
            ("kube-system/c", "us-west-2/cluster-13", "succeeded", f"{role}kube-system-c", "")]
    widths = [max(map(len, column)) for column in zip(*rows)]
    assert done.out.splitlines() == ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    assert "2 succeeded, 1 failed in " in done.err


@pytest.mark.parametrize(("outcome", "code"), [("succeeded", 0), ("unchanged", 0), ("superseded", 0), ("failed", 1),
                                               ("denied", 1), ("expired", 1), ("cancelled", 1)])
def test_the_status_says_whether_every_request_ended_well(broker, outcome, code):
    with Worker(broker, a=Answer([outcome])):
        done = broker.ctl(*CREATE, "a", *BY_FLAGS, "--wait=30s").must(code)
    assert f"1 {outcome} in " in done.err


def test_a_request_that_is_retried_is_waited_for(broker):
    with Worker(broker, a=Answer(["retrying", "retrying", "succeeded"])):
        done = broker.ctl(*CREATE, "a", *BY_FLAGS, "--wait=30s", "-o", "jsonl").must(0)
    assert [result["outcome"] for result in done.jsonl] == ["succeeded"]


def test_the_first_final_result_of_a_request_counts(broker, three):
    with Worker(broker, a=Answer(["unchanged", "failed"])):
        done = broker.ctl(*CREATE, "-f", three, "--wait=30s", "-o", "jsonl").must(0)
    assert sorted(result["outcome"] for result in done.jsonl) == ["succeeded", "succeeded", "unchanged"]


def test_results_are_printed_as_they_came(broker):
    more = {"notes": ["pods-need-restart"], "somethingNew": {"since": "v1.1"}, "calls": {"iam.CreateRole": 1}}
    with Worker(broker, a=Answer(["succeeded"], more)):
        done = broker.ctl(*CREATE, "a", *BY_FLAGS, "--wait=30s", "-o", "json").must(0)
    [record] = broker.read("results")
    assert done.json == [json.loads(record.value())]


def test_results_of_other_batches_and_garbage_are_passed_over(broker):
    waiting = broker.start(*CREATE, "a", *BY_FLAGS, "--batch", "ours", "--wait=30s", "-o", "jsonl")
    [record] = wait_for(lambda: broker.read("requests"), "the request is enqueued")
    headers = headers_of(record)
    broker.produce("results", b"\x00garbage")
    broker.produce("results", None, key="tombstone")
    publish(broker, headers | {"ce_correlationid": "theirs"}, record, "failed")
    publish(broker, {name: value for name, value in headers.items() if name != "ce_correlationid"}, record, "failed")
    publish(broker, headers | {"ce_id": "another"}, record, "failed")
    publish(broker, headers, record, "succeeded")
    out, _ = waiting.communicate(timeout=30)
    assert [json.loads(line)["outcome"] for line in out.splitlines()] == ["succeeded"]
    assert waiting.returncode == 0


def test_124_when_the_wait_is_over_and_the_table_says_how_far_each_one_is(broker, three):
    with Worker(broker, b=Answer(["retrying"]), c=None):
        late = broker.ctl(*CREATE, "-f", three, "--batch", "late", "--wait=2s").must(124)
    assert [line.split()[2] for line in late.out.splitlines()[1:]] == ["succeeded", "retrying", "pending"]
    assert "1 of 3 done, 1 retrying, 1 queued" in late.err
    assert "irsactl wait --batch late" in late.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_130_when_it_is_interrupted_and_it_says_how_to_go_on(broker, number):
    waiting = broker.start(*CREATE, "a", *BY_FLAGS, "--batch", "stopped", "--wait=60s")
    wait_for(lambda: broker.read("requests"), "the request is enqueued")
    waiting.send_signal(number)
    _, told = waiting.communicate(timeout=30)
    assert waiting.returncode == 130
    assert "the requests go on; to wait again: irsactl wait --batch stopped" in told


def test_wait_finds_a_batch_that_was_enqueued_before_and_all_its_results(broker, three):
    broker.ctl(*CREATE, "-f", three, "--batch", "named").must()
    broker.ctl(*CREATE, "x", *BY_FLAGS).must()
    with Worker(broker, b=Answer(["failed"])):
        done = broker.ctl("wait", "--batch", "named", "-o", "jsonl", "--timeout", "30s").must(1)
    assert sorted(result["request"]["subject"].rpartition("/")[2] for result in done.jsonl) == ["a", "b", "c"]


def test_wait_finds_requests_by_their_ids(broker, three):
    receipts = broker.ctl(*CREATE, "-f", three, "-o", "json").must().json
    with Worker(broker):
        done = broker.ctl("wait", receipts[0]["id"], receipts[2]["id"], "--timeout", "30s").must(0)
    assert [row.split()[0] for row in done.out.splitlines()[1:]] == ["apps/a", "kube-system/c"]


def test_wait_for_a_batch_that_nobody_enqueued_is_refused(broker):
    assert "there is no request of batch nope" in broker.ctl("wait", "--batch", "nope").must(3).err


def test_a_server_dry_run_waits_and_shows_the_steps(broker):
    steps = [{"name": "create-role", "target": "arn:aws:iam::111122223333:role/r", "changed": True},
             {"name": "detach-policy", "target": "arn:aws:iam::aws:policy/p", "changed": True},
             {"name": "ensure-namespace", "target": "apps", "changed": False}]
    with Worker(broker, a=Answer(["planned"], {"steps": steps})):
        done = broker.ctl(*CREATE, "a", *BY_FLAGS, "--dry-run=server").must(0)
    assert broker.requests()[0]["options"]["dryRun"] is True
    assert "planned" in done.out
    assert "  + create-role  arn:aws:iam::111122223333:role/r" in done.out
    assert "  - detach-policy  arn:aws:iam::aws:policy/p" in done.out
    assert "ensure-namespace" not in done.out


def test_control_characters_in_results_do_not_reach_the_terminal(broker):
    error = {"code": "invalid", "message": "evil \x1b[31m\u202e\nnext", "retryable": False}
    with Worker(broker, a=Answer(["failed"], {"error": error})):
        done = broker.ctl(*CREATE, "a", *BY_FLAGS, "--wait=30s").must(1)
    assert "\x1b" not in done.out and "\u202e" not in done.out
    assert len(done.out.splitlines()) == 2


@pytest.mark.parametrize(("form", "read"), [("json", json.loads), ("jsonl", json.loads), ("yaml", yaml.safe_load)])
def test_in_data_they_are_escaped_so_that_programs_see_what_came(broker, form, read):
    error = {"code": "invalid", "message": "\x9b31m \x7f \u202e é \U0001f600", "retryable": False}
    with Worker(broker, a=Answer(["failed"], {"error": error})):
        done = broker.ctl(*CREATE, "a", *BY_FLAGS, "--wait=30s", "-o", form).must(1)
    assert not set("\x9b\x7f\u202e") & set(done.out)
    data = read(done.out)
    assert (data[0] if isinstance(data, list) else data)["error"] == error


# ------------------------------------------------------------------------------------------------------ a terminal


def test_on_a_terminal_there_is_a_bar_and_colour_and_none_with_no_color(broker, three):
    with Worker(broker, b=None):
        code, text = on_a_terminal(*CREATE, "-f", three, "--wait=1500ms", env=broker.env)
    assert code == 124
    assert "[##############--------] 2 of 3 done, 1 queued" in text
    assert "\x1b[32msucceeded\x1b[0m" in text
    with Worker(broker):
        _, text = on_a_terminal(*CREATE, "-f", three, "--wait=30s", env=broker.env | {"NO_COLOR": "1"})
    assert "succeeded" in text and "\x1b[32m" not in text


def test_elsewhere_there_is_neither(broker, three):
    with Worker(broker, b=None):
        done = broker.ctl(*CREATE, "-f", three, "--wait=1s").must(124)
    assert "\x1b" not in done.out + done.err and "\r" not in done.err and "[##" not in done.err


# ---------------------------------------------------------------------------------------------------------- reading


@pytest.fixture
def settled(broker, three):
    """Three requests of batch b with their results: one was retried and failed."""
    with Worker(broker, b=Answer(["retrying", "failed"])):
        broker.ctl(*CREATE, "-f", three, "--batch", "b", "--wait=30s").must(1)
        broker.ctl(*CREATE, "x", *BY_FLAGS, "--batch", "other", "--wait=30s").must(0)
    return broker


def test_results_shows_everything_a_batch_or_some_outcomes(settled):
    def outcomes(*flags):
        return sorted(result["outcome"] for result in settled.ctl("results", *flags, "-o", "jsonl").must().jsonl)

    assert outcomes() == ["failed", "retrying", "succeeded", "succeeded", "succeeded"]
    assert outcomes("--batch", "b") == ["failed", "retrying", "succeeded", "succeeded"]
    assert outcomes("--batch", "b", "--outcome", "failed,retrying") == ["failed", "retrying"]
    assert outcomes("--since", "1h") == outcomes()
    assert outcomes("--since", "2100-01-01T00:00:00Z") == []


def test_the_table_of_results_has_a_row_for_each_attempt(settled):
    heading, *rows = settled.ctl("results", "--batch", "b").must().out.splitlines()
    assert heading.split()[:3] == ["TIME", "ACTION", "OUTCOME"]
    assert all(row.split()[1] == "create" for row in rows)
    assert len(rows) == 4
    [failed] = [row for row in rows if " failed " in row]
    assert "apps/b" in failed and failed.endswith("throttled: slow down")


def test_follow_goes_on_with_what_comes_until_it_is_stopped(settled):
    following = settled.start("results", "--follow", "--batch", "later", "-o", "jsonl")
    try:
        with Worker(settled):
            settled.ctl(*CREATE, "y", *BY_FLAGS, "--batch", "later").must()
            result = json.loads(following.stdout.readline())
        assert result["request"]["subject"].endswith("/y")
        following.send_signal(signal.SIGINT)
        assert following.wait(10) == 130
    finally:
        following.kill()
        following.communicate()


def test_get_shows_the_latest_state_and_forgets_what_has_a_tombstone(broker):
    def state(name: str, outcome: str, observed: str = "present") -> str:
        return json.dumps({"request": {"id": "1", "subject": name}, "outcome": outcome, "observed": observed,
                           "roleARN": f"arn:aws:iam::111122223333:role/{name.rpartition('/')[2]}"})

    def put(name: str, *arguments) -> None:
        broker.produce("state", state(name, *arguments) if arguments else None, key=name)

    account = "111122223333/us-west-2"
    put(f"{account}/one/apps/b", "succeeded")
    put(f"{account}/one/apps/a", "failed", "unknown")
    put(f"{account}/one/apps/a", "succeeded")
    put(f"{account}/two/apps/a", "succeeded")
    put(f"{account}/one/apps/gone", "succeeded")
    put(f"{account}/one/apps/gone")
    put(f"{account}/one", "succeeded")
    subjects = [each["request"]["subject"] for each in broker.ctl("get", "iamserviceaccount", "-o", "json").must().json]
    assert subjects == [f"{account}/one/apps/a", f"{account}/one/apps/b", f"{account}/two/apps/a"]
    one = broker.ctl("get", "iamserviceaccounts", "a", "--cluster", "one").must()
    assert [line.split() for line in one.out.splitlines()[1:]] == [
        ["apps/a", "us-west-2/one", "present", "succeeded", "arn:aws:iam::111122223333:role/a"]]
    assert broker.ctl("get", "iamserviceaccount", "--namespace", "none").must().err == "no iamserviceaccounts found\n"


def test_topics_that_are_missing_fail_the_check(broker):
    found = broker.ctl("topics", "check", "--topics-prefix", "never", "-o", "json").must(1).json
    assert {each["state"] for each in found} == {"missing"}
    assert [each["topic"] for each in found] == [f"never.{name}" for name in ("requests", "results", "state",
                                                                             "dead-letters", "control")]


def test_topics_that_exist_are_left_as_they_are(broker):
    made = broker.ctl("topics", "create", "--partitions", "48", "-o", "json").must(0).json
    assert {(each["state"], each["partitions"]) for each in made} == {("exists", 4)}


# ------------------------------------------------------------------------------------------------------- no broker


@pytest.mark.parametrize(("servers", "reason"), [("127.0.0.1:1", "Connection refused"),
                                                 ("no-such-host.invalid:9092", "resolve")])
@pytest.mark.parametrize("command", [("results",), ("get", "iamserviceaccount"), ("topics", "check"), ("lag",),
                                     ("retry", "x"), (*CREATE, "a", *BY_FLAGS)], ids=" ".join)
def test_a_broker_that_cannot_be_reached_is_named_in_one_line_with_the_reason(command, servers, reason):
    said = irsactl(*command, "-X", f"bootstrap.servers={servers}", "--broker-timeout", "500ms")
    assert said.code == 4 and said.out == ""
    [line] = said.err.splitlines()
    assert servers in line and reason in line


def test_a_broker_is_named_by_whichever_of_its_settings_was_given():
    said = irsactl("results", "-X", "metadata.broker.list=127.0.0.1:1", "--broker-timeout", "500ms").must(4)
    assert "no broker answers at 127.0.0.1:1:" in said.err


@pytest.mark.parametrize("prefix", ["x" * 600, "a b"])
@pytest.mark.parametrize("command", [("results",), ("get", "iamserviceaccount"), ("topics", "check"), ("lag",),
                                     ("retry", "x"), ("wait", "x"), (*CREATE, "a", *BY_FLAGS)], ids=" ".join)
def test_a_prefix_that_no_topic_can_have_is_refused_by_every_command(command, prefix):
    said = irsactl(*command, "-X", "bootstrap.servers=127.0.0.1:1", "--broker-timeout", "500ms",
                   "--topics-prefix", prefix).must(2)
    assert "--topics-prefix" in said.err
