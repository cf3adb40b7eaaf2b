"""AWS for the real tier: moto's IAM, STS and EKS on one origin, with a thin layer in front of it.

The layer
- checks every signature with botocore's signer: known access key, date within five minutes, scope, body, headers;
- gives each access key its own account;
- answers EKS DescribeCluster with the cluster's real endpoint, certificate authority and issuer, and
  ResourceNotFoundException for any other name;
- adds IAM's AddClientIDToOpenIDConnectProvider, which moto lacks;
- lets one request at a time through, since moto is not thread-safe, and keeps connections, which moto's server closes.

Everything else is moto's, so it is a second opinion on request encoding, XML and error codes only. What nobody here
verifies: permissions (every known key may do everything in its account), trust documents and their principals, policy
documents beyond moto's grammar check, role names that differ by case only, quotas, throttling, session tokens and the
expiry of sessions; nothing is eventually consistent; EKS actions other than DescribeCluster see moto's own, empty
world; requests without a signature are taken where AWS takes them (AssumeRoleWithWebIdentity), and refused elsewhere.

    python -m real.aws_front --config FILE (--fd N | --port N)

FILE is JSON: {"keys": {"AKIA...": {"secret": "...", "account": "111122223333"}},
               "adminSecret": "...",     the secret of `admin_key(account)`, for any account
               "clusters": {"us-west-2/cluster-13": {"accountID", "arn", "endpoint", "issuer", "ca": "PEM", "version"}}}
POST /moto-api/reset empties moto's world.
"""

from __future__ import annotations

import base64
import datetime
import hmac
import io
import json
import os
import re
import sys
import threading
import traceback
import uuid
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # a quarter of a second, and AttachRolePolicy knows AWS's names

from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.utilities.utils import get_partition

from . import sigv4
from .http_server import Handler, serve, server_arguments

IAM_NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
MAX_SKEW = datetime.timedelta(minutes=5)
MAX_CLIENT_IDS = 100
UNSIGNED_ACTIONS = {"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"}


def admin_key(account: str) -> str:
    """An access key for the test's own look at an account, apart from the worker's."""
    return f"AKIAADMI{account}"


class AwsError(Exception):
    """An error as the service in question would answer it."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status = status
        self.code = code


def check_signature(handler: FrontHandler, method: str, target: str, body: bytes) -> tuple[sigv4.Scope, str]:
    """The request's scope and its account; AwsError for a signature that AWS would refuse."""
    header = handler.headers.get("Authorization", "")
    match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})",
                         header)
    if match is None:
        raise AwsError(403, "IncompleteSignature" if header else "MissingAuthenticationToken",
                       "the Authorization header is not one of Signature Version 4")
    try:
        scope = sigv4.Scope.parse(match[1])
        date = handler.headers.get("X-Amz-Date", "")
        signed_at = sigv4.parse_date(date)
    except ValueError as error:
        raise AwsError(403, "IncompleteSignature", str(error)) from None
    secret, account = find_key(handler.config, scope.access_key)
    if abs(datetime.datetime.now(datetime.UTC) - signed_at) > MAX_SKEW or scope.date != date[:8]:
        raise AwsError(403, "SignatureDoesNotMatch", f"Signature expired or not yet current: {date}")
    if handler.headers.get("X-Amz-Content-SHA256", sigv4.body_hash(body)) != sigv4.body_hash(body):
        raise AwsError(403, "SignatureDoesNotMatch", "X-Amz-Content-SHA256 is not the body's")
    names = match[2].split(";")
    if "host" not in names or "x-amz-date" not in names:
        raise AwsError(403, "SignatureDoesNotMatch", "host and x-amz-date must be signed")
    parts = urlsplit(target)
    wanted = sigv4.signature(
        method=method, path=parts.path, query=sigv4.decode_query(parts.query), body=body, date=date, scope=scope,
        headers=[(name, value) for name in names for value in handler.headers.get_all(name, [])], secret=secret)
    if not hmac.compare_digest(wanted, match[3]):
        raise AwsError(403, "SignatureDoesNotMatch",
                       "The request signature we calculated does not match the signature you provided.")
    return scope, account


def find_key(config: dict, access_key: str) -> tuple[str, str]:
    """The secret and the account of an access key."""
    if key := config["keys"].get(access_key):
        return key["secret"], key["account"]
    if re.fullmatch(r"AKIAADMI[0-9]{12}", access_key):
        return config["adminSecret"], access_key[-12:]
    raise AwsError(403, "InvalidClientTokenId", "The security token included in the request is invalid.")


def describe_cluster(config: dict, scope: sigv4.Scope, account: str, name: str) -> bytes:
    """EKS DescribeCluster's answer; clusters belong to one account and one region."""
    cluster = config["clusters"].get(f"{scope.region}/{name}")
    if cluster is None or cluster["accountID"] != account:
        raise AwsError(404, "ResourceNotFoundException", f"No cluster found for name: {name}.")
    return json.dumps({"cluster": {
        "name": name, "arn": cluster["arn"], "status": "ACTIVE", "version": cluster["version"],
        "endpoint": cluster["endpoint"], "identity": {"oidc": {"issuer": cluster["issuer"]}},
        "certificateAuthority": {"data": base64.b64encode(cluster["ca"].encode()).decode()},
    }}).encode()


def add_client_id(scope: sigv4.Scope, account: str, form: dict[str, list[str]]) -> bytes:
    """IAM AddClientIDToOpenIDConnectProvider on moto's own provider."""
    arn, client_id = (form.get(name, [""])[0] for name in ("OpenIDConnectProviderArn", "ClientID"))
    provider = iam_backends[account][get_partition(scope.region)].open_id_providers.get(arn)
    if provider is None:
        raise AwsError(404, "NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}")
    if client_id not in provider.client_id_list:
        if len(provider.client_id_list) >= MAX_CLIENT_IDS:
            raise AwsError(409, "LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
        provider.client_id_list.append(client_id)
    return (f'<AddClientIDToOpenIDConnectProviderResponse xmlns="{IAM_NAMESPACE}"><ResponseMetadata>'
            f"<RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></AddClientIDToOpenIDConnectProviderResponse>"
            ).encode()


class FrontHandler(Handler):
    """Routes a request to the layer's own answers or to moto."""

    config: dict
    moto = DomainDispatcherApplication(create_backend_app)
    lock = threading.Lock()

    def answer(self, method: str, target: str, body: bytes) -> None:
        self.call = f"{method} {urlsplit(target).path}"
        try:
            self.route(method, target, body)
        except AwsError as error:
            self.reply_error(target, error)
        except Exception as error:  # a defect in moto or here: a server answers 500 and its log says why
            traceback.print_exc()
            self.reply_error(target, AwsError(500, "InternalFailure", repr(error)))

    def route(self, method: str, target: str, body: bytes) -> None:
        form = parse_qs(body.decode("latin-1"), keep_blank_values=True)
        action = form.get("Action", [""])[0]
        if (method, target) == ("POST", "/moto-api/reset") or (action in UNSIGNED_ACTIONS
                                                               and "Authorization" not in self.headers):
            self.pass_to_moto(method, target, body, account=None)
            return
        scope, account = check_signature(self, method, target, body)
        self.call = f"{account} {scope.service}.{action}" if action else f"{account} {self.call}"
        cluster = re.fullmatch(r"/clusters/([^/]+)", urlsplit(target).path)
        if scope.service == "eks" and method == "GET" and cluster:
            self.reply(200, [("Content-Type", "application/json")],
                       describe_cluster(self.config, scope, account, unquote(cluster[1])))
        elif scope.service == "iam" and action == "AddClientIDToOpenIDConnectProvider":
            with self.lock:
                answer = add_client_id(scope, account, form)
            self.reply(200, [("Content-Type", "text/xml")], answer)
        else:
            self.pass_to_moto(method, target, body, account)

    def pass_to_moto(self, method: str, target: str, body: bytes, account: str | None) -> None:
        parts = urlsplit(target)
        environ = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": unquote(parts.path, "latin-1"),
            "QUERY_STRING": parts.query, "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_URI": target,
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",  # moto goes by the Host header
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr, "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            environ.setdefault("HTTP_" + name.upper().replace("-", "_"), value)
        environ.pop("HTTP_X_MOTO_ACCOUNT_ID", None)
        if account is not None:
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        started: list = []
        with self.lock:
            chunks = self.moto(environ, lambda status, headers, exc_info=None: started.extend((status, headers)))
            answer = b"".join(chunks)
        status, headers = started
        self.reply(int(status.split()[0]), [h for h in headers if h[0].lower() not in ("content-length", "connection")],
                   answer)

    def reply_error(self, target: str, error: AwsError) -> None:
        """REST-JSON as EKS has it, the Query protocol's XML for everything at the root."""
        if urlsplit(target).path != "/":
            self.reply(error.status, [("Content-Type", "application/json"), ("x-amzn-ErrorType", error.code)],
                       json.dumps({"message": str(error)}).encode())
            return
        self.reply(error.status, [("Content-Type", "text/xml")], (
            f'<ErrorResponse xmlns="{IAM_NAMESPACE}"><Error><Type>Sender</Type><Code>{error.code}</Code>'
            f"<Message>{escape(str(error))}</Message></Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
        ).encode())

    def reply(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        print(json.dumps({"call": self.call, "status": status}), flush=True)
        super().reply(status, headers, body)


def main() -> None:
    arguments = server_arguments(__doc__.splitlines()[0])
    FrontHandler.config = json.loads(arguments.config.read_text())
    serve(FrontHandler, arguments)


if __name__ == "__main__":
    main()
