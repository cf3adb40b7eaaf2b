"""The control API: the world as a document, counts, scripted faults, latency, rates, reset, the broker."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from botocore.exceptions import ClientError, HTTPClientError
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from sandbox_tools import ACCOUNT, CLUSTER, REGION, Sandbox, names, owners

KEY = f"{REGION}/{CLUSTER}"
S3_READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    box = Sandbox(tmp_path_factory.mktemp("control"), broker=True)
    yield box
    box.close()


@pytest.fixture
def sandbox(running):
    running.control("POST", "/reset")
    return running


def account(sandbox) -> dict:
    return sandbox.world()


def put_account(sandbox, document: dict) -> dict:
    return sandbox.control("PUT", "/world", {"accounts": {ACCOUNT: document}})["accounts"][ACCOUNT]


def put_cluster(sandbox, document: dict) -> dict:
    return sandbox.control("PUT", "/world", {"clusters": {KEY: document}})["clusters"][KEY]


# ------------------------------------------------------------------------------------------------------- world


def test_an_empty_world_has_the_form_that_is_promised(sandbox):
    world = sandbox.control("GET", "/world")
    assert world["accounts"] == {ACCOUNT: {"roles": [], "policies": [], "oidcProviders": [], "instanceProfiles": []}}
    cluster = world["clusters"][KEY]
    assert (cluster["accountID"], cluster["serviceAccounts"]) == (ACCOUNT, [])
    assert cluster["namespaces"] == ["default", "kube-node-lease", "kube-public", "kube-system"]


ROLE = {"roleName": "theirs", "path": "/x/", "assumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
        "permissionsBoundary": S3_READ, "tags": {"a": "b"}, "attachedPolicies": [S3_READ],
        "inlinePolicies": {"p": {"Version": "2012-10-17", "Statement": []}}}


def test_a_role_is_put_and_shown_again(sandbox):
    [role] = put_account(sandbox, {"roles": [ROLE]})["roles"]
    assert role["arn"] == f"arn:aws:iam::{ACCOUNT}:role/x/theirs"
    assert {key: role[key] for key in ROLE} == ROLE


def test_a_role_that_exists_gets_exactly_the_parts_that_are_given(sandbox):
    put_account(sandbox, {"roles": [ROLE]})
    [role] = put_account(sandbox, {"roles": [{"roleName": "THEIRS", "tags": {}, "inlinePolicies": {"q": {}},
                                              "permissionsBoundary": None}]})["roles"]
    assert (role["roleName"], role["tags"], role["inlinePolicies"]) == ("theirs", {}, {"q": {}})
    assert ("permissionsBoundary" in role, role["attachedPolicies"]) == (False, [S3_READ])


def test_a_snapshot_can_be_put_into_an_empty_world(sandbox):
    put_account(sandbox, {"roles": [ROLE], "policies": [{"policyName": "mine", "policyDocument": {"Version": "2012-10-17"},
                                                          "tags": {"a": "b"}}],
                          "oidcProviders": [{"url": "https://oidc.example.com/x", "clientIDs": ["a"], "tags": {"t": "u"}}],
                          "instanceProfiles": [{"instanceProfileName": "i", "roleName": "theirs"}]})
    put_cluster(sandbox, {"serviceAccounts": [{"metadata": {"name": "x", "namespace": "apps", "labels": {"a": "b"}}}]})
    before = sandbox.control("GET", "/world")
    sandbox.control("POST", "/reset")
    after = sandbox.control("PUT", "/world", before)
    assert after["accounts"] == before["accounts"]
    assert after["accounts"][ACCOUNT]["policies"][0]["tags"] == {"a": "b"}
    labels = lambda world: world["clusters"][KEY]["serviceAccounts"][0]["metadata"]["labels"]
    assert labels(after) == labels(before)


def test_a_policy_may_be_known_by_its_arn_and_has_that_path(sandbox):
    arn = f"arn:aws:iam::{ACCOUNT}:policy/team/boundary"
    [policy] = put_account(sandbox, {"policies": [{"arn": arn}]})["policies"]
    assert (policy["arn"], policy["path"], policy["policyName"]) == (arn, "/team/", "boundary")
    [policy] = put_account(sandbox, {"policies": [{"policyName": "boundary", "path": "/other/"}]})["policies"]
    assert policy["arn"] == f"arn:aws:iam::{ACCOUNT}:policy/other/boundary"


def test_an_instance_profile_that_exists_keeps_what_is_not_given(sandbox):
    put_account(sandbox, {"roles": [ROLE], "instanceProfiles": [{"instanceProfileName": "i", "path": "/x/", "roleName": "theirs"}]})
    [profile] = put_account(sandbox, {"instanceProfiles": [{"instanceProfileName": "i", "path": "/y/"}]})["instanceProfiles"]
    assert (profile["roleName"], profile["arn"]) == ("theirs", f"arn:aws:iam::{ACCOUNT}:instance-profile/y/i")
    [profile] = put_account(sandbox, {"instanceProfiles": [{"instanceProfileName": "i", "roleName": None}]})["instanceProfiles"]
    assert "roleName" not in profile


def test_things_are_deleted_by_name_or_arn(sandbox):
    made = put_account(sandbox, {"roles": [ROLE, {"roleName": "other"}], "policies": [{"policyName": "mine"}],
                                 "oidcProviders": [{"url": "oidc.example.com/A"}, {"url": "oidc.example.com/B"}]})
    left = put_account(sandbox, {"delete": {"roles": ["Theirs"], "policies": [made["policies"][0]["arn"]],
                                            "oidcProviders": [made["oidcProviders"][0]["arn"], "https://oidc.example.com/B"]}})
    assert (names(left["roles"], "roleName"), left["policies"], left["oidcProviders"]) == (["other"], [], [])


def test_a_service_account_is_made_as_the_given_manager_would(sandbox):
    cluster = put_cluster(sandbox, {"namespaces": ["empty"], "serviceAccounts": [
        {"metadata": {"name": "a", "namespace": "apps", "annotations": {"x": "1"}}, "fieldManager": "helm"},
        {"metadata": {"name": "b", "namespace": "apps", "labels": {"y": "1"}}, "fieldManager": "eksctl", "operation": "Update"}]})
    assert {"apps", "empty"} <= set(cluster["namespaces"])
    a, b = cluster["serviceAccounts"]
    assert owners(a) == {"helm": {"f:metadata": {"f:annotations": {"f:x": {}}}}}
    assert owners(b) == {"eksctl": {"f:metadata": {"f:labels": {".": {}, "f:y": {}}}}}


def test_objects_are_deleted_and_namespaces_end_with_what_is_in_them(sandbox):
    put_cluster(sandbox, {"serviceAccounts": [{"metadata": {"name": name, "namespace": place}}
                                              for name, place in (("a", "one"), ("b", "one"), ("c", "two"))]})
    left = put_cluster(sandbox, {"delete": {"serviceAccounts": ["two/c"], "namespaces": ["one"]}})
    assert left["serviceAccounts"] == []
    assert "one" not in left["namespaces"] and "two" in left["namespaces"]


def test_a_namespace_can_be_terminating_and_a_cluster_in_the_making(sandbox):
    put_cluster(sandbox, {"namespaces": [{"name": "going", "terminating": True}], "status": "CREATING",
                          "issuer": "https://oidc.example.com/new"})
    answer = sandbox.client("eks").describe_cluster(name=CLUSTER)["cluster"]
    assert (answer["status"], "endpoint" in answer) == ("CREATING", False)
    put_cluster(sandbox, {"status": "ACTIVE"})
    kube = sandbox.kube()
    assert kube("GET", "/api/v1/namespaces/going").json()["status"] == {"phase": "Terminating"}
    assert sandbox.client("eks").describe_cluster(name=CLUSTER)["cluster"]["identity"]["oidc"]["issuer"] == "https://oidc.example.com/new"


@pytest.mark.parametrize(("document", "at", "text"), [
    ({"account": {}}, "/account", "the world has accounts and clusters"),
    ({"accounts": {"123": {}}}, "/accounts", "12 digits"),
    ({"accounts": {ACCOUNT: {"roles": [{}, {"rolename": "x"}]}}}, f"/accounts/{ACCOUNT}/roles/0", "roleName"),
    ({"accounts": {ACCOUNT: {"roles": [{"roleName": "x", "tag": {}}]}}}, f"/accounts/{ACCOUNT}/roles/0", 'did you mean "tags"?'),
    ({"accounts": {ACCOUNT: {"roles": [{"roleName": "x", "tags": []}]}}}, f"/accounts/{ACCOUNT}/roles/0", "must be an object"),
    ({"clusters": {"us-west-2/absent": {}}}, "/clusters", "no cluster"),
    ({"clusters": {KEY: {"serviceAccounts": [{"metadata": {"name": "Bad_Name"}}]}}},
     "/clusters/us-west-2~1cluster-13/serviceAccounts/0", "RFC 1123"),
    ({"clusters": {KEY: {"status": "active"}}}, "/clusters/us-west-2~1cluster-13/status", "ACTIVE"),
    ([], "", "where an object must be"),
    ({"accounts": ["x"]}, "/accounts", "where an object must be"),
    ({"accounts": {ACCOUNT: ["x"]}}, f"/accounts/{ACCOUNT}", "where an object must be"),
    ({"accounts": {ACCOUNT: {"delete": ["x"]}}}, f"/accounts/{ACCOUNT}/delete", "where an object must be"),
    ({"accounts": {ACCOUNT: {"delete": {"roles": "x"}}}}, f"/accounts/{ACCOUNT}/delete/roles", "array of strings"),
    ({"accounts": {ACCOUNT: {"roles": [{"roleName": "x", "tags": {"a": 1}}]}}}, f"/accounts/{ACCOUNT}/roles/0", "strings and nothing else"),
    ({"accounts": {ACCOUNT: {"roles": [{"roleName": "x", "attachedPolicies": [1]}]}}}, f"/accounts/{ACCOUNT}/roles/0",
     "strings and nothing else"),
    ({"clusters": ["x"]}, "/clusters", "where an object must be"),
    ({"clusters": {KEY: ["x"]}}, "/clusters/us-west-2~1cluster-13", "where an object must be"),
    ({"clusters": {KEY: {"tokens": ["x"]}}}, "/clusters/us-west-2~1cluster-13/tokens", "where an object must be"),
    ({"clusters": {KEY: {"delete": ["x"]}}}, "/clusters/us-west-2~1cluster-13/delete", "where an object must be"),
    ({"clusters": {KEY: {"delete": {"namespaces": [1]}}}}, "/clusters/us-west-2~1cluster-13/delete/namespaces", "array of strings"),
], ids=["member", "account", "no name", "misspelt", "type", "cluster", "name", "status", "world", "accounts", "an account", "delete",
        "what is deleted", "a tag", "a policy", "clusters", "a cluster", "tokens", "delete of a cluster", "a namespace"])
def test_a_bad_world_is_refused_with_place_and_reason(sandbox, document, at, text):
    error = sandbox.control("PUT", "/world", document, status=400)["error"]
    assert error.get("at", "").startswith(at)
    assert text in error["message"]


def test_a_document_that_is_too_deep_to_stand_in_the_world_is_shown_as_text(sandbox):
    deep = "[" * 62 + "]" * 62
    [role] = put_account(sandbox, {"roles": [{"roleName": "x", "inlinePolicies": {"p": deep}}]})["roles"]
    assert role["inlinePolicies"] == {"p": deep}


# ------------------------------------------------------------------------------------------------------- calls and reset


def test_calls_are_counted_and_logged(sandbox):
    sandbox.client("iam").list_roles()
    kube = sandbox.kube()
    kube.apply("default", "x", "irsa")
    kube("GET", f"{ACCOUNTS}/none")
    calls = sandbox.control("GET", "/calls")
    assert calls["counts"] == {"iam.ListRoles": 1, "eks.DescribeCluster": 1, "kubernetes.apply": 1, "kubernetes.get": 1}
    assert calls["log"] == [
        {"n": 1, "service": "iam", "action": "ListRoles", "account": ACCOUNT, "status": 200},
        {"n": 2, "service": "eks", "action": "DescribeCluster", "account": ACCOUNT, "status": 200},
        {"n": 3, "service": "kubernetes", "action": "apply", "cluster": KEY, "status": 201},
        {"n": 4, "service": "kubernetes", "action": "get", "cluster": KEY, "status": 404}]


def test_a_reset_is_an_empty_world_without_faults_and_counts(sandbox):
    put_account(sandbox, {"roles": [ROLE]})
    put_cluster(sandbox, {"serviceAccounts": [{"metadata": {"name": "a", "namespace": "apps"}}]})
    sandbox.control("POST", "/faults", [{"service": "iam", "kind": "drop", "times": 0}])
    issuer = sandbox.control("GET", "/world")["clusters"][KEY]["issuer"]
    put_cluster(sandbox, {"status": "DELETING", "issuer": "https://oidc.example.com/new"})
    sandbox.control("PUT", "/world", {"accounts": {"123456789012": {"roles": [ROLE]}}})
    before = sandbox.control("GET", "/model")
    sandbox.control("POST", "/model", {"pageSize": 1})
    sandbox.control("POST", "/reset")
    assert account(sandbox)["roles"] == []
    assert list(sandbox.control("GET", "/world")["accounts"]) == [ACCOUNT]
    cluster = sandbox.control("GET", "/world")["clusters"][KEY]
    assert (cluster["status"], cluster["issuer"]) == ("ACTIVE", issuer)
    assert sandbox.control("GET", "/calls") == {"counts": {}, "log": []}
    assert sandbox.control("GET", "/faults") == []
    assert sandbox.control("GET", "/model") == before


def test_paths_and_methods_that_are_not_there_are_told(sandbox):
    assert "/world" in sandbox.control("GET", "/nope", status=404)["error"]["message"]
    assert sandbox.control("POST", "/world", {}, status=405)["error"]["message"]
    assert sandbox.control("GET", "/healthz")["status"] == "ok"


# ------------------------------------------------------------------------------------------------------- faults


def fault(sandbox, **what) -> None:
    sandbox.control("POST", "/faults", [{"service": "iam", "action": "CreateRole"} | what])


def create(sandbox, name: str = "r") -> str:
    try:
        sandbox.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    except ClientError as error:
        return error.response["Error"]["Code"]
    except (HTTPClientError, ConnectionError) as error:
        return type(error).__name__
    return "ok"


def roles(sandbox) -> list[str]:
    return names(account(sandbox)["roles"], "roleName")


@pytest.mark.parametrize("kind", ["drop", "reset", "status"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_call_has_its_effect_only_when_it_is_lost_after_it(sandbox, kind, when):
    fault(sandbox, kind=kind, when=when, status=503)
    assert create(sandbox) != "ok"
    assert roles(sandbox) == (["r"] if when == "after" else [])
    assert create(sandbox) == ("EntityAlreadyExists" if when == "after" else "ok")


def test_a_status_carries_code_and_the_time_to_wait(sandbox):
    fault(sandbox, kind="status", status=400, code="Throttling")
    assert create(sandbox) == "Throttling"
    sandbox.control("POST", "/faults", [{"service": "kubernetes", "action": "get", "kind": "status", "status": 429, "retryAfter": 7}])
    answer = sandbox.kube()("GET", f"{ACCOUNTS}/x")
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()["reason"]) == (429, "7", "TooManyRequests")


@pytest.mark.parametrize(("status", "code"), [
    (400, "ClientException"), (403, "AccessDeniedException"), (404, "ResourceNotFoundException"), (429, "ThrottlingException"),
    (500, "ServerException"), (503, "ServiceUnavailableException")])
def test_a_status_without_a_code_has_the_service_s_own(sandbox, status, code):
    sandbox.control("POST", "/faults", {"service": "eks", "kind": "status", "status": status})
    with pytest.raises(ClientError) as caught:
        sandbox.client("eks").describe_cluster(name=CLUSTER)
    assert caught.value.response["Error"]["Code"] == code


def test_the_script_is_shown_as_it_was_given(sandbox):
    script = [{"service": "iam", "action": "GetRole", "account": ACCOUNT, "kind": "status", "when": "after", "nth": 2, "times": 3,
               "status": 503, "code": "ServiceUnavailable", "message": "not now", "retryAfter": 4},
              {"service": "kubernetes", "cluster": KEY, "kind": "status", "when": "before", "nth": 1, "times": 1, "status": 403,
               "cause": "NamespaceTerminating"},
              {"service": "eks", "kind": "page", "when": "before", "nth": 1, "times": 1, "status": 502},
              {"service": "kubernetes", "cluster": KEY, "kind": "delay", "when": "before", "nth": 1, "times": 0, "delayMs": 50}]
    assert sandbox.control("POST", "/faults", script) == [fault | {"seen": 0} for fault in script]


def test_a_status_says_what_the_script_says(sandbox):
    fault(sandbox, kind="status", status=409, code="DeleteConflict", message="it has <policies>")
    with pytest.raises(ClientError, match="it has <policies>"):
        sandbox.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    sandbox.control("POST", "/faults", [{"service": "kubernetes", "action": "get", "kind": "status", "status": 403, "message": "no",
                                         "cause": "NamespaceTerminating"}])
    status = sandbox.kube()("GET", f"{ACCOUNTS}/x").json()
    assert (status["reason"], status["message"], status["details"]["causes"][0]["reason"]) == ("Forbidden", "no", "NamespaceTerminating")


def test_a_page_is_no_answer_of_the_service(sandbox):
    sandbox.control("POST", "/faults", [{"service": "kubernetes", "action": "get", "kind": "page", "status": 502}])
    answer = sandbox.kube()("GET", f"{ACCOUNTS}/x")
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "status", "status": 503, "when": "after"},
                                   {"kind": "delay", "delayMs": 1}], ids=["instead", "after", "later"])
def test_a_call_that_meets_a_fault_has_the_latency_of_the_model(sandbox, fault):
    sandbox.client("iam").list_roles()
    sandbox.control("POST", "/model", {"latencyMs": {"iam": 200}})
    sandbox.control("POST", "/faults", {"service": "iam"} | fault)
    started = time.monotonic()
    create(sandbox)
    assert time.monotonic() - started >= 0.2


def test_a_truncated_answer_breaks_off_in_its_middle(sandbox):
    kube = sandbox.kube()
    sandbox.control("POST", "/faults", [{"service": "kubernetes", "action": "apply", "kind": "truncate"}])
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        kube.apply("default", "x", "irsa")
    assert kube("GET", f"{ACCOUNTS}/x").status_code == 200


def test_the_nth_call_and_as_many_after_it_are_met(sandbox):
    fault(sandbox, kind="status", status=500, nth=2, times=2)
    assert [create(sandbox, f"r{n}") for n in range(4)] == ["ok", "InternalFailure", "InternalFailure", "ok"]
    assert sandbox.control("GET", "/faults")[0]["seen"] == 4
    log = sandbox.control("GET", "/calls")["log"]
    assert [entry.get("fault") for entry in log] == [None, "status", "status", None]


def test_a_fault_without_an_action_meets_all_of_its_service_for_ever(sandbox):
    sandbox.control("POST", "/faults", {"service": "sts", "kind": "status", "status": 503, "times": 0})
    for _ in range(3):
        with pytest.raises(ClientError):
            sandbox.client("sts").get_caller_identity()
    assert create(sandbox) == "ok"
    sandbox.control("DELETE", "/faults")
    sandbox.client("sts").get_caller_identity()


def test_a_fault_may_be_of_one_account_or_cluster(sandbox):
    fault(sandbox, kind="status", status=500, account="444455556666", times=0)
    assert create(sandbox) == "ok"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_delay_holds_back_the_answer_and_before_it_the_effect(sandbox, when):
    fault(sandbox, kind="delay", when=when, delayMs=400)
    with ThreadPoolExecutor() as pool:
        started = time.monotonic()
        waiting = pool.submit(create, sandbox)
        while not sandbox.counts().get("iam.CreateRole"):
            time.sleep(0.01)
        assert roles(sandbox) == (["r"] if when == "after" else [])
        assert waiting.result() == "ok"
        assert time.monotonic() - started >= 0.4
    assert roles(sandbox) == ["r"]


@pytest.mark.parametrize(("kind", "answer"), [("status", "InternalFailure"), ("drop", "ConnectionClosedError")])
def test_a_fault_of_any_kind_may_be_held_back(sandbox, kind, answer):
    fault(sandbox, kind=kind, when="before", delayMs=400)
    with ThreadPoolExecutor() as pool:
        started = time.monotonic()
        waiting = pool.submit(create, sandbox)
        while not sandbox.control("GET", "/faults")[0]["seen"]:
            time.sleep(0.01)
        assert waiting.result() == answer
        assert time.monotonic() - started >= 0.4
    assert roles(sandbox) == []


@pytest.mark.parametrize(("bad", "text"), [
    ({"service": "s3", "kind": "drop"}, "iam, sts, eks or kubernetes"),
    ({"service": "iam", "kind": "explode"}, "status, page, drop, reset, truncate or delay"),
    ({"service": "iam", "action": "CreateRoles", "kind": "drop"}, 'did you mean "CreateRole"?'),
    ({"service": "iam", "kind": "drop", "when": "later"}, "before or after"),
    ({"service": "iam", "kind": "drop", "nht": 1}, 'did you mean "nth"?'),
    ({"service": "iam", "kind": "drop", "nth": 0}, "from 1 to"),
    ({"service": "iam", "kind": "drop", "cluster": KEY}, 'known by their "account"'),
    ({"service": "kubernetes", "kind": "drop", "account": ACCOUNT}, 'known by their "cluster"'),
    ({"service": "iam", "kind": "status", "code": "x" * 64}, "over 63 bytes"),
], ids=["service", "kind", "action", "when", "member", "number", "cluster", "account", "code"])
def test_a_bad_fault_is_refused_and_none_of_its_script_stays(sandbox, bad, text):
    error = sandbox.control("POST", "/faults", [{"service": "iam", "kind": "drop"}, bad], status=400)["error"]
    assert text in error["message"] and error["at"] == "/1"
    assert sandbox.control("GET", "/faults") == []


# ------------------------------------------------------------------------------------------------------- model


def test_latency_holds_no_thread(sandbox):
    sandbox.control("POST", "/model", {"latencyMs": {"sts": 300}})
    sandbox.client("sts").get_caller_identity()
    request = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}

    def ask(_):
        # Unsigned: refused, but after the same latency, and cheap for this side.
        return requests.post(sandbox.env["AWS_ENDPOINT_URL"] + "/", data=request, timeout=30).status_code

    started = time.monotonic()
    with ThreadPoolExecutor(64) as pool:
        assert set(pool.map(ask, range(64))) == {403}
    assert time.monotonic() - started < 300 / 1000 * 8


def test_a_rate_lets_so_many_calls_through_and_throttles_the_rest(sandbox):
    sandbox.control("POST", "/model", {"rates": {"iam.write": 2, "kubernetes": 1}})
    outcomes = [create(sandbox, f"r{n}") for n in range(6)]
    assert outcomes[:2] == ["ok", "ok"] and "Throttling" in outcomes
    sandbox.client("iam").list_roles()
    kube = sandbox.kube()
    answers = [kube("GET", f"{ACCOUNTS}/x") for _ in range(3)]
    throttled = next(answer for answer in answers if answer.status_code == 429)
    assert (throttled.headers["Retry-After"], throttled.text) == ("1", "Too many requests, please try again later.\n")
    sandbox.control("POST", "/model", {"rates": {"iam.write": None}})
    assert create(sandbox, "last") == "ok"


@pytest.mark.parametrize(("bad", "at", "text"), [
    ({"latency": {}}, "/latency", "latencyMs"),
    ({"strictRegions": "no"}, "/strictRegions", "true or false"),
    ({"latencyMs": {"s3": 1}}, "/latencyMs", "no service"),
    ({"rates": {"iam.reads": 1}}, "/rates", "SERVICE.read"),
    ({"quotas": {"rolesPerAcount": 1}}, "/quotas", "rolesPerAccount"),
    ({"pageSize": -1}, "/pageSize", "from 0 to"),
], ids=["member", "boolean", "service", "rate", "quota", "number"])
def test_a_bad_model_is_refused_and_changes_nothing(sandbox, bad, at, text):
    before = sandbox.control("GET", "/model")
    error = sandbox.control("POST", "/model", {"pageSize": 3} | bad, status=400)["error"]
    assert error["at"] == at and text in error["message"]
    assert sandbox.control("GET", "/model") == before


# ------------------------------------------------------------------------------------------------------- broker


def test_the_topics_are_there_and_more_can_be_had(sandbox):
    sandbox.control("POST", "/broker", {"topics": ["more"]})
    found = AdminClient({"bootstrap.servers": sandbox.env["IRSA_KAFKA_BOOTSTRAP_SERVERS"]}).list_topics(timeout=10).topics
    assert {"irsa.requests", "irsa.results", "irsa.state", "irsa.dead-letters", "irsa.control", "more.requests"} <= set(found)
    assert len(found["irsa.control"].partitions) == 1


def test_the_broker_takes_and_gives_records(sandbox):
    settings = {"bootstrap.servers": sandbox.env["IRSA_KAFKA_BOOTSTRAP_SERVERS"]}
    producer = Producer(settings)
    producer.produce("irsa.results", b"hello", partition=0)
    assert producer.flush(10) == 0
    consumer = Consumer(settings | {"group.id": "test", "fetch.wait.max.ms": 10})
    consumer.assign([TopicPartition("irsa.results", 0, 0)])
    assert consumer.poll(10).value() == b"hello"
    consumer.close()


def test_the_broker_fails_as_it_is_told(sandbox):
    sandbox.control("POST", "/broker", {"errors": {"api": "Produce", "codes": [29, 29]}})
    failed = []
    producer = Producer({"bootstrap.servers": sandbox.env["IRSA_KAFKA_BOOTSTRAP_SERVERS"], "retries": 0})
    producer.produce("irsa.results", b"x", on_delivery=lambda error, _: failed.append(error))
    producer.flush(10)
    assert failed[0].name() == "TOPIC_AUTHORIZATION_FAILED"


@pytest.mark.parametrize("bad", [{"up": True}, {"down": "yes"}, {"topics": ["no spaces"]}, {"errors": {"api": "Nothing", "codes": [1]}},
                                 {"errors": {"api": "Produce", "codes": 5}}, {"errors": {"api": "Produce", "codes": [7] * 257}},
                                 {"errors": {"api": "Produce", "codes": [7], "times": 2}}])
def test_a_bad_wish_for_the_broker_is_refused(sandbox, bad):
    assert sandbox.control("POST", "/broker", bad, status=400)["error"]["message"]


