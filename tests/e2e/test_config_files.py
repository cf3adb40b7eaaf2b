"""-f: a file, several, a directory, standard input; which of its accounts; what it is read for and what not."""

from __future__ import annotations

import json

import pytest

from .places import DYNAMODB_READ, S3_READ


def run(site, action, *arguments, code=0, input=None):
    batch = f"{site.namespace}-{len(site.broker.requests.all())}"
    site.ctl(action, "iamserviceaccount", *arguments, "--wait=60s", "--batch", batch, input=input).must(code)
    return {name.removeprefix(f"{site.namespace}/"): result for name, result in site.broker.batch(batch).items()}


@pytest.fixture
def three(site, tmp_path):
    """A file with three accounts."""
    path = tmp_path / "three.yaml"
    path.write_text(site.config(*(site.entry(name) for name in ("web", "web-cache", "worker"))))
    return path


def test_standard_input_is_a_file_too(site):
    assert [*run(site, "create", "-f", "-", input=site.config(site.entry("reader")))] == ["reader"]
    assert site.is_pair("reader")


def test_a_directory_is_all_of_its_files_and_a_file_may_hold_many_documents(site, tmp_path):
    (tmp_path / "one.yaml").write_text(site.config(site.entry("a")))
    (tmp_path / "two.yml").write_text(f"{site.config(site.entry('b'))}\n---\n{site.config(site.entry('c'))}\n")
    (tmp_path / "three.json").write_text(site.config(site.entry("d")))
    (tmp_path / "notes.txt").write_text("not a ClusterConfig")
    assert sorted(run(site, "create", "-f", tmp_path)) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(("flags", "chosen"), [
    (["--include", "{ns}/web*"], ["web", "web-cache"]),
    (["--include", "*/web", "--include", "*/worker"], ["web", "worker"]),
    (["--exclude", "*cache"], ["web", "worker"]),
    (["--include", "*/web*", "--exclude", "*/web-*"], ["web"]),
    (["--include", "{ns}/{{web,worker}}"], ["web", "worker"]),
])
def test_include_and_exclude_choose_by_glob(site, three, flags, chosen):
    flags = [flag.format(ns=site.namespace) for flag in flags]
    assert sorted(run(site, "create", "-f", three, *flags)) == chosen
    assert sorted(site.accounts()) == chosen


def test_an_include_that_fits_nothing_is_an_error_and_nothing_is_sent(site, three):
    before = site.broker.requests.ends()
    refused = site.ctl("create", "iamserviceaccount", "-f", three, "--include", "web").must(3)
    assert '"web"' in refused.stderr
    assert site.broker.requests.ends() == before


def test_delete_by_file_shows_its_plan_until_it_is_approved(site, three):
    run(site, "create", "-f", three)
    before = site.broker.requests.ends()
    plan = site.ctl("delete", "iamserviceaccount", "-f", three, "--exclude", "*/worker").must(0)
    assert f"{site.namespace}/web-cache" in plan.stdout
    assert "worker" not in plan.stdout
    assert "--approve" in plan.stderr
    assert site.broker.requests.ends() == before
    run(site, "delete", "-f", three, "--exclude", "*/worker", "--approve")
    assert [*site.accounts()] == ["worker"]


def test_update_by_file_changes_the_roles_in_place(site, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(site.config(site.entry("reader")))
    run(site, "create", "-f", path)
    before = site.roles()["reader"]
    path.write_text(site.config(site.entry("reader", attachPolicyARNs=[DYNAMODB_READ])))
    assert run(site, "update", "-f", path)["reader"].outcome == "succeeded"
    after = site.roles()["reader"]
    assert (after["attachedPolicies"], after["roleId"]) == ([DYNAMODB_READ], before["roleId"])


def test_every_field_of_an_entry_reaches_aws_and_kubernetes(site):
    boundary_name = f"boundary-{site.namespace}"
    boundary = f"arn:aws:iam::{site.cluster.account}:policy/{boundary_name}"
    statement = {"Version": "2012-10-17",
                 "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::orders/*"}]}
    site.stage.world.put({"accounts": {site.cluster.account: {"policies": [
        {"policyName": boundary_name, "arn": boundary, "policyDocument": statement}]}}})
    entry = {
        "metadata": {"name": "full", "namespace": site.namespace, "labels": {"team": "checkout"},
                     "annotations": {"example.com/owner": "checkout@example.com",
                                     "eks.amazonaws.com/sts-regional-endpoints": "true"}},
        "attachPolicyARNs": [S3_READ], "attachPolicy": statement, "wellKnownPolicies": {"externalDNS": True},
        "permissionsBoundary": boundary, "roleName": f"app-full-{site.namespace}", "tags": {"team": "checkout"},
        "subjectPattern": "full-*"}
    run(site, "create", "-f", "-", input=site.config(entry))
    role, account = site.roles()["full"], site.accounts()["full"]
    assert role["roleName"] == f"app-full-{site.namespace}"
    assert role["permissionsBoundary"] == boundary
    assert role["attachedPolicies"] == [S3_READ]
    assert role["inlinePolicies"]["irsa-inline"] == statement
    assert sorted(role["inlinePolicies"]) == ["irsa-externalDNS", "irsa-inline"]
    assert role["tags"]["team"] == "checkout"
    assert role["assumeRolePolicyDocument"] == site.trust("full", "full-*")
    assert account["labels"] == {"team": "checkout", "app.kubernetes.io/managed-by": "irsa"}
    assert account["annotations"]["example.com/owner"] == "checkout@example.com"
    assert account["annotations"]["eks.amazonaws.com/sts-regional-endpoints"] == "true"


def test_the_account_may_stand_in_the_files_annotations(site):
    config = json.loads(site.config(site.entry("reader")))
    config["metadata"]["annotations"] = {"irsa.dev/account-id": site.cluster.account}
    shown = site.ctl("create", "iamserviceaccount", "-f", "-", "--dry-run=client", "-o", "json", input=json.dumps(config))
    [event] = shown.must().json
    assert event["data"]["cluster"]["accountID"] == site.cluster.account
    assert event["subject"] == site.subject("reader")


def test_a_file_with_accounts_but_without_oidc_is_refused(site):
    refused = site.ctl("create", "iamserviceaccount", "-f", "-", input=site.config(site.entry("a"), with_oidc=False))
    assert "withOIDC" in refused.must(3).stderr


def test_dry_run_client_prints_the_events_and_sends_nothing(site, three):
    before = site.broker.requests.ends()
    shown = site.ctl("create", "iamserviceaccount", "-f", three, "--dry-run=client").must(0)
    events = shown.json
    assert [event["data"]["serviceAccount"]["metadata"]["name"] for event in events] == ["web", "web-cache", "worker"]
    assert {event["type"] for event in events} == {"dev.irsa.iamserviceaccount.create.requested.v1"}
    assert {event["partitionkey"] for event in events} == {f"{site.cluster.id}/{site.namespace}/{name}"
                                                           for name in ("web", "web-cache", "worker")}
    assert all(event["data"]["options"]["withOIDC"] is True for event in events)
    assert site.broker.requests.ends() == before


def test_dry_run_server_has_a_worker_plan_and_changes_nothing(site, three):
    before = site.stage.world.snapshot()
    results = run(site, "create", "-f", three, "--dry-run=server")
    assert {result.outcome for result in results.values()} == {"planned"}
    assert all({"create-role", "attach-policy", "apply-service-account"} <= set(result.steps)
               for result in results.values())
    assert site.stage.world.snapshot() == before
    assert site.state("web") is None
