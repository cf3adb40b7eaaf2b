"""The contract on the wire: the schemas, their examples, and our decoder, held against each other.

Every example is judged twice: by jsonschema, an independent implementation of JSON Schema, and, where it is the value
of a record of requests or control, by our own decoder through `irsa-decode-example`. Beside the invalid examples an index.json says
what is wrong with each, the error code, the place, and which of the two can see it.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError, validators
from referencing import Registry
from referencing.jsonschema import DRAFT202012

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "schemas"
EXAMPLES = SCHEMAS / "examples"
BIN_DIR = Path(os.environ.get("IRSA_BIN_DIR", ROOT / "build/dev/bin"))
REQUEST_MAX_BYTES = 256 * 1024

# Which schema the examples of a folder are for.
FOLDERS = {
    "request": "request.v1.schema.json",
    "result": "result.v1.schema.json",
    "state": "state.v1.schema.json",
    "dead-letter": "dead-letter.v1.schema.json",
    "control": "control.v1.schema.json",
    "event/structured": "cloudevent.v1.schema.json",
    "event/binary": "cloudevent.v1.schema.json#/$defs/requestRecord",
    "event/result": "cloudevent.v1.schema.json#/$defs/resultRecord",
}
# The folders whose files are the value of a record that our decoders read.
DECODED = ("request", "event/structured", "control")


# ---------------------------------------------------------------------------------------------- loading and judging


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


SCHEMA_FILES = {path.name: load(path) for path in sorted(SCHEMAS.glob("*.schema.json"))}
# Without "$schema", at which jsonschema would go over to its own class of validator and leave ours.
REGISTRY = Registry().with_resources(
    (schema["$id"], DRAFT202012.create_resource({key: value for key, value in schema.items() if key != "$schema"}))
    for schema in SCHEMA_FILES.values()
)
BASE = "https://irsa.dev/schemas/"


def portable(pattern):
    """The pattern as a compiled regular expression of Python with the meaning that it has in ECMA-262.

    Our patterns keep to what all engines agree on, with one exception: for Python alone, `$` also stands before a last
    line break. It occurs at the end only (see test_patterns_mean_the_same_in_every_engine).
    """
    return re.compile(pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern)


def judge_pattern(_validator, pattern, instance, _schema):
    if isinstance(instance, str) and not portable(pattern).search(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


Validator = validators.extend(Draft202012Validator, {"pattern": judge_pattern})


def validator_of(reference):
    return Validator({"$ref": BASE + reference}, registry=REGISTRY)


def pointer(parts):
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def places(error):
    """JSON pointers of what a validation error speaks of: for keys and items that should not be, of them themselves."""
    path = list(error.absolute_path)
    if "propertyNames" in error.absolute_schema_path:
        return {pointer([*path, error.instance])}
    if error.validator == "additionalProperties":
        return {pointer([*path, key]) for key in error.instance if key not in error.schema["properties"]}
    if error.validator == "uniqueItems":
        repeated = next(i for i, item in enumerate(error.instance) if item in error.instance[:i])
        return {pointer([*path, repeated])}
    return {pointer(path)}


def faults(reference, document):
    found = set()
    for error in validator_of(reference).iter_errors(document):
        found |= places(error)
    return found


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def read(data):
    """The document in the bytes; ValueError when Python's reader, at its strictest, refuses them."""
    return json.loads(data.decode("utf-8"), parse_constant=refuse_constant)


# ------------------------------------------------------------------------------------------------------- the examples


def valid_examples(folders=FOLDERS):
    return [
        pytest.param(folder, path, id=f"{folder}/{path.stem}")
        for folder in folders
        for path in sorted((EXAMPLES / folder / "valid").iterdir())
    ]


def index_of(folder):
    return load(EXAMPLES / folder / "invalid" / "index.json")


def invalid_examples(folders=FOLDERS):
    return [
        pytest.param(folder, EXAMPLES / folder / "invalid" / name, entry, id=f"{folder}/{name}")
        for folder in folders
        for name, entry in index_of(folder).items()
    ]


def bare(**service_account):
    return {
        "action": "create",
        "cluster": {"name": "cluster-13", "region": "us-west-2"},
        "serviceAccount": {"metadata": {"name": "s3-reader"}, **service_account},
    }


def compact(document):
    return json.dumps(document, separators=(",", ":")).encode()


def policy_of(characters):
    """A request whose inline policy has so many characters, white space not counted."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    statement["Resource"] += "b" * (characters - len(compact(policy)))
    assert len(compact(policy)) == characters
    return bare(attachPolicy=policy)


def spaced(document):
    return json.dumps(document, indent=1_000).encode()


def request_of(size):
    request = bare(attachPolicyARNs=["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"])
    annotations = request["serviceAccount"]["metadata"]["annotations"] = {"example.com/note": ""}
    annotations["example.com/note"] = "n" * (size - len(compact(request)))
    assert len(compact(request)) == size
    return compact(request)


# Examples that are too big to be stored: bytes, and what must be said of them (see the index.json of the others).
BIG_VALID = {
    "a request of 256 KiB": lambda: request_of(REQUEST_MAX_BYTES),
    "a request of 256 KiB with the white space around it": lambda: request_of(1000).ljust(REQUEST_MAX_BYTES, b" "),
    "an inline policy of 10,240 characters": lambda: compact(policy_of(10_240)),
    "an inline policy of 10,240 characters and as much white space": lambda: spaced(policy_of(10_240)),
}
BIG_INVALID = {
    "a request of 256 KiB and one byte": (lambda: request_of(REQUEST_MAX_BYTES + 1), "too_large", ""),
    "white space counts": (lambda: request_of(1000).ljust(REQUEST_MAX_BYTES + 1, b" "), "too_large", ""),
    "a request of 2 MB": (lambda: request_of(2_000_000), "too_large", ""),
    "2 MB of garbage": (lambda: b"\xff\x00garbage " * 200_000, "too_large", ""),
    "an inline policy of 10,241 characters": (
        lambda: compact(policy_of(10_241)),
        "invalid",
        "/serviceAccount/attachPolicy",
    ),
    "100,000 lists within each other": (lambda: b"[" * 100_000 + b"]" * 100_000, "too_large", "/0" * 32),
    "20,000 objects within each other, unclosed": (lambda: b'{"a":' * 20_000, "too_large", "/a" * 32),
    "80,000 requests in a list": (lambda: b"[" + b",".join([b"{}"] * 80_000) + b"]", "too_large", "/65535"),
}


# ------------------------------------------------------------------------------------------------------- the schemas


def located(schema, path=()):
    """(path, schema) of a schema and of all in it, wherever they stand."""
    if isinstance(schema, dict):
        yield path, schema
    items = schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    for key, value in items:
        if key not in ("examples", "enum", "const", "default"):
            yield from located(value, (*path, key))


def subschemas(schema):
    return (found for _, found in located(schema))


def follow(schema, name):
    """What a schema's $ref leads to, and the file in which that stands."""
    reference = schema.get("$ref")
    if reference is None:
        return None, name
    target, _, fragment = reference.partition("#")
    name = target or name
    found = SCHEMA_FILES[name]
    for part in fragment.split("/")[1:]:
        found = found[part]
    return found, name


def described(schema, name, path=""):
    """(path, description) of every property that a document may have; an item of a list has the path of its list."""
    target, target_name = follow(schema, name)
    if target is not None:
        yield from described(target, target_name, path)
    for key, value in schema.get("properties", {}).items():
        here = f"{path}/{key}"
        yield here, description_of(value, name)
        yield from described(value, name, here)
    for keyword in ("items", "then", "else"):
        if isinstance(schema.get(keyword), dict):
            yield from described(schema[keyword], name, path)


def description_of(schema, name):
    """A property's own description, else that of what its $ref leads to."""
    while schema is not None and "description" not in schema:
        schema, name = follow(schema, name)
    return schema and schema["description"]


def paths_of(document, path=""):
    """The path of every property in a document, as described() has them."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield f"{path}/{key}"
            yield from paths_of(value, f"{path}/{key}")
    elif isinstance(document, list):
        for value in document:
            yield from paths_of(value, path)


@pytest.mark.parametrize("name", SCHEMA_FILES)
def test_a_schema_is_a_valid_schema_of_2020_12(name):
    schema = SCHEMA_FILES[name]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == BASE + name
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", SCHEMA_FILES)
def test_every_reference_in_a_schema_leads_somewhere(name):
    resolver = REGISTRY.resolver(BASE + name)
    for schema in subschemas(SCHEMA_FILES[name]):
        if "$ref" in schema:
            resolver.lookup(schema["$ref"])


@pytest.mark.parametrize("name", SCHEMA_FILES)
def test_every_property_is_described(name):
    schema = SCHEMA_FILES[name]
    # A definition without a type only narrows what another one describes.
    forms = [schema, *(definition for definition in schema.get("$defs", {}).values() if "type" in definition)]
    for form in forms:
        assert [path for path, text in described(form, name) if not text] == []


@pytest.mark.parametrize("name", SCHEMA_FILES)
def test_the_examples_in_a_schema_are_valid(name):
    for path, schema in located(SCHEMA_FILES[name]):
        for example in schema.get("examples", []):
            assert faults(f"{name}#{pointer(path)}", example) == set(), example


@pytest.mark.parametrize("name", SCHEMA_FILES)
def test_patterns_mean_the_same_in_every_engine(name):
    """No look-around, no \\d \\w \\s \\b \\p, which engines lack or read differently; anchored, `$` at the end only."""
    for schema in subschemas(SCHEMA_FILES[name]):
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            assert not re.search(r"\(\?|\\[dDwWsSbBpPkuAzZ1-9]", pattern), pattern
            assert pattern.startswith("^"), pattern
            without_classes = re.sub(r"\[[^]]*\]", "", pattern)
            assert "$" not in without_classes[:-1], pattern


def test_the_request_needs_no_other_file():
    request = SCHEMA_FILES["request.v1.schema.json"]
    references = [schema["$ref"] for schema in subschemas(request) if "$ref" in schema]
    assert references and all(reference.startswith("#/") for reference in references)


def test_requests_are_closed_and_results_are_open():
    def closed(schema):
        return {id(found) for found in subschemas(schema) if found.get("additionalProperties") is False}

    request = SCHEMA_FILES["request.v1.schema.json"]
    parts = ("cluster", "serviceAccount", "metadata", "policyDocument", "wellKnownPolicies", "options", "expect")
    assert all(id(schema) in closed(request) for schema in (request, *(request["$defs"][part] for part in parts)))
    for name in ("result.v1.schema.json", "state.v1.schema.json", "common.v1.schema.json"):
        assert not closed(SCHEMA_FILES[name])


def test_outcomes_codes_and_actions_agree_wherever_they_occur():
    common = SCHEMA_FILES["common.v1.schema.json"]["$defs"]
    event = SCHEMA_FILES["cloudevent.v1.schema.json"]["$defs"]
    actions = SCHEMA_FILES["request.v1.schema.json"]["$defs"]["action"]["enum"]
    outcomes, codes = common["outcome"]["enum"], common["errorCode"]["enum"]
    assert event["requestType"]["enum"] == [f"dev.irsa.iamserviceaccount.{action}.requested.v1" for action in actions]
    assert event["resultType"]["enum"] == [f"dev.irsa.iamserviceaccount.{outcome}.v1" for outcome in outcomes]
    assert set(common["stateOutcome"]["enum"]) < set(outcomes)
    assert set(common["denialCode"]["enum"]) < set(codes)
    assert set(common["passingCode"]["enum"]) < set(codes)


# ------------------------------------------------------------------------------------- the examples and JSON Schema


@pytest.mark.parametrize("folder, path", valid_examples())
def test_a_valid_example_is_valid(folder, path):
    assert faults(FOLDERS[folder], read(path.read_bytes())) == set()


@pytest.mark.parametrize("folder, path, entry", invalid_examples())
def test_an_invalid_example_is_refused_where_the_index_says(folder, path, entry):
    try:
        document = read(path.read_bytes())
    except (ValueError, RecursionError):
        assert entry["seenBy"] == "decoder", "the index claims that a schema could see it, but it is not even JSON"
        assert entry["code"] == "schema"
        return
    expected = set() if entry["seenBy"] == "decoder" else {entry.get("schemaAt", entry["at"])}
    assert faults(FOLDERS[folder], document) == expected


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_index_lists_every_invalid_example(folder):
    index = index_of(folder)
    files = {path.name for path in (EXAMPLES / folder / "invalid").iterdir()} - {"index.json"}
    assert set(index) == files
    for name, entry in index.items():
        allowed = {"why", "code", "at", "seenBy", "schemaAt"} if folder in DECODED else {"why", "at", "seenBy"}
        assert {"why", "at", "seenBy"} <= set(entry) <= allowed, name
        assert entry["why"] and (entry["at"] == "" or entry["at"].startswith("/")), name
        if folder in DECODED:
            assert entry["code"] in ("schema", "invalid", "too_large") and entry["seenBy"] in ("both", "decoder"), name
        else:
            assert entry["seenBy"] == "schema", name


@pytest.mark.parametrize("make", BIG_VALID.values(), ids=BIG_VALID)
def test_a_big_valid_example_is_valid(make):
    assert faults(FOLDERS["request"], read(make())) == set()


def test_valid_requests_show_everything_that_can_be_asked_for():
    requests = [read(path.read_bytes()) for path in (EXAMPLES / "request/valid").iterdir()]
    used = {path for request in requests for path in paths_of(request)}
    wanted = {path for path, _ in described(SCHEMA_FILES["request.v1.schema.json"], "request.v1.schema.json")}
    assert sorted(wanted - used) == []
    actions = {request["action"] for request in requests}
    assert actions == set(SCHEMA_FILES["request.v1.schema.json"]["$defs"]["action"]["enum"])
    partitions = set(re.findall(r"arn:(aws[a-z-]*):iam::", json.dumps(requests)))
    assert partitions == {"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}
    chosen = [request.get("serviceAccount", {}).get("wellKnownPolicies", {}) for request in requests]
    assert any(len(choice) == 7 and all(choice.values()) for choice in chosen)


def test_there_are_results_of_every_outcome():
    outcomes = {load(path)["outcome"] for path in (EXAMPLES / "result/valid").iterdir()}
    assert outcomes == set(SCHEMA_FILES["common.v1.schema.json"]["$defs"]["outcome"]["enum"])


# -------------------------------------------------------------------------------------- the examples and our decoder


@pytest.fixture(scope="session")
def decode():
    program = BIN_DIR / "irsa-decode-example"
    if not os.access(program, os.X_OK):
        pytest.fail(
            f"{program} is missing: build the project first (./dev build dev), "
            "or name the folder of its programs in IRSA_BIN_DIR"
        )

    def run(value, kind="request"):
        done = subprocess.run([program, kind], input=value, capture_output=True, timeout=20, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        line = done.stdout.decode("utf-8")
        assert line.endswith("\n") and not re.search(r"[\x00-\x1f\x7f]", line[:-1]), "one line, no control characters"
        return line[:-1]

    return run


def kind_of(folder):
    return "control" if folder == "control" else "request"


def assert_refused(line, code, at):
    assert line.startswith(f"{code} {at} "), f"expected {code} at {at!r}, got: {line}"
    assert line.removeprefix(f"{code} {at} ").strip(), "a message for people is missing"


@pytest.mark.parametrize("folder, path", valid_examples(DECODED))
def test_the_decoder_accepts_a_valid_example(decode, folder, path):
    assert decode(path.read_bytes(), kind_of(folder)) == "ok"


@pytest.mark.parametrize("folder, path, entry", invalid_examples(DECODED))
def test_the_decoder_refuses_an_invalid_example_with_code_and_place(decode, folder, path, entry):
    assert_refused(decode(path.read_bytes(), kind_of(folder)), entry["code"], entry["at"])


@pytest.mark.parametrize("make", BIG_VALID.values(), ids=BIG_VALID)
def test_the_decoder_accepts_a_big_valid_example(decode, make):
    assert decode(make()) == "ok"


@pytest.mark.parametrize("make, code, at", BIG_INVALID.values(), ids=BIG_INVALID)
def test_the_decoder_refuses_a_big_invalid_example(decode, make, code, at):
    assert_refused(decode(make()), code, at)


# --------------------------------------------------------------------------------------------------------- AsyncAPI
#
# The form of the document is judged by asyncapi3, an independent model of AsyncAPI 3.0 with its Kafka bindings. It does
# not follow references, so that is done here: every reference leads somewhere, every channel has our address, a sender
# and a receiver, every message is used and carries a schema of ours, and keys and examples agree with the schemas.


@pytest.fixture(scope="module")
def asyncapi():
    return yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text(encoding="utf-8"))


def references_in(node, path=()):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield path, node["$ref"]
        for key, value in node.items():
            yield from references_in(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from references_in(value, (*path, i))


def resolve(document, reference):
    target, _, fragment = reference.partition("#")
    found = SCHEMA_FILES[target.removeprefix("./")] if target else document
    for part in fragment.split("/")[1:]:
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


@pytest.mark.filterwarnings("ignore:Field name:UserWarning")  # of the model's own classes
def test_asyncapi_has_the_form_of_asyncapi_3(asyncapi):
    from asyncapi3.models.asyncapi import AsyncAPI3  # here, so that its warnings can be ignored

    assert asyncapi["asyncapi"] == "3.0.0"
    AsyncAPI3.model_validate(asyncapi)


def test_asyncapi_references_lead_somewhere(asyncapi):
    references = list(references_in(asyncapi))
    assert references
    for _, reference in references:
        resolve(asyncapi, reference)


def test_asyncapi_has_our_topics_and_both_ends_of_each(asyncapi):
    addresses = {channel["address"] for channel in asyncapi["channels"].values()}
    assert addresses == {"irsa.requests", "irsa.results", "irsa.state", "irsa.dead-letters", "irsa.control"}
    for name, channel in asyncapi["channels"].items():
        kafka = channel["bindings"]["kafka"]
        assert kafka["topic"] == channel["address"] and kafka["bindingVersion"] == "0.5.0"
        ends = {
            operation["action"]
            for operation in asyncapi["operations"].values()
            if operation["channel"]["$ref"] == f"#/channels/{name}"
        }
        assert ends == {"send", "receive"}, name
    parts = {tag["name"] for operation in asyncapi["operations"].values() for tag in operation["tags"]}
    assert parts == {"producer", "worker", "auditor"} == {tag["name"] for tag in asyncapi["info"]["tags"]}


def test_asyncapi_dead_letters_have_as_many_partitions_as_requests(asyncapi):
    partitions = {name: channel["bindings"]["kafka"]["partitions"] for name, channel in asyncapi["channels"].items()}
    assert partitions["deadLetters"] == partitions["requests"]
    assert partitions["control"] == 1
    assert asyncapi["channels"]["state"]["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"] == ["compact"]


def test_asyncapi_messages_are_used_and_carry_our_schemas(asyncapi):
    messages = asyncapi["components"]["messages"]
    used = {
        reference["$ref"].removeprefix("#/components/messages/")
        for channel in asyncapi["channels"].values()
        for reference in channel["messages"].values()
    }
    assert used == set(messages)
    schemas = set()
    for name, message in messages.items():
        bindings = message.get("bindings", {}).get("kafka", {"bindingVersion": "0.5.0"})
        assert bindings["bindingVersion"] == "0.5.0"
        if name != "gone":  # a tombstone has no value
            schemas.add(message["payload"]["schema"]["$ref"].removeprefix("./").partition("#")[0])
    assert schemas == set(SCHEMA_FILES) - {"common.v1.schema.json"}
    for _, reference in references_in(asyncapi):
        target = reference.partition("#")[0]
        assert not target or target.startswith("./"), "schemas are named by their place beside this file"


def test_asyncapi_names_the_dialect_of_every_schema_of_ours(asyncapi):
    def multi_format(node):
        if isinstance(node, dict):
            if "schemaFormat" in node:
                yield node
            for value in node.values():
                yield from multi_format(value)

    found = list(multi_format(asyncapi))
    ours = [reference for _, reference in references_in(asyncapi) if reference.startswith("./")]
    assert len(found) == len(ours)
    assert {node["schemaFormat"] for node in found} == {"application/schema+json;version=draft-2020-12"}


def test_asyncapi_keys_are_the_keys_of_the_schemas(asyncapi):
    common = SCHEMA_FILES["common.v1.schema.json"]["$defs"]
    keys = asyncapi["components"]["schemas"]
    assert keys["requestKey"]["pattern"] == common["requestKey"]["pattern"]
    assert keys["stateKey"]["pattern"] == common["requestSubject"]["pattern"].replace("([0-9]{12}|-)", "[0-9]{12}")
    for schema in keys.values():
        for example in schema.get("examples", []):
            Validator(schema).validate(example)
    headers = asyncapi["components"]["messageTraits"]
    for trait, definition in (("requestEvent", "requestHeaders"), ("resultEvent", "resultHeaders")):
        assert headers[trait]["headers"]["schema"]["$ref"] == f"./cloudevent.v1.schema.json#/$defs/{definition}"
