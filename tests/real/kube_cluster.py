"""Real Kubernetes API servers: one etcd for all of them, one kube-apiserver per EKS cluster.

There is no controller manager and no node, so nothing makes default service accounts, and a deleted namespace stays
Terminating until `delete_namespace` takes its finalizer away, as the controller manager would. What they store is
scratch, so they are killed, never asked to close.
"""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import json
import secrets
import signal
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .processes import Child, free_port, local_http

# What the API server makes by itself; a reset leaves these standing.
SYSTEM_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})
APPLY = "application/apply-patch+yaml"
MERGE_PATCH = "application/merge-patch+json"

# The least that the worker needs in a cluster.
WORKER_RULES = [
    {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "create"]},
    {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["get", "create", "patch", "delete"]},
]


class Etcd:
    """The store under all API servers of a world; its data is scratch, so nothing is synced to disk."""

    def __init__(self, programs: Path, workdir: Path):
        self.programs = programs
        self.workdir = workdir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.child: Child

    def start(self) -> None:
        """Begin to start. Nobody waits: API servers try until it answers."""
        self.workdir.mkdir(parents=True)
        peer = f"http://127.0.0.1:{free_port()}"
        self.child = Child("etcd", [
            self.programs / "etcd", "--name=test", f"--data-dir={self.workdir / 'data'}", "--unsafe-no-fsync",
            f"--listen-client-urls={self.url}", f"--advertise-client-urls={self.url}",
            f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=test={peer}",
        ], self.workdir / "log")

    def stop(self) -> None:
        self.child.stop(signal.SIGKILL)


class KubeCluster:
    """The API server of one EKS cluster, with its own certificate authority and issuer."""

    def __init__(self, programs: Path, workdir: Path, etcd: Etcd, name: str, region: str, account: str):
        self.programs = programs
        self.workdir = workdir
        self.etcd = etcd
        self.name, self.region, self.account = name, region, account
        self.id = f"{region}/{name}"
        partition, suffix = ("aws-cn", "amazonaws.com.cn") if region.startswith("cn-") else ("aws", "amazonaws.com")
        self.arn = f"arn:{partition}:eks:{region}:{account}:cluster/{name}"
        issuer_id = hashlib.md5(self.arn.encode()).hexdigest().upper()
        self.issuer = f"https://oidc.eks.{region}.{suffix}/id/{issuer_id}"
        self.port = free_port()
        self.endpoint = f"https://127.0.0.1:{self.port}"
        self.child: Child
        self.workdir.mkdir(parents=True)
        self.ca_pem = make_certificates(self.workdir)
        self._http = local_http()
        self._http.verify = str(self.workdir / "ca.pem")
        self._admin_token = secrets.token_hex(16)

    def start(self, webhook_url: str) -> None:
        """Begin to start. `webhook_url` is the token webhook that vouches for EKS tokens."""
        (self.workdir / "tokens.csv").write_text(f'{self._admin_token},admin,1,"system:masters"\n')
        (self.workdir / "webhook.yaml").write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "webhook",
            "clusters": [{"name": "webhook", "cluster": {"server": webhook_url}}],
            "users": [{"name": "apiserver", "user": {}}],
            "contexts": [{"name": "webhook", "context": {"cluster": "webhook", "user": "apiserver"}}],
        }))
        self.child = Child(f"kube-apiserver of {self.id}", [
            self.programs / "kube-apiserver",
            f"--etcd-servers={self.etcd.url}", f"--etcd-prefix=/{self.id}",
            "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", f"--secure-port={self.port}",
            "--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.0.0.0/24", "--profiling=false",
            f"--cert-dir={self.workdir}", f"--tls-cert-file={self.workdir / 'tls.pem'}",
            f"--tls-private-key-file={self.workdir / 'tls.key'}",
            "--authorization-mode=RBAC", f"--token-auth-file={self.workdir / 'tokens.csv'}",
            f"--authentication-token-webhook-config-file={self.workdir / 'webhook.yaml'}",
            "--authentication-token-webhook-version=v1", "--authentication-token-webhook-cache-ttl=5s",
            f"--service-account-issuer={self.issuer}", f"--service-account-jwks-uri={self.issuer}/keys",
            f"--service-account-key-file={self.workdir / 'sa.key'}",
            f"--service-account-signing-key-file={self.workdir / 'sa.key'}",
        ], self.workdir / "log")

    def wait_ready(self, seconds: float = 60) -> None:
        self.child.wait_ready(self._is_ready, seconds)

    def _is_ready(self) -> bool:
        try:
            return self.request("GET", "/readyz", expect=None).status_code == 200
        except requests.ConnectionError:
            return False

    def stop(self) -> None:
        self._http.close()
        self.child.stop(signal.SIGKILL)

    def request(self, method: str, path: str, body: object = None, content_type: str = "application/json",
                expect: tuple[int, ...] | None = (200, 201)) -> requests.Response:
        """One call as administrator; an answer that is not expected raises, with the server's own words."""
        response = self._http.request(
            method, self.endpoint + path, data=None if body is None else json.dumps(body), timeout=30,
            headers={"Authorization": f"Bearer {self._admin_token}", "Content-Type": content_type})
        if expect is not None and response.status_code not in expect:
            raise RuntimeError(f"{method} {self.id}{path}: {response.status_code} {response.text}")
        return response

    def allow_worker(self, user: str) -> None:
        """Give a user what the worker needs, and no more."""
        rbac, role = "/apis/rbac.authorization.k8s.io/v1", "irsa-worker"
        self.request("POST", f"{rbac}/clusterroles", {"metadata": {"name": role}, "rules": WORKER_RULES})
        self.request("POST", f"{rbac}/clusterrolebindings", {
            "metadata": {"name": role},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}]})

    def namespaces(self) -> list[str]:
        return [item["metadata"]["name"] for item in self.request("GET", "/api/v1/namespaces").json()["items"]]

    def service_accounts(self) -> list[dict]:
        """The metadata of all, as Kubernetes has it."""
        return [item["metadata"] for item in self.request("GET", "/api/v1/serviceaccounts").json()["items"]]

    def ensure_namespace(self, name: str) -> None:
        self.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}}, expect=(201, 409))

    def put_namespace(self, name: str, terminating: bool) -> None:
        """Make it, or leave it to be deleted: it stays Terminating until `delete_namespace`."""
        self.ensure_namespace(name)
        if terminating:
            self.request("DELETE", f"/api/v1/namespaces/{name}")

    def deny(self, name: str, expression: str, message: str) -> None:
        """An admission policy that denies the service accounts of which the CEL expression is false; binding is not immediate."""
        api = "/apis/admissionregistration.k8s.io/v1"
        self.request("POST", f"{api}/validatingadmissionpolicies", {"metadata": {"name": name}, "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["serviceaccounts"],
                                                    "operations": ["CREATE", "UPDATE"]}]},
            "validations": [{"expression": expression, "message": message}]}})
        self.request("POST", f"{api}/validatingadmissionpolicybindings", {
            "metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]}})

    def allow(self, name: str) -> None:
        """Take an admission policy away."""
        api = "/apis/admissionregistration.k8s.io/v1"
        for kind in ("validatingadmissionpolicybindings", "validatingadmissionpolicies"):
            self.request("DELETE", f"{api}/{kind}/{name}")

    def would_take(self, namespace: str, metadata: dict) -> bool:
        """Would the API server make this service account now? Nothing is made."""
        return self.request("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts?dryRun=All",
                            {"metadata": metadata}, expect=(201, 422, 403)).status_code == 201

    def put_service_account(self, metadata: dict, manager: str, operation: str) -> None:
        """Make an account, or change one, as somebody else would: by `Apply`, or by the older `Update`."""
        namespace, name = metadata.get("namespace", "default"), metadata["name"]
        self.ensure_namespace(namespace)
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts"
        wanted = {key: metadata[key] for key in ("name", "labels", "annotations", "finalizers") if key in metadata}
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": wanted}
        if operation == "Apply":
            self.request("PATCH", f"{path}/{name}?fieldManager={manager}&force=true", account, APPLY)
        elif operation == "Update":
            made = self.request("POST", f"{path}?fieldManager={manager}", account, expect=(201, 409))
            if made.status_code == 409:
                self.request("PATCH", f"{path}/{name}?fieldManager={manager}", {"metadata": wanted}, MERGE_PATCH)
        else:
            raise ValueError(f"operation {operation!r} is neither Apply nor Update")

    def delete_service_account(self, namespace: str, name: str) -> None:
        self.request("DELETE", f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}")

    def remove_namespace(self, name: str) -> None:
        """A namespace with the service accounts that are in it."""
        self.request("DELETE", f"/api/v1/namespaces/{name}/serviceaccounts")
        self.delete_namespace(name)

    def empty(self) -> None:
        """Remove every service account, and every namespace that the API server did not make itself."""
        for account in self.service_accounts():
            path = f"/api/v1/namespaces/{account['namespace']}/serviceaccounts/{account['name']}"
            if account.get("finalizers"):
                self.request("PATCH", path, {"metadata": {"finalizers": None}}, MERGE_PATCH)
            # One that was already being deleted goes with its last finalizer.
            self.request("DELETE", path, expect=(200, 404))
        for namespace in self.namespaces():
            if namespace not in SYSTEM_NAMESPACES:
                self.delete_namespace(namespace)

    def delete_namespace(self, name: str) -> None:
        """Delete an empty namespace and, in the controller manager's place, let it go."""
        self.request("DELETE", f"/api/v1/namespaces/{name}", expect=(200, 409))
        self.request("PUT", f"/api/v1/namespaces/{name}/finalize",
                     {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {"finalizers": []}})


def make_certificates(folder: Path) -> str:
    """Make an authority, the server's certificate and the key of service account tokens; the authority's PEM."""
    now = datetime.datetime.now(datetime.UTC)

    def builder(subject: str, issuer: str, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        def name(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        return (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(key)
                .serial_number(x509.random_serial_number())
                .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=2)))

    ca_key, tls_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = (builder("kubernetes", "kubernetes", ca_key.public_key())
          .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
          .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
          .sign(ca_key, hashes.SHA256()))
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    tls = (builder("kube-apiserver", "kubernetes", tls_key.public_key())
           .add_extension(x509.SubjectAlternativeName(names), critical=False)
           .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
           .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
           .sign(ca_key, hashes.SHA256()))
    ca_pem = ca.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(ca_pem)
    (folder / "tls.pem").write_bytes(tls.public_bytes(serialization.Encoding.PEM))
    write_key(folder / "tls.key", tls_key)
    write_key(folder / "sa.key", rsa.generate_private_key(public_exponent=65537, key_size=2048))
    return ca_pem.decode()


def write_key(path: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                       serialization.NoEncryption()))
