"""irsactl without a broker: the command line, files, filters, what is printed and with which status it ends."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
import yaml
from irsactl_tools import BY_FLAGS, CREATE, DELETE, IRSACTL, ROOT, S3_READ, config, entry, environment, irsactl
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

UPDATE = ["update", "iamserviceaccount"]
ASSOCIATE = ["utils", "associate-iam-oidc-provider"]
AS_CLIENT = ["--dry-run=client", "-o", "json"]


@pytest.fixture
def three(tmp_path):
    """A file with three accounts."""
    path = tmp_path / "three.yaml"
    path.write_text(config(entry("web"), entry("web-cache"), entry("agent", "kube-system")))
    return path


def names(events: list[dict]) -> list[str]:
    return ["{namespace}/{name}".format(**event["data"]["serviceAccount"]["metadata"]) for event in events]


# ------------------------------------------------------------------------------------------------ the command line


@pytest.mark.parametrize(("arguments", "words"), [
    ([], "Usage:"),
    (["frobnicate"], 'no command "frobnicate"'),
    (["create", "iamserviceacount"], 'did you mean "create iamserviceaccount"?'),
    (["topics"], "needs one more word: create, check"),
    ([*CREATE, "a", *BY_FLAGS, "--namspace", "x"], "did you mean --namespace?"),
    ([*CREATE, "a", "b", *BY_FLAGS], 'one argument too many: "b"'),
    ([*CREATE, "--name", "a", "b", *BY_FLAGS], "--name=a and argument b cannot be used at the same time"),
    ([*CREATE, *BY_FLAGS], "the name of the service account is missing"),
    ([*CREATE, "a", "--region", "us-west-2", "--attach-policy-arn", S3_READ], "--cluster is missing"),
    ([*CREATE, "a", "--cluster", "c", "--region", "us-west-2"], "--attach-policy-arn or --attach-role-arn must be given"),
    ([*CREATE, "a", *BY_FLAGS, "--include", "*"], "cannot use --include without -f"),
    ([*CREATE, "a", *BY_FLAGS, "--wait", "5m"], "is written --wait=5m"),
    ([*CREATE, *BY_FLAGS, "--wait", "5m"], "is written --wait=5m"),
    ([*CREATE, "a", *BY_FLAGS, "--wait=soon", "-X", "bootstrap.servers=x"], "--wait"),
    ([*CREATE, "a", *BY_FLAGS, "-o", "xml"], "one of table, json, jsonl, yaml"),
    ([*CREATE, "a", *BY_FLAGS, "-X", "bootstrap.server=x"], 'did you mean "bootstrap.servers"?'),
    ([*CREATE, "a", *BY_FLAGS], "IRSA_KAFKA_BOOTSTRAP_SERVERS"),
    ([*UPDATE, "a", "--cluster", "c", "--region", "us-west-2"], "nothing to change is given"),
    ([*ASSOCIATE, "a", "--cluster", "b", "--region", "us-west-2"], "cannot be used at the same time"),
    ([*ASSOCIATE, "--region", "us-west-2"], "--cluster is missing"),
    ([*CREATE, "a", *BY_FLAGS, "--batch", "a\nb"], "--batch: "),
    ([*CREATE, "a", *BY_FLAGS, "--source", "a b"], "--source: "),
    ([*CREATE, "a", *BY_FLAGS, "--topics-prefix", "a/b"], "--topics-prefix: "),
    (["results", "--outcome", "faild"], 'did you mean "failed"?'),
    (["results", "--since", "yesterday"], "yesterday"),
    (["wait"], "--batch"),
    (["wait", "x", "--batch", "b"], "not both"),
    (["wait", "x", ""], "the id of a request: \"\" must be text of 1 to 256 characters"),
    (["validate"], "-f"),
    (["topics", "create", "--partitions", "0"], "--partitions is a number from 1"),
    (["schema", "nothing"], "nothing"),
    (["results", "--settings", "/nonexistent.yaml"], "/nonexistent.yaml"),
])
def test_a_wrong_command_line_ends_with_2_and_says_how_to_mend_it(arguments, words):
    refused = irsactl(*arguments).must(2)
    assert words in refused.err
    assert refused.out == ""


@pytest.mark.parametrize("flags", [
    ["--cluster", "c"], ["--region", "us-east-1"], ["--name", "a"], ["--namespace", "n"], ["--account-id", "111122223333"],
    ["--attach-policy-arn", S3_READ], ["--attach-role-arn", "arn:aws:iam::111122223333:role/r"], ["--role-name", "r"],
    ["--role-only"], ["--tags", "a=b"], ["--subject-pattern", "a*"], ["--with-oidc"], ["--profile", "p"],
], ids=lambda flags: flags[0])
def test_a_flag_that_the_file_would_override_is_refused_by_its_name(three, flags):
    """eksctl accepts some of these and ignores them."""
    refused = irsactl(*CREATE, "-f", three, *flags).must(2)
    assert f"cannot use {flags[0]} with -f" in refused.err


def test_the_name_as_an_argument_is_refused_beside_a_file(three):
    assert 'the argument "web"' in irsactl(*CREATE, "web", "-f", three).must(2).err


@pytest.mark.parametrize(("flags", "flag", "words"), [
    (["Not_A_Name", *BY_FLAGS], "--name: ", "Not_A_Name"),
    (["a", *BY_FLAGS, "--namespace", "Up"], "--namespace: ", "Up"),
    (["a", *BY_FLAGS, "--account-id", "12"], "--account-id: ", "12 digits"),
    (["a", *BY_FLAGS, "--attach-policy-arn", "arn:x"], "--attach-policy-arn: ", "arn:x"),
    (["a", *BY_FLAGS, "--tags", "aws:x=1"], "--tags: ", "aws:"),
    (["a", *BY_FLAGS, "--attach-role-arn", "arn:aws:iam::111122223333:role/r"], "--attach-policy-arn: ", "contradicts"),
    (["a", "--cluster", "-c-", "--region", "us-west-2", "--attach-policy-arn", S3_READ], "--cluster: ", "-c-"),
    (["a", "--cluster", "c", "--region", "nowhere", "--attach-policy-arn", S3_READ], "--region: ", "nowhere"),
])
def test_a_value_that_breaks_a_rule_ends_with_3_and_names_its_flag(flags, flag, words):
    refused = irsactl(*CREATE, *flags).must(3)
    assert refused.err.startswith(f"irsactl: {flag}")
    assert words in refused.err


@pytest.mark.parametrize(("env", "arguments", "region"), [
    ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, ["--region", "us-west-2"], "us-west-2"),
    ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, [], "eu-west-1"),
    ({"AWS_DEFAULT_REGION": "eu-west-2"}, [], "eu-west-2"),
    ({}, [], "ap-south-1"),
    ({"AWS_PROFILE": "team"}, [], "ca-central-1"),
    ({"AWS_REGION": "eu-west-1"}, ["--profile", "team"], "ca-central-1"),
])
def test_the_region_is_the_flags_then_the_environments_then_the_profiles(tmp_path, env, arguments, region):
    file = tmp_path / "config"
    file.write_text("[default]\nregion = ap-south-1\n[profile team]\nregion = ca-central-1\n")
    shown = irsactl(*CREATE, "a", "--cluster", "c", "--attach-policy-arn", S3_READ, *arguments, *AS_CLIENT,
                    env=env | {"AWS_CONFIG_FILE": str(file)})
    assert shown.must().json[0]["data"]["cluster"]["region"] == region


def test_without_a_region_every_way_to_give_one_is_told():
    refused = irsactl(*CREATE, "a", "--cluster", "c", "--attach-policy-arn", S3_READ).must(2)
    for way in ("--region", "AWS_REGION", "AWS_DEFAULT_REGION", "~/.aws/config"):
        assert way in refused.err


# ---------------------------------------------------------------------------------------------------------- files


def test_a_problem_in_each_of_several_files_is_told_with_its_place(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.yaml").write_text(config(entry(name)))
    (tmp_path / "a.yaml").write_text(config(entry("Bad_One")))
    (tmp_path / "c.yaml").write_text(config(entry("c", attachPolicyARN=[S3_READ])))
    refused = irsactl(*CREATE, "-f", tmp_path).must(3)
    first, second, last = refused.err.splitlines()
    assert first.startswith(f"{tmp_path / 'a.yaml'}:13:") and "Bad_One" in first
    assert second.startswith(f"{tmp_path / 'c.yaml'}:16:5: ") and "attachPolicyARNs" in second
    assert last == "irsactl: 2 problems; nothing was sent"


def test_every_service_account_of_a_file_that_breaks_a_rule_is_told(tmp_path):
    (tmp_path / "a.yaml").write_text(config(entry("Bad_One"), entry("fine"), entry("c", attachPolicyARN=[S3_READ]), entry("fine")))
    refused = irsactl(*CREATE, "-f", tmp_path / "a.yaml").must(3)
    *problems, last = refused.err.splitlines()
    assert [words in problem for words, problem in zip(("Bad_One", "attachPolicyARNs", "listed twice"), problems, strict=True)] == [True] * 3
    assert last == "irsactl: 3 problems; nothing was sent"


def test_only_the_first_fifty_problems_are_shown_and_the_others_counted(tmp_path):
    for number in range(60):
        (tmp_path / f"{number:02}.yaml").write_text("[")
    *shown, more, last = irsactl(*CREATE, "-f", tmp_path).must(3).err.splitlines()
    assert len(shown) == 50
    assert more == "… and 10 more"
    assert last == "irsactl: 60 problems; nothing was sent"


def test_an_account_in_two_files_is_refused_with_both_places(tmp_path):
    (tmp_path / "a.yaml").write_text(config(entry("x"), entry("y")))
    (tmp_path / "b.yaml").write_text(config(entry("z"), entry("y")))
    refused = irsactl(*CREATE, "-f", tmp_path / "a.yaml", "-f", tmp_path / "b.yaml").must(3)
    [told, _] = refused.err.splitlines()
    assert told.startswith(f"{tmp_path / 'b.yaml'}:")
    assert f"{tmp_path / 'a.yaml'}:" in told and "us-west-2/cluster-13/apps/y" in told


def test_the_same_account_on_two_clusters_is_no_repeat(tmp_path):
    for cluster in ("one", "two"):
        (tmp_path / f"{cluster}.yaml").write_text(config(entry("x"), cluster=cluster))
    events = irsactl(*CREATE, "-f", tmp_path, *AS_CLIENT).must().json
    assert [event["partitionkey"] for event in events] == ["us-west-2/one/apps/x", "us-west-2/two/apps/x"]


@pytest.mark.parametrize("with_oidc", [None, False])
def test_accounts_without_oidc_are_refused_in_words_that_say_what_to_add(tmp_path, with_oidc):
    path = tmp_path / "c.yaml"
    path.write_text(config(entry("a"), withOIDC=with_oidc))
    refused = irsactl(*CREATE, "-f", path).must(3)
    assert refused.err.startswith(f"{path}:")
    assert "withOIDC: true under iam" in refused.err


def test_a_deletion_does_not_need_oidc():
    events = irsactl(*DELETE, "-f", "-", *AS_CLIENT, input=config(entry("a"), withOIDC=None)).must().json
    assert names(events) == ["apps/a"]


def test_files_without_accounts_are_refused_and_one_among_others_is_passed_over(tmp_path):
    (tmp_path / "empty.yaml").write_text(config(serviceAccounts=None))
    assert "iam.serviceAccounts" in irsactl(*CREATE, "-f", tmp_path).must(3).err
    (tmp_path / "full.yaml").write_text(config(entry("a")))
    done = irsactl(*CREATE, "-f", tmp_path, *AS_CLIENT).must()
    assert names(done.json) == ["apps/a"]
    assert done.err == f"{tmp_path / 'empty.yaml'}: cluster cluster-13 has no iam.serviceAccounts: passed over\n"


@pytest.mark.parametrize("path", ["/nonexistent/c.yaml", "/nonexistent"])
def test_a_file_that_is_not_there_is_named(path):
    assert irsactl(*CREATE, "-f", path).must(3).err.startswith(f"{path}: ")


def test_standard_input_is_named_as_such():
    assert irsactl(*CREATE, "-f", "-", input="a: [").must(3).err.startswith("standard input:2:1: ")


# --------------------------------------------------------------------------------------------------------- filters


@pytest.mark.parametrize(("flags", "chosen"), [
    ([], ["apps/web", "apps/web-cache", "kube-system/agent"]),
    (["--include", "apps/*"], ["apps/web", "apps/web-cache"]),
    (["--include", "*/web,kube-system/*"], ["apps/web", "kube-system/agent"]),
    (["--include", "{apps,kube-system}/[wa]*", "--exclude", "*cache"], ["apps/web", "kube-system/agent"]),
    (["--exclude", "*"], []),
])
def test_filters_choose_among_the_accounts_of_a_file(three, flags, chosen):
    assert names(irsactl(*CREATE, "-f", three, *flags, *AS_CLIENT).must().json) == chosen


def test_each_include_must_fit_something_and_the_names_there_are_are_told(three):
    refused = irsactl(*CREATE, "-f", three, "--include", "apps/*", "--include", "web").must(3)
    assert '--include "web" fits nothing' in refused.err
    assert "apps/web, apps/web-cache, kube-system/agent" in refused.err


def test_an_entry_without_a_namespace_is_one_of_default():
    shown = irsactl(*CREATE, "-f", "-", "--include", "default/*", *AS_CLIENT, input=config(entry("a", None)))
    assert names(shown.must().json) == ["default/a"]


# ------------------------------------------------------------------------------------------------- what is printed


def schema_of(name: str) -> Draft202012Validator:
    schemas = {path.name: json.loads(path.read_text()) for path in (ROOT / "schemas").glob("*.schema.json")}
    registry = Registry().with_resources([(schema["$id"], DRAFT202012.create_resource(schema))
                                          for schema in schemas.values()])
    return Draft202012Validator(schemas[name], registry=registry)


FLAGS_OF_EVERY_KIND = [*BY_FLAGS, "--namespace", "apps", "--account-id", "111122223333", "--tags", "team=x,cost=1",
                       "--subject-pattern", "a-*", "--role-name", "r", "--with-oidc",
                       "--override-existing-serviceaccounts", "--batch", "nightly"]


@pytest.mark.parametrize("arguments", [
    [*CREATE, "a", *FLAGS_OF_EVERY_KIND],
    [*CREATE, "a", "--cluster", "c", "--region", "cn-north-1", "--attach-role-arn",
     "arn:aws-cn:iam::111122223333:role/r"],
    [*UPDATE, "a", "--cluster", "c", "--region", "us-west-2", "--tags", "a=b"],
    [*DELETE, "a", "--cluster", "c", "--region", "us-west-2", "--role-only", "--role-name", "r"],
    [*ASSOCIATE, "c", "--region", "us-west-2"],
], ids=["create", "with a role of others", "update", "delete", "associate"])
def test_the_events_of_a_client_dry_run_are_what_the_schemas_describe(arguments):
    [event] = irsactl(*arguments, *AS_CLIENT).must().json
    schema_of("cloudevent.v1.schema.json").validate(event)
    schema_of("request.v1.schema.json").validate(event["data"])


def test_flags_become_the_fields_of_the_request():
    [event] = irsactl(*CREATE, "a", *FLAGS_OF_EVERY_KIND, *AS_CLIENT).must().json
    assert event["data"] == {
        "action": "create",
        "cluster": {"name": "cluster-13", "region": "us-west-2", "accountID": "111122223333"},
        "serviceAccount": {"metadata": {"name": "a", "namespace": "apps"}, "attachPolicyARNs": [S3_READ], "roleName": "r",
                           "tags": {"team": "x", "cost": "1"}, "subjectPattern": "a-*"},
        "options": {"overrideExistingServiceAccounts": True, "withOIDC": True}}
    assert event["correlationid"] == "nightly"
    assert event["subject"] == "111122223333/us-west-2/cluster-13/apps/a"


def test_with_oidc_of_the_file_goes_along_with_every_create(three):
    events = irsactl(*CREATE, "-f", three, *AS_CLIENT).must().json
    assert [event["data"]["options"] for event in events] == [{"withOIDC": True}] * 3
    assert len({event["correlationid"] for event in events}) == 1
    assert len({event["id"] for event in events}) == 3


def test_a_deletion_by_file_says_no_more_than_it_needs():
    accounts = [entry("a", roleName="r", attachPolicyARNs=[S3_READ], tags={"a": "b"})]
    [event] = irsactl(*DELETE, "-f", "-", *AS_CLIENT, input=config(*accounts)).must().json
    assert event["data"]["serviceAccount"] == {"metadata": {"name": "a", "namespace": "apps"}, "roleName": "r"}
    assert "options" not in event["data"]


def test_associate_asks_once_for_each_cluster(tmp_path):
    for name, cluster in (("a", "one"), ("b", "two"), ("c", "one")):
        (tmp_path / f"{name}.yaml").write_text(config(entry(name), cluster=cluster))
    events = irsactl(*ASSOCIATE, "-f", tmp_path, *AS_CLIENT).must().json
    assert [event["partitionkey"] for event in events] == ["us-west-2/one", "us-west-2/two"]


def test_an_update_by_file_passes_over_roles_that_somebody_else_keeps():
    accounts = [entry("a"), entry("b", attachRoleARN="arn:aws:iam::111122223333:role/r")]
    done = irsactl(*UPDATE, "-f", "-", *AS_CLIENT, input=config(*accounts)).must()
    assert names(done.json) == ["apps/a"]
    assert "apps/b has attachRoleARN" in done.err and "passed over" in done.err


def test_the_three_forms_of_data_hold_the_same(three):
    arguments = [*CREATE, "-f", three, "--batch", "b", "--dry-run=client", "-o"]
    forms = {"json": json.loads, "yaml": yaml.safe_load, "jsonl": lambda text: list(map(json.loads, text.splitlines()))}
    read = {form: load(irsactl(*arguments, form).must().out) for form, load in forms.items()}
    for events in read.values():
        for event in events:
            del event["id"], event["time"]
    assert read["json"] == read["yaml"] == read["jsonl"]


def test_delete_by_file_shows_its_plan_and_asks_for_approval(three):
    plan = irsactl(*DELETE, "-f", three, "--exclude", "kube-system/*").must(0)
    assert plan.out.splitlines() == ["SERVICE ACCOUNT  CLUSTER",
                                     "apps/web         us-west-2/cluster-13",
                                     "apps/web-cache   us-west-2/cluster-13"]
    assert "this would delete 2 iamserviceaccounts; nothing was sent" in plan.err
    assert "--approve" in plan.err


def test_output_that_cannot_be_written_is_a_failure(three):
    with open("/dev/full", "w") as full:
        done = subprocess.run([IRSACTL, *CREATE, "-f", three, "--dry-run=client"], env=environment(), stdout=full,
                              stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "standard output" in done.stderr


# ------------------------------------------------------------------------------------------------------ validate


def test_validate_lists_what_is_valid_and_tells_what_is_not(tmp_path):
    (tmp_path / "a.yaml").write_text(config(entry("a"), entry("b")))
    shown = irsactl("validate", "-f", tmp_path).must(0)
    assert shown.out.splitlines()[1].split() == ["2", "us-west-2/cluster-13", str(tmp_path / "a.yaml")]
    (tmp_path / "b.yaml").write_text(config(entry("c"), withOIDC=False))
    refused = irsactl("validate", "-f", tmp_path).must(3)
    assert str(tmp_path / "a.yaml") in refused.out
    assert refused.err.startswith(f"{tmp_path / 'b.yaml'}:")
    assert refused.err.endswith("irsactl: 1 problem\n")


def test_validate_gives_programs_the_problems_as_data(tmp_path):
    (tmp_path / "a.yaml").write_text(config(entry("Bad_One")))
    [problem] = irsactl("validate", "-f", tmp_path, "-o", "json").must(3).json
    assert problem["file"] == str(tmp_path / "a.yaml")
    assert problem["line"] == 13
    assert problem["code"] == "invalid"
    assert "Bad_One" in problem["message"] and "a.yaml" not in problem["message"]
    (tmp_path / "a.yaml").write_text(config(entry("good-one")))
    assert irsactl("validate", "-f", tmp_path, "-o", "json").must(0).json == []


# ----------------------------------------------------------------------------------------------------- help texts


def commands() -> list[str]:
    lines = irsactl("help").must().out.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    return [line.strip().split("  ")[0] for line in lines if not line.startswith("   ")]


def test_every_command_has_a_help_text_with_its_flags_and_an_example():
    assert len(commands()) >= 12
    for command in commands():
        text = irsactl(*command.split(), "--help").must(0).out
        assert f"irsactl {command}" in text
        assert "\nExamples:\n" in text
        assert text == irsactl("help", *command.split()).must(0).out


def test_help_for_the_beginning_of_a_command_lists_what_may_follow():
    text = irsactl("topics", "--help").must(0).out
    assert "topics create" in text and "topics check" in text and "results" not in text


def test_help_lines_fit_a_terminal():
    for command in commands():
        assert max(map(len, irsactl(*command.split(), "--help").out.splitlines())) <= 120


def test_the_reference_page_and_the_help_texts_agree():
    page = (ROOT / "docs/irsactl.md").read_text()
    assert irsactl("help", "markdown").must(0).out in page


def test_the_exit_codes_of_the_help_text_are_those_of_the_reference_page():
    page = (ROOT / "docs/irsactl.md").read_text()
    for line in irsactl("help").must().out.partition("Exit codes:\n")[2].partition("\n\n")[0].splitlines():
        code, meaning = line.strip().split(maxsplit=1)
        assert f"| {code} | {meaning} |" in page


def test_schema_prints_the_files_of_the_contract_byte_for_byte():
    files = irsactl("schema").must(0).out.split()
    there = {path.name for path in (ROOT / "schemas").iterdir() if path.is_file() and path.suffix in (".json", ".yaml")}
    assert set(files) == there
    for file in files:
        assert irsactl("schema", file).must(0).out == (ROOT / "schemas" / file).read_text()
    assert irsactl("schema", "request.v1").out == irsactl("schema", "request.v1.schema.json").out


def test_version_names_itself_and_librdkafka():
    assert irsactl("version").must(0).out.startswith("irsactl 0.")
    assert "librdkafka 2." in irsactl("version").out
    assert irsactl("--version").must(0).out == irsactl("version").out


@pytest.mark.parametrize(("line", "candidates"), [
    ("irsactl ", {"create", "delete", "results", "topics"}),
    ("irsactl cr", {"create"}),
    ("irsactl create ", {"iamserviceaccount"}),
    ("irsactl create iamserviceaccount --attach-p", {"--attach-policy-arn"}),
    ("irsactl results --fol", {"--follow"}),
    ("irsactl results -o js", {"json", "jsonl"}),
])
def test_bash_completes_commands_flags_and_choices(line, candidates):
    words = line.split(" ")
    script = (f'source <("{IRSACTL}" completion bash); COMP_WORDS=({" ".join(words[:-1])} "{words[-1]}"); '
              f'COMP_CWORD={len(words) - 1}; _irsactl; printf "%s\\n" "${{COMPREPLY[@]}}"')
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=environment({"PATH": os.environ["PATH"]}),
                          capture_output=True, text=True, check=True)
    assert candidates <= set(done.stdout.split())
    assert done.stderr == ""
