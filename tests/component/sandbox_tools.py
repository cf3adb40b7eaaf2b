"""A sandbox for the component tests, and independent clients of it: boto3 for AWS, requests for Kubernetes."""

from __future__ import annotations

import base64
import os
import shlex
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import requests
from botocore.config import Config
from botocore.signers import RequestSigner

BIN = Path(os.environ.get("IRSA_BIN_DIR", Path(__file__).parents[2] / "build/dev/bin"))
PROGRAM = BIN / "irsa-sandbox"
REGION, ACCOUNT, CLUSTER = "us-west-2", "111122223333", "cluster-13"
READY_SECONDS = 20
APPLY = "application/apply-patch+yaml"


def key_of(account: str) -> tuple[str, str]:
    """The key id and the secret of an account's identity, as docs/sandbox.md has them."""
    return f"AKIASBOX{account}", f"irsa-sandbox/{account}/not-a-real-key"


class Sandbox:
    """irsa-sandbox without its broker, unless `broker`."""

    def __init__(self, workdir: Path, *flags: str, broker: bool = False):
        self.env_file = workdir / "env"
        self.log = (workdir / "log").open("wb")
        command = [str(PROGRAM), "--env-file", str(self.env_file), *flags]
        if not broker:
            command.append("--no-broker")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_SECONDS
        while not self.env_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise RuntimeError(f"irsa-sandbox is not ready:\n{(workdir / 'log').read_text()}")
            time.sleep(0.005)
        words = shlex.split(self.env_file.read_text())
        self.env = dict(word.split("=", 1) for word in words if "=" in word)
        self.http = requests.Session()
        self.http.trust_env = False
        self.session = boto3.session.Session()
        self._clients: dict[tuple, Any] = {}

    def close(self) -> None:
        self.process.terminate()
        status = self.process.wait(READY_SECONDS)
        self.log.close()
        if status != 0:
            raise RuntimeError(f"irsa-sandbox ended with {status}:\n{Path(self.log.name).read_text()[-8000:]}")

    def control(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self.http.request(method, self.env["IRSA_SANDBOX_URL"] + path, json=body, timeout=30)
        assert answer.status_code == status, answer.text
        return answer.json()

    def world(self, account: str = ACCOUNT) -> dict:
        return self.control("GET", "/world")["accounts"][account]

    def counts(self) -> dict[str, int]:
        return self.control("GET", "/calls")["counts"]

    def client(self, service: str, account: str = ACCOUNT, region: str = REGION, **config: Any) -> Any:
        """A client of boto3 that does not retry; making one takes a tenth of a second, so they are kept."""
        kept = (service, account, region, tuple(sorted(config.items())))
        if kept not in self._clients:
            key_id, secret = key_of(account)
            options = {"retries": {"max_attempts": 0, "mode": "standard"}} | config
            self._clients[kept] = self.session.client(
                service, region, aws_access_key_id=key_id, aws_secret_access_key=secret, config=Config(**options),
                endpoint_url=self.env["AWS_ENDPOINT_URL"], verify=self.env.get("AWS_CA_BUNDLE", True))
        return self._clients[kept]

    def kube(self, cluster: str = CLUSTER, account: str = ACCOUNT, region: str = REGION) -> Kube:
        found = self.client("eks", account, region).describe_cluster(name=cluster)["cluster"]
        return Kube(found, eks_token(cluster, account, region), self.env_file.parent)


def eks_token(cluster: str, account: str = ACCOUNT, region: str = REGION, secret: str | None = None,
              url: str | None = None, expires: int = 60, suffix: str = "amazonaws.com", is_session: bool = False) -> str:
    """What `aws eks get-token` makes, by botocore's signer."""
    key_id, real_secret = key_of(account)
    session = botocore.session.get_session()
    if is_session:
        session.set_credentials(key_id.replace("AKIA", "ASIA"), secret or real_secret, f"irsa-sandbox/{account}/session")
    else:
        session.set_credentials(key_id, secret or real_secret)
    signer = RequestSigner(session.get_service_model("sts").service_id, region, "sts", "v4", session.get_credentials(),
                           session.get_component("event_emitter"))
    request = {"method": "GET", "body": {}, "context": {}, "headers": {"x-k8s-aws-id": cluster},
               "url": url or f"https://sts.{region}.{suffix}/?Action=GetCallerIdentity&Version=2011-06-15"}
    presigned = signer.generate_presigned_url(request, region_name=region, expires_in=expires, operation_name="")
    return encode_token(presigned)


def encode_token(url: str) -> str:
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


class Kube:
    """One cluster's API server, trusted by the CA that DescribeCluster gives."""

    def __init__(self, cluster: dict, token: str | None, workdir: Path):
        self.url = cluster["endpoint"]
        self.token = token
        ca_file = workdir / "ca.pem"
        ca_file.write_bytes(base64.b64decode(cluster["certificateAuthority"]["data"]))
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(ca_file)

    def __call__(self, method: str, path: str, body: Any = None, content_type: str = "application/json",
                 token: str | None = "own", **headers: str) -> requests.Response:
        bearer = self.token if token == "own" else token
        sent = {"Accept": "application/json", "User-Agent": "curl/8"} | headers
        if bearer:
            sent["Authorization"] = f"Bearer {bearer}"
        if body is not None:
            sent["Content-Type"] = content_type
        if isinstance(body, (str, bytes)) or body is None:
            return self.http.request(method, self.url + path, data=body, headers=sent, timeout=30)
        return self.http.request(method, self.url + path, json=body, headers=sent, timeout=30)

    def apply(self, namespace: str, name: str, manager: str, metadata: dict | None = None, query: str = "",
              **more: Any) -> requests.Response:
        body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name} | (metadata or {})} | more
        return self("PATCH", f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}?fieldManager={manager}{query}",
                    body, APPLY)


def owners(account: dict) -> dict[str, dict]:
    """managedFields by manager."""
    return {entry["manager"]: entry["fieldsV1"] for entry in account["metadata"].get("managedFields", [])}


def wait_until(holds: Any, what: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)


def names(items: Iterable[dict], key: str) -> list[str]:
    return [item[key] for item in items]
