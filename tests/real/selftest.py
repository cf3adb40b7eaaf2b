"""The real parts and the world made of them work, seen with boto3, confluent-kafka and requests: no program of ours."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from .aws_accounts import TESTS
from .eks_token import eks_token
from .processes import local_http, wait_until
from .world import RealWorld

CLUSTER, OTHER = "us-west-2/cluster-13", "eu-west-1/cluster-14"
ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
APPLY = "application/apply-patch+yaml"
STATEMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@pytest.fixture(scope="session")
def started_world(tmp_path_factory):
    began = time.monotonic()
    with RealWorld([f"cluster-13:us-west-2:{ACCOUNT}", f"cluster-14:eu-west-1:{OTHER_ACCOUNT}"],
                   tmp_path_factory.mktemp("world")) as world:
        world.seconds_to_start = time.monotonic() - began
        yield world


@pytest.fixture
def world(started_world):
    started_world.reset()
    return started_world


def client(world, service, region="us-west-2"):
    """boto3 with the worker's own credentials."""
    env = world.env
    return boto3.client(service, region_name=region, endpoint_url=env["AWS_ENDPOINT_URL"],
                        aws_access_key_id=env["AWS_ACCESS_KEY_ID"], aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"])


def trust(issuer, subject):
    return {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"},
        "Condition": {"StringEquals": {f"{issuer}:sub": subject, f"{issuer}:aud": "sts.amazonaws.com"}}}]}


class Kubernetes:
    """The worker's way in: endpoint and CA from DescribeCluster, an EKS token for the rest."""

    def __init__(self, world, tmp_path, cluster="cluster-13", token_cluster="cluster-13"):
        described = client(world, "eks").describe_cluster(name=cluster)["cluster"]
        ca = tmp_path / "ca.pem"
        ca.write_bytes(base64.b64decode(described["certificateAuthority"]["data"]))
        self.url = described["endpoint"]
        self.http = local_http()
        self.http.verify = str(ca)
        self.http.headers["Authorization"] = "Bearer " + eks_token(
            world.env["AWS_ACCESS_KEY_ID"], world.env["AWS_SECRET_ACCESS_KEY"], "us-west-2", token_cluster)

    def call(self, method, path, body=None, content_type="application/json"):
        return self.http.request(method, self.url + path, data=json.dumps(body) if body else None,
                                 headers={"Content-Type": content_type}, timeout=30)


def test_everything_starts_within_fifteen_seconds(started_world):
    assert started_world.seconds_to_start < 15


def test_a_new_world_is_empty(world):
    namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"]
    snapshot = world.snapshot()
    assert snapshot["accounts"] == {name: {"roles": [], "policies": [], "oidcProviders": []}
                                    for name in (ACCOUNT, OTHER_ACCOUNT)}
    assert snapshot["clusters"].keys() == {CLUSTER, OTHER}
    for cluster, account in ((CLUSTER, ACCOUNT), (OTHER, OTHER_ACCOUNT)):
        found = snapshot["clusters"][cluster]
        assert found["accountID"] == account
        assert found["namespaces"] == namespaces
        assert found["serviceAccounts"] == []


def test_sts_knows_the_worker_s_account(world):
    assert client(world, "sts").get_caller_identity()["Account"] == ACCOUNT


def test_each_cluster_has_its_own_issuer_endpoint_and_certificate_authority(world):
    described = client(world, "eks").describe_cluster(name="cluster-13")["cluster"]
    assert described["status"] == "ACTIVE"
    assert described["arn"] == f"arn:aws:eks:us-west-2:{ACCOUNT}:cluster/cluster-13"
    snapshot = world.snapshot()["clusters"]
    assert described["identity"]["oidc"]["issuer"] == snapshot[CLUSTER]["issuer"] != snapshot[OTHER]["issuer"]


@pytest.mark.parametrize(("name", "region"), [("nope", "us-west-2"), ("cluster-13", "eu-west-1"),
                                              ("cluster-14", "eu-west-1")])
def test_an_absent_cluster_another_region_s_or_another_account_s_is_not_found(world, name, region):
    eks = client(world, "eks", region)
    with pytest.raises(eks.exceptions.ResourceNotFoundException):
        eks.describe_cluster(name=name)


def test_a_wrong_secret_is_refused(world):
    iam = boto3.client("iam", region_name="us-west-2", endpoint_url=world.env["AWS_ENDPOINT_URL"],
                       aws_access_key_id=world.env["AWS_ACCESS_KEY_ID"], aws_secret_access_key="wrong")
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        iam.list_roles()


def test_an_unknown_access_key_is_refused(world):
    iam = boto3.client("iam", region_name="us-west-2", endpoint_url=world.env["AWS_ENDPOINT_URL"],
                       aws_access_key_id="AKIANOBODY0000000000", aws_secret_access_key="wrong")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        iam.list_roles()


def test_an_unsigned_request_is_refused(world):
    answer = local_http().post(world.env["AWS_ENDPOINT_URL"], timeout=30,
                               data={"Action": "ListRoles", "Version": "2010-05-08"})
    assert answer.status_code == 403
    assert "MissingAuthenticationToken" in answer.text


def test_an_audience_is_added_to_a_provider_once(world):
    iam = client(world, "iam")
    arn = iam.create_open_id_connect_provider(Url="https://oidc.example/id/A",
                                              ClientIDList=["other"])["OpenIDConnectProviderArn"]
    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="sts.amazonaws.com")
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"] == ["other",
                                                                                             "sts.amazonaws.com"]
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn + "B", ClientID="x")


def test_the_snapshot_has_what_was_made_and_reset_empties_it(world, tmp_path):
    issuer = client(world, "eks").describe_cluster(name="cluster-13")["cluster"]["identity"]["oidc"]["issuer"]
    document = trust(issuer.removeprefix("https://"), "system:serviceaccount:backend-apps:s3-reader")
    iam = client(world, "iam")
    provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])
    role = iam.create_role(RoleName="reader", Path="/irsa/us-west-2/cluster-13/", Tags=[{"Key": "a b", "Value": "=é"}],
                           AssumeRolePolicyDocument=json.dumps(document))["Role"]
    iam.attach_role_policy(RoleName="reader", PolicyArn=READ_ONLY)
    iam.put_role_policy(RoleName="reader", PolicyName="irsa-inline", PolicyDocument=json.dumps(STATEMENT))

    kubernetes = Kubernetes(world, tmp_path)
    assert kubernetes.call("POST", "/api/v1/namespaces", {"metadata": {"name": "backend-apps"}}).status_code == 201
    applied = kubernetes.call(
        "PATCH", "/api/v1/namespaces/backend-apps/serviceaccounts/s3-reader?fieldManager=irsa", content_type=APPLY,
        body={"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {
            "name": "s3-reader", "annotations": {"eks.amazonaws.com/role-arn": role["Arn"]}}})
    assert applied.status_code == 201, applied.text

    snapshot = world.snapshot()
    assert snapshot["accounts"][ACCOUNT] == {
        "roles": [{
            "roleName": "reader", "path": "/irsa/us-west-2/cluster-13/", "arn": role["Arn"], "roleId": role["RoleId"],
            "assumeRolePolicyDocument": document, "tags": {"a b": "=é"}, "attachedPolicies": [READ_ONLY],
            "inlinePolicies": {"irsa-inline": STATEMENT}}],
        "policies": [],
        "oidcProviders": [{"arn": provider["OpenIDConnectProviderArn"], "url": issuer.removeprefix("https://"),
                           "clientIDs": ["sts.amazonaws.com"], "tags": {}}]}
    assert "backend-apps" in snapshot["clusters"][CLUSTER]["namespaces"]
    [account] = snapshot["clusters"][CLUSTER]["serviceAccounts"]
    assert account == {"metadata": applied.json()["metadata"]}
    assert [owner["manager"] for owner in account["metadata"]["managedFields"]] == ["irsa"]

    world.reset()
    test_a_new_world_is_empty(world)


def test_an_apply_of_resource_version_1_creates_and_never_changes(world, tmp_path):
    """The worker's create-only write depends on it."""
    kubernetes = Kubernetes(world, tmp_path)
    path = "/api/v1/namespaces/default/serviceaccounts/a?fieldManager=irsa"
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a", "resourceVersion": "1"}}
    answers = [kubernetes.call("PATCH", path, account, APPLY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["reason"] == "Conflict"


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/api/v1/namespaces"), ("DELETE", "/api/v1/namespaces/default"), ("GET", "/api/v1/secrets"),
    ("GET", "/api/v1/namespaces/default/serviceaccounts")])
def test_the_worker_may_do_no_more_than_it_needs(world, tmp_path, method, path):
    assert Kubernetes(world, tmp_path).call(method, path).status_code == 403


def test_a_token_for_another_cluster_is_unauthorized(world, tmp_path):
    kubernetes = Kubernetes(world, tmp_path, token_cluster="cluster-14")
    assert kubernetes.call("GET", "/api/v1/namespaces/default").status_code == 401


def test_what_others_made_is_put_and_snapshot_gives_it_back(world):
    policy_arn = f"arn:aws:iam::{ACCOUNT}:policy/team/boundary"
    role = {"roleName": "theirs", "path": "/theirs/", "assumeRolePolicyDocument": trust("oidc.example", "x"),
            "permissionsBoundary": policy_arn, "tags": {"owner": "them"},
            "attachedPolicies": [policy_arn, READ_ONLY], "inlinePolicies": {"one": STATEMENT}}
    policy = {"policyName": "boundary", "path": "/team/", "policyDocument": STATEMENT}
    provider = {"url": "oidc.example/id/B", "clientIDs": ["a"], "tags": {"k": "v"}}
    world.put({
        "accounts": {ACCOUNT: {"roles": [role], "policies": [policy], "oidcProviders": [provider]},
                     "777788889999": {"roles": [{**role, "attachedPolicies": [], "permissionsBoundary": READ_ONLY}]}},
        "clusters": {CLUSTER: {"namespaces": ["theirs"], "serviceAccounts": [
            {"metadata": {"name": "a", "namespace": "theirs", "labels": {"x": "y"}}},
            {"metadata": {"name": "b", "namespace": "new", "annotations": {"n": "1"}},
             "fieldManager": "eksctl", "operation": "Update"},
            {"metadata": {"name": "c", "namespace": "new", "finalizers": ["example.com/hold"]}}]}}})

    snapshot = world.snapshot()
    [found] = snapshot["accounts"][ACCOUNT]["roles"]
    assert {key: found[key] for key in role} == role
    assert snapshot["accounts"][ACCOUNT]["policies"] == [{**policy, "arn": policy_arn}]
    assert snapshot["accounts"][ACCOUNT]["oidcProviders"] == [
        {**provider, "arn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.example/id/B"}]
    assert [role["arn"] for role in snapshot["accounts"]["777788889999"]["roles"]] == [
        "arn:aws:iam::777788889999:role/theirs/theirs"]
    accounts = {item["metadata"]["name"]: item["metadata"] for item in snapshot["clusters"][CLUSTER]["serviceAccounts"]}
    assert {name: (owner["manager"], owner["operation"]) for name, item in accounts.items()
            for owner in item["managedFields"]} == {"a": ("kubectl", "Apply"), "b": ("eksctl", "Update"),
                                                    "c": ("kubectl", "Apply")}
    assert {"theirs", "new"} <= set(snapshot["clusters"][CLUSTER]["namespaces"])


def test_putting_again_changes_exactly_the_parts_that_are_given(world):
    role = {"roleName": "theirs", "assumeRolePolicyDocument": trust("oidc.example", "x"), "tags": {"a": "1", "b": "2"},
            "attachedPolicies": [READ_ONLY], "inlinePolicies": {"one": STATEMENT}}
    account = {"name": "a", "namespace": "theirs", "annotations": {"n": "1"}}
    world.put({"accounts": {ACCOUNT: {"roles": [role]}},
               "clusters": {CLUSTER: {"serviceAccounts": [{"metadata": account, "operation": "Update"}]}}})
    world.put({"accounts": {ACCOUNT: {"roles": [{"roleName": "theirs", "tags": {"b": "3"}, "inlinePolicies": {},
                                                 "assumeRolePolicyDocument": trust("oidc.example", "y")}]}},
               "clusters": {CLUSTER: {"serviceAccounts": [
                   {"metadata": {**account, "annotations": {"n": "2"}}, "operation": "Update"}]}}})

    snapshot = world.snapshot()
    [found] = snapshot["accounts"][ACCOUNT]["roles"]
    assert found["tags"] == {"b": "3"}
    assert found["attachedPolicies"] == [READ_ONLY]
    assert found["inlinePolicies"] == {}
    assert found["assumeRolePolicyDocument"] == trust("oidc.example", "y")
    assert snapshot["clusters"][CLUSTER]["serviceAccounts"][0]["metadata"]["annotations"] == {"n": "2"}


def test_what_others_take_away_is_gone(world):
    role = {"roleName": "theirs", "assumeRolePolicyDocument": trust("oidc.example", "x"), "permissionsBoundary": READ_ONLY,
            "attachedPolicies": [READ_ONLY], "inlinePolicies": {"one": STATEMENT}}
    provider = {"url": "oidc.example/id/B", "clientIDs": ["a", "b"], "tags": {"k": "v"}}
    account = {"name": "a", "namespace": "theirs", "labels": {"x": "y"}, "annotations": {"n": "1"}}
    world.put({"accounts": {ACCOUNT: {"roles": [role, {**role, "roleName": "gone"}],
                                      "oidcProviders": [provider, {**provider, "url": "oidc.example/id/C"}]}},
               "clusters": {CLUSTER: {"serviceAccounts": [
                   {"metadata": each} for each in (account, {**account, "name": "b"}, {**account, "namespace": "gone"})]}}})
    world.put({"accounts": {ACCOUNT: {
        "delete": {"roles": ["gone"], "oidcProviders": [f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.example/id/C"]},
        "roles": [{"roleName": "theirs", "permissionsBoundary": None}],
        "oidcProviders": [{"url": provider["url"], "clientIDs": ["b"]}]}},
        "clusters": {CLUSTER: {
            "delete": {"serviceAccounts": ["theirs/b"], "namespaces": ["gone"]},
            "serviceAccounts": [{"metadata": {**account, "annotations": {"n": None}}, "operation": "Update"}]}}})

    snapshot = world.snapshot()
    [found] = snapshot["accounts"][ACCOUNT]["roles"]
    assert found["roleName"] == "theirs" and "permissionsBoundary" not in found
    assert (found["attachedPolicies"], found["inlinePolicies"]) == ([READ_ONLY], {"one": STATEMENT})
    [left] = snapshot["accounts"][ACCOUNT]["oidcProviders"]
    assert (left["url"], left["clientIDs"], left["tags"]) == ("oidc.example/id/B", ["b"], {"k": "v"})
    assert [(item["metadata"]["namespace"], item["metadata"]["name"], item["metadata"].get("annotations"))
            for item in snapshot["clusters"][CLUSTER]["serviceAccounts"]] == [("theirs", "a", None)]
    assert "gone" not in snapshot["clusters"][CLUSTER]["namespaces"]


def test_reset_is_fast(world):
    world.put({"accounts": {ACCOUNT: {"roles": [
        {"roleName": f"r{n}", "assumeRolePolicyDocument": trust("oidc.example", "x")} for n in range(20)]}},
        "clusters": {CLUSTER: {"serviceAccounts": [
            {"metadata": {"name": f"a{n}", "namespace": f"n{n % 3}"}} for n in range(20)]}}})
    began = time.monotonic()
    world.reset()
    assert time.monotonic() - began < 2


def create_topic(servers, topic, partitions):
    admin = AdminClient(servers)  # named, since the request dies with it
    admin.create_topics([NewTopic(topic, num_partitions=partitions, replication_factor=1)])[topic].result(30)


def test_what_is_produced_to_kafka_is_consumed(world):
    servers = {"bootstrap.servers": world.env["IRSA_KAFKA_BOOTSTRAP_SERVERS"]}
    topic = world.topics_prefix + ".requests"
    create_topic(servers, topic, 4)
    producer = Producer(servers)
    producer.produce(topic, key="k", value=b"hello", headers={"ce_id": b"1"})
    assert producer.flush(30) == 0
    consumer = Consumer(servers | {"group.id": world.topics_prefix, "auto.offset.reset": "earliest"})
    try:
        consumer.subscribe([topic])
        message = consumer.poll(30)
        assert (message.error(), message.key(), message.value()) == (None, b"k", b"hello")
    finally:
        consumer.close()


def test_an_absent_topic_is_not_made(world):
    servers = {"bootstrap.servers": world.env["IRSA_KAFKA_BOOTSTRAP_SERVERS"], "message.timeout.ms": 5000}
    failures = []
    producer = Producer(servers | {"topic.metadata.propagation.max.ms": 0})
    producer.produce(world.topics_prefix + ".absent", b"x", on_delivery=lambda error, message: failures.append(error))
    producer.flush(30)
    assert [error.name() for error in failures] == ["UNKNOWN_TOPIC_OR_PART"]


def test_every_reset_gives_topics_of_its_own(world):
    before = world.topics_prefix
    world.reset()
    assert world.topics_prefix != before
    assert world.env["IRSA_TOPICS_PREFIX"] == world.topics_prefix


def test_a_broker_that_was_killed_keeps_what_it_acknowledged(world):
    servers = {"bootstrap.servers": world.env["IRSA_KAFKA_BOOTSTRAP_SERVERS"]}
    topic = world.topics_prefix + ".requests"
    create_topic(servers, topic, 1)
    producer = Producer(servers)
    producer.produce(topic, b"kept")
    assert producer.flush(30) == 0
    world.broker.kill()
    world.broker.start()
    world.broker.wait_ready()
    consumer = Consumer(servers | {"group.id": world.topics_prefix, "auto.offset.reset": "earliest"})
    try:
        consumer.subscribe([topic])
        assert consumer.poll(30).value() == b"kept"
    finally:
        consumer.close()


def test_nothing_is_left_running_when_the_world_ends(tmp_path):
    with RealWorld(["cluster-15"], tmp_path / "world") as world:
        cloud = world.cloud
        children = [world.broker.child, cloud.etcd.child, cloud.aws.child,
                    *(cluster.child for cluster in cloud.clusters.values())]
        assert all(Path(f"/proc/{child.pid}").exists() for child in children)
    assert not any(Path(f"/proc/{child.pid}").exists() for child in children)
    assert not any(str(tmp_path) in command_line(pid) for pid in os.listdir("/proc") if pid.isdecimal())


def command_line(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return ""


def test_a_run_that_is_killed_leaves_no_child_behind(tmp_path):
    program = """if True:
        import sys
        from pathlib import Path
        from real.processes import Child
        print(Child("sleeper", ["sleep", "1000"], Path(sys.argv[1])).pid, flush=True)
        sys.stdin.read()
    """
    run = subprocess.Popen([sys.executable, "-c", program, tmp_path / "log"], env={"PYTHONPATH": str(TESTS)},
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    child = Path("/proc") / run.stdout.readline().strip()
    assert child.exists()
    run.kill()
    run.communicate()
    wait_until(lambda: not is_running(child), "the child is gone", 10)


def is_running(process: Path) -> bool:
    """A zombie that the machine's init has yet to reap is not."""
    try:
        return "\nState:\tZ" not in (process / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
