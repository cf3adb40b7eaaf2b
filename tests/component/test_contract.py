"""The contract as C writes and reads it, held against Python's own idea of it and against the schemas.

Our side is the program irsa-contract, one JSON line per question. Generated texts are drawn with a fixed seed; IRSA_SEED
draws others.
"""

import hashlib
import json
import os
import random
import subprocess
import uuid
from pathlib import Path

import pytest
from test_schemas import EXAMPLES, faults, read, valid_examples

ROOT = Path(__file__).resolve().parents[2]
TESTS_DIR = Path(os.environ.get("IRSA_TESTS_DIR", ROOT / "build/dev/tests"))
SEED = int(os.environ.get("IRSA_SEED", "20261124"))
PIECES = ["a", "Z", "0", ":", "/", "-", " ", '"', "\\", "é", "日本", "😀", "urn:irsa:irsactl", "\u0301", "~1", "{}"]


@pytest.fixture(scope="module")
def ask():
    program = TESTS_DIR / "irsa-contract"
    if not os.access(program, os.X_OK):
        pytest.fail(f"{program} is missing: build the project first (./dev build dev), or set IRSA_TESTS_DIR")

    def run(questions):
        lines = "".join(json.dumps(question) + "\n" for question in questions)
        done = subprocess.run([program], input=lines.encode(), capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        answers = [json.loads(line, parse_float=str) for line in done.stdout.decode("utf-8").splitlines()]
        assert len(answers) == len(questions)
        return answers

    return run


def text(draw):
    return "".join(draw.choice(PIECES) for _ in range(draw.randint(1, 12)))


def uuid8(*fields):
    digest = bytearray(hashlib.sha256(b"".join(field.encode() + b"\0" for field in fields)).digest()[:16])
    digest[6] = 0x80 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(digest)))


def test_ids_of_results_are_what_hashlib_and_uuid_make_of_the_request(ask):
    draw = random.Random(SEED)
    questions, wanted = [], []
    for _ in range(500):
        source, name, replays, attempt = text(draw), text(draw), draw.choice([0, 1, 2, 10, 999999]), draw.randint(1, 99)
        questions.append({"do": "final-id", "source": source, "id": name, "replays": replays})
        wanted.append(uuid8("final", source, name, str(replays)))
        questions.append({"do": "retrying-id", "source": source, "id": name, "replays": replays, "attempt": attempt})
        wanted.append(uuid8("retrying", source, name, str(replays), str(attempt)))
    assert [answer["id"] for answer in ask(questions)] == wanted
    assert {uuid.UUID(name).version for name in wanted} == {8}


def load_keeping_numbers(value):
    return json.loads(value, parse_float=str, parse_int=str)


def record(value, headers=None, key=None):
    return {"headers": headers or {}, "key": key, "value": value}


def key_of(request):
    cluster = request["cluster"]
    parts = [cluster["region"], cluster["name"]]
    if "serviceAccount" in request:
        metadata = request["serviceAccount"]["metadata"]
        parts += [metadata.get("namespace", "default"), metadata["name"]]
    return "/".join(parts)


def meaning(request):
    """A request without what is the same as absent: false options and roleOnly, well-known policies that are off."""
    request = json.loads(json.dumps(request))
    options = {key: value for key, value in request.pop("options", {}).items() if value is not False}
    if options:
        request["options"] = options
    account = request.get("serviceAccount", {})
    if account.get("roleOnly") is False:
        del account["roleOnly"]
    if "wellKnownPolicies" in account:
        account["wellKnownPolicies"] = {key: True for key, value in account["wellKnownPolicies"].items() if value}
    return request


REQUESTS = [path for _, path in (example.values for example in valid_examples(("request",)))]


def test_requests_have_the_key_and_the_subject_that_their_names_make(ask):
    requests = [read(path.read_bytes()) for path in REQUESTS]
    for keyed in (False, True):
        questions = [
            {"do": "request", "record": record(json.dumps(request), key=key_of(request) if keyed else "another")}
            for request in requests
        ]
        for request, answer in zip(requests, ask(questions), strict=True):
            assert answer["key"] == key_of(request)
            assert answer["subject"] == f"{request['cluster'].get('accountID', '-')}/{key_of(request)}"
            assert answer["keyed"] is keyed
            assert answer["event"]["id"] == "irsa.requests-3-4711"
            assert answer["event"]["source"] == "urn:irsa:kafka:irsa.requests"
            assert answer["event"]["time"] == "2026-11-24T10:35:00.000Z"


def test_requests_are_written_as_the_schema_has_them_and_mean_what_they_meant(ask):
    questions = [{"do": "request", "record": record(path.read_text(encoding="utf-8"))} for path in REQUESTS]
    for path, answer in zip(REQUESTS, ask(questions), strict=True):
        written = answer["record"]
        value = json.loads(written["value"])
        assert faults("cloudevent.v1.schema.json#/$defs/requestRecord", {**written, "value": value}) == set(), path.name
        assert faults("cloudevent.v1.schema.json", {**answer["event"], "data": value}) == set(), path.name
        assert written["key"] == written["headers"]["ce_partitionkey"] == answer["key"]
        assert written["headers"]["ce_subject"] == answer["subject"]
        original = load_keeping_numbers(path.read_text(encoding="utf-8"))
        assert load_keeping_numbers(written["value"]) == meaning(original), path.name


# What no schema can see: see schemas/README.md.
DECODER_ONLY = ("nesting", "is in the partition", "makes a subject", "is the same key as", "characters without white space")
SLIPS = ["", "a", "A", "0", "-", "_", ".", "/", ":", " ", "*", "\n", "ü", "a" * 40, "-x", "x.", "arn:", "aws", "7" * 12]


def places_in(document, path=()):
    """The path of every value but the whole."""
    items = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places_in(value, (*path, key))


def with_slip(draw, document):
    """A copy in which one value or key is not what it was."""
    document = json.loads(json.dumps(document))
    path = draw.choice(list(places_in(document)))
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    value = parent[path[-1]]
    kind = draw.random()
    if kind < 0.15 and isinstance(parent, dict):
        parent[draw.choice([path[-1] + "s", path[-1].upper(), "extra", path[-1] + draw.choice(SLIPS)])] = parent.pop(path[-1])
    elif kind < 0.25:
        del parent[path[-1]]
    elif kind < 0.35:
        parent[path[-1]] = draw.choice([None, True, False, 7, 1.5, "text", "", [], {}, [value], {"a": value}])
    elif kind < 0.45 and isinstance(value, dict | list) and value:
        more = draw.choice(list(value.values()) if isinstance(value, dict) else value)
        if isinstance(value, dict):
            value[draw.choice(SLIPS)] = more
        else:
            value.append(more)
    elif isinstance(value, str):
        at = draw.randint(0, len(value))
        parent[path[-1]] = value[:at] + draw.choice(SLIPS) + value[at + draw.choice([0, 0, 1, 3]) :]
    elif isinstance(value, bool):
        parent[path[-1]] = not value
    else:
        parent[path[-1]] = draw.choice(SLIPS)
    return document


def test_generated_requests_are_judged_alike_by_our_reader_and_by_the_schema(ask):
    draw = random.Random(SEED)
    originals = [read(path.read_bytes()) for path in REQUESTS if path.stat().st_size < 5000]
    documents = []
    for _ in range(3000):
        document = with_slip(draw, draw.choice(originals))
        documents.append(with_slip(draw, document) if draw.random() < 0.2 and document else document)
    questions = [{"do": "request", "record": record(json.dumps(document))} for document in documents]
    accepted = 0
    for document, answer in zip(documents, ask(questions), strict=True):
        found = faults("request.v1.schema.json", document)
        if "error" not in answer:
            assert found == set(), document
            accepted += 1
        elif not found:
            assert any(words in answer["error"]["message"] for words in DECODER_ONLY), (answer, document)
        elif len(found) == 1 and not any(words in answer["error"]["message"] for words in DECODER_ONLY):
            assert {answer["error"]["at"]} == found, (answer, document)
    assert 500 < accepted < 2500


def test_events_mean_the_same_in_binary_and_in_structured_mode(ask):
    paths = [path for _, path in (example.values for example in valid_examples(("event/structured", "event/binary")))]
    questions = []
    for path in paths:
        example = read(path.read_bytes())
        if "headers" in example:
            questions.append({"do": "request", "record": {**example, "value": json.dumps(example["value"])}})
        else:
            questions.append({"do": "request", "record": record(json.dumps(example))})
    answers = ask(questions)
    again = ask([{"do": "request", "record": answer["record"]} for answer in answers])
    structured = ask([{"do": "request", "record": record(json.dumps(answer["event"]))} for answer in answers])
    for path, first, second, third in zip(paths, answers, again, structured, strict=True):
        assert "error" not in first, (path.name, first)
        assert second["record"] == first["record"], path.name
        made = {"subject": first["subject"], "partitionkey": first["key"]}  # whatever the producer had written
        assert second["event"] == {**first["event"], **made}, path.name
        assert third["event"] == first["event"], path.name
        assert third["record"] == first["record"], path.name


# What a schema of headers sees and a reader of events has no reason to: the signature is judged by the guard, and a
# number of replays that is none counts as 0.
OF_OTHERS = {"signature-of-another-length.json", "replays-is-a-word.json"}


def test_what_the_schema_refuses_of_binary_events_our_reader_refuses_too(ask):
    index = json.loads((EXAMPLES / "event/binary/invalid/index.json").read_text(encoding="utf-8"))
    names = [name for name in index if name not in OF_OTHERS]
    questions = []
    for name in names:
        example = read((EXAMPLES / "event/binary/invalid" / name).read_bytes())
        questions.append({"do": "request", "record": {**example, "value": json.dumps(example["value"])}})
    codes = {name: answer.get("error", {}).get("code") for name, answer in zip(names, ask(questions), strict=True)}
    wanted = {name: "too_large" if name == "65-headers.json" else "schema" for name in names}
    assert codes == wanted


def result_record(value, key="us-west-2/cluster-13/backend-apps/s3-reader"):
    """The record of a result whose value is given, as a worker would have written it."""
    request = value["request"]
    final = value["outcome"] != "retrying"
    headers = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": uuid8("final", request["source"], request["id"], "0")
        if final
        else uuid8("retrying", request["source"], request["id"], "0", str(value["attempt"])),
        "ce_source": "urn:irsa:workers:irsa-workers",
        "ce_type": f"dev.irsa.iamserviceaccount.{value['outcome']}.v1",
        "ce_time": value["finishedTime"],
        "ce_causationid": request["id"],
        "ce_correlationid": "rollout-1",
        "ce_partitionkey": key,
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    }
    if "subject" in request:
        headers["ce_subject"] = request["subject"]
    return {"headers": headers, "key": key, "value": json.dumps(value)}


def known(value):
    """A result without the fields of later versions, and without those that say what absence says."""
    dropped = {"cost", "guardrail", "observedTime", "spec", "observed"}
    value = {key: item for key, item in value.items() if key not in dropped}
    if value.get("keyed") is True:
        del value["keyed"]
    return value


def test_results_are_written_as_they_were_read(ask):
    paths = [path for _, path in (example.values for example in valid_examples(("result",)))]
    values = [known(read(path.read_bytes())) for path in paths]
    answers = ask([{"do": "result", "record": result_record(value)} for value in values])
    for path, value, answer in zip(paths, values, answers, strict=True):
        assert "error" not in answer, (path.name, answer)
        written = {**answer["record"], "value": json.loads(answer["record"]["value"])}
        assert faults("cloudevent.v1.schema.json#/$defs/resultRecord", written) == set(), path.name
        assert written["headers"] == result_record(value)["headers"], path.name
        if path.stem != "with-fields-of-a-later-version":
            assert written["value"] == value, path.name


def test_state_is_written_as_the_schema_and_its_examples_have_it(ask):
    paths = [path for _, path in (example.values for example in valid_examples(("state",)))]
    paths = [path for path in paths if path.stem != "with-fields-of-a-later-version"]
    values = [read(path.read_bytes()) for path in paths]
    questions = []
    for value in values:
        account, region, cluster, *_ = value["request"]["subject"].split("/")
        question = {"do": "state", "result": result_record(value)}
        if "spec" in value:
            request = {"action": value["request"]["action"], **value["spec"]}
            request["cluster"] = {"name": cluster, "region": region, "accountID": account}
            question["record"] = record(json.dumps(request))
        questions.append(question)
    for path, value, answer in zip(paths, values, ask(questions), strict=True):
        assert "error" not in answer, (path.name, answer)
        written = json.loads(answer["record"]["value"])
        assert faults("state.v1.schema.json", written) == set(), path.name
        assert known(written) == known(value), path.name
        assert ("spec" in written) == ("spec" in value), path.name
        assert meaning(written.get("spec", {})) == meaning(value.get("spec", {})), path.name
        assert written["observed"] == value["observed"]
        assert answer["record"]["key"] == value["request"]["subject"]
        assert answer["record"]["topic"] == "irsa.state"


def test_dead_letters_have_the_headers_of_the_schema_and_the_record_as_it_was(ask):
    failed = [
        read(path.read_bytes())
        for _, path in (example.values for example in valid_examples(("result",)))
        if path.stem.startswith(("failed", "denied"))
    ]
    letters = [
        {"headers": {"x-team": "payments", "irsa_replays": "2", "x-empty": None}, "key": "k", "value": "not JSON"},
        {"headers": {"irsa_error_code": "quota", "__dlq.errors.topic": "older"}, "key": None, "value": None},
    ]
    questions = [
        {"do": "dead-letter", "record": letter, "result": result_record(value)} for value in failed for letter in letters
    ]
    assert len(questions) >= 6
    for question, answer in zip(questions, ask(questions), strict=True):
        letter, written = question["record"], answer["record"]
        assert faults("dead-letter.v1.schema.json", written["headers"]) == set()
        assert (written["key"], written["value"]) == (letter["key"], letter["value"])
        error = json.loads(question["result"]["value"])["error"]
        assert written["headers"]["irsa_error_code"] == error["code"]
        assert written["headers"]["__dlq.errors.message"] == error["message"]
        assert written["headers"]["__dlq.errors.topic"] == "irsa.requests"
        for name, value in letter["headers"].items():
            if name.startswith("x-"):
                assert written["headers"][name] == value
