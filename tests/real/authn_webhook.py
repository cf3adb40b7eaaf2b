"""The token webhook of the test clusters: it does what aws-iam-authenticator does for EKS, and STS's part of it too.

An EKS token is `k8s-aws-v1.` and the unpadded base64url of a presigned GetCallerIdentity request for which the header
`x-k8s-aws-id` carries the cluster's name. aws-iam-authenticator checks the request's shape and sends it to STS, which
checks the signature. No STS can be asked here, so the signature is computed again from the known secret.

One path per cluster, `/REGION/NAME`: each API server asks under its own, so a token for another cluster is refused,
as its signature covers that cluster's name. Every answer is one JSON line on standard output, a refusal with its
reason; the token itself is never printed.

    python -m real.authn_webhook --config FILE (--fd N | --port N)

FILE is JSON: {"clusters": ["us-west-2/cluster-13", ...],
               "keys": {"AKIA...": {"secret": "...", "token"?: "...", "username": "...", "groups": ["..."]}}}
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hmac
import json
import re
from urllib.parse import urlsplit

from . import sigv4
from .http_server import Handler, serve, server_arguments

PREFIX = "k8s-aws-v1."
MAX_TOKEN_BYTES = 4096
MAX_EXPIRES_SECONDS = 900
# A presigned STS request is good for 15 minutes from its date, whatever X-Amz-Expires says.
MAX_AGE = datetime.timedelta(minutes=15)
MAX_AHEAD = datetime.timedelta(minutes=5)
SIGNED_HEADERS = "host;x-k8s-aws-id"
REQUIRED_KEYS = {"Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
                 "X-Amz-SignedHeaders", "X-Amz-Signature"}
OPTIONAL_KEYS = {"X-Amz-Security-Token"}


class Refused(Exception):
    """Why a token is not good."""


def sts_host(region: str) -> str:
    """The regional STS endpoint; the partitions that a test cluster can be in."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"sts.{region}.{suffix}"


def decode_token(token: str) -> str:
    """The presigned URL inside a token."""
    if len(token.encode()) > MAX_TOKEN_BYTES:
        raise Refused(f"the token is longer than {MAX_TOKEN_BYTES} bytes")
    if not token.startswith(PREFIX):
        raise Refused(f"the token does not start with {PREFIX}")
    text = token.removeprefix(PREFIX)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise Refused("the token is not unpadded base64url")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Refused(f"the token is not base64url of a URL: {error}") from None


def read_query(query: str) -> dict[str, str]:
    """The query, of which every key is known and stands exactly once."""
    values: dict[str, str] = {}
    for key, value in sigv4.decode_query(query):
        if key not in REQUIRED_KEYS | OPTIONAL_KEYS:
            raise Refused(f"unknown query key {key!r}")
        if key in values:
            raise Refused(f"query key {key!r} stands twice")
        values[key] = value
    if missing := REQUIRED_KEYS - values.keys():
        raise Refused(f"query keys are missing: {', '.join(sorted(missing))}")
    return values


def check_shape(url: str, region: str) -> dict[str, str]:
    """What aws-iam-authenticator checks before it asks STS; the query's values."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise Refused(f"the scheme is {parts.scheme!r}, not https")
    if parts.netloc != sts_host(region):
        raise Refused(f"the host is {parts.netloc!r}, not {sts_host(region)}")
    if parts.path != "/":
        raise Refused(f"the path is {parts.path!r}, not /")
    if parts.fragment:
        raise Refused("the URL has a fragment")
    query = read_query(parts.query)
    for key, wanted in (("Action", "GetCallerIdentity"), ("Version", "2011-06-15"),
                        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-SignedHeaders", SIGNED_HEADERS)):
        if query[key] != wanted:
            raise Refused(f"{key} is {query[key]!r}, not {wanted!r}")
    return query


def check_time(query: dict[str, str], now: datetime.datetime) -> None:
    expires = query["X-Amz-Expires"]
    if not re.fullmatch(r"[0-9]{1,3}", expires) or int(expires) > MAX_EXPIRES_SECONDS:
        raise Refused(f"X-Amz-Expires is {expires!r}, not 0 to {MAX_EXPIRES_SECONDS}")
    try:
        date = sigv4.parse_date(query["X-Amz-Date"])
    except ValueError:
        raise Refused(f"X-Amz-Date is {query['X-Amz-Date']!r}") from None
    if now - date >= MAX_AGE:
        raise Refused(f"the token is of {query['X-Amz-Date']}, more than 15 minutes ago")
    if date - now > MAX_AHEAD:
        raise Refused(f"the token is of {query['X-Amz-Date']}, more than 5 minutes ahead")


def check_signature(query: dict[str, str], region: str, cluster: str, keys: dict) -> sigv4.Scope:
    """What STS checks: scope, key, session token and signature."""
    try:
        scope = sigv4.Scope.parse(query["X-Amz-Credential"])
    except ValueError as error:
        raise Refused(str(error)) from None
    if (scope.date, scope.region, scope.service) != (query["X-Amz-Date"][:8], region, "sts"):
        raise Refused(f"the credential is scoped to {scope.date}/{scope.region}/{scope.service}")
    key = keys.get(scope.access_key)
    if key is None:
        raise Refused(f"unknown access key {scope.access_key}")
    if query.get("X-Amz-Security-Token") != key.get("token"):
        raise Refused("the session token is not the access key's")
    wanted = sigv4.signature(
        method="GET", path="/", query=[(name, value) for name, value in query.items() if name != "X-Amz-Signature"],
        headers=[("host", sts_host(region)), ("x-k8s-aws-id", cluster)], body=b"", date=query["X-Amz-Date"],
        scope=scope, secret=key["secret"])
    if not hmac.compare_digest(wanted, query["X-Amz-Signature"]):
        raise Refused(f"the signature is not that of {scope.access_key} for cluster {cluster}")
    return scope


def review(token: str, region: str, cluster: str, keys: dict, now: datetime.datetime) -> str:
    """The access key to which a good token belongs; Refused says what is wrong with any other."""
    url = decode_token(token)
    query = check_shape(url, region)
    check_time(query, now)
    return check_signature(query, region, cluster, keys).access_key


class WebhookHandler(Handler):
    """Answers authentication.k8s.io/v1 TokenReviews."""

    config: dict

    def answer(self, method: str, target: str, body: bytes) -> None:
        cluster_id = urlsplit(target).path.removeprefix("/")  # the API server adds ?timeout=30s
        if method != "POST" or cluster_id not in self.config["clusters"]:
            self.reply(404, [], b"no such cluster\n")
            return
        region, _, cluster = cluster_id.partition("/")
        token_review = json.loads(body)
        try:
            access_key = review(token_review["spec"]["token"], region, cluster, self.config["keys"],
                                datetime.datetime.now(datetime.UTC))
            key = self.config["keys"][access_key]
            status = {"authenticated": True,
                      "user": {"username": key["username"], "groups": key["groups"],
                               "extra": {"accessKeyId": [access_key]}}}
            log = {"cluster": cluster_id, "accepted": access_key}
        except Refused as error:
            status = {"authenticated": False, "error": str(error)}
            log = {"cluster": cluster_id, "refused": str(error)}
        print(json.dumps(log), flush=True)
        answer = {"apiVersion": token_review["apiVersion"], "kind": "TokenReview", "status": status}
        self.reply(200, [("Content-Type", "application/json")], json.dumps(answer).encode())


def main() -> None:
    arguments = server_arguments(__doc__.splitlines()[0])
    WebhookHandler.config = json.loads(arguments.config.read_text())
    serve(WebhookHandler, arguments)


if __name__ == "__main__":
    main()
