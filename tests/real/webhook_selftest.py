"""The token webhook lets a good token in and nothing else: tokens are made by botocore's own request signer."""

from __future__ import annotations

import base64
import datetime

import botocore.auth
import pytest

from . import authn_webhook
from .eks_token import eks_token

NOW = datetime.datetime(2026, 11, 24, 12, 0, 0, tzinfo=datetime.UTC)
KEYS: dict[str, dict] = {
    "AKIAWORKER0000000000": {"secret": "worker/secret+1", "username": "irsa-worker", "groups": []},
    "ASIASESSION000000000": {"secret": "session-secret", "token": "tok/en+with=odd==", "username": "s", "groups": []},
}
REGION, CLUSTER = "us-west-2", "cluster-13"


def review(token: str, region: str = REGION, cluster: str = CLUSTER, now: datetime.datetime = NOW) -> str:
    return authn_webhook.review(token, region, cluster, KEYS, now)


@pytest.fixture(autouse=True)
def signed_now(monkeypatch):
    """botocore signs at NOW."""
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: NOW)


def make(access_key: str = "AKIAWORKER0000000000", *, secret: str | None = None, region: str = REGION,
         cluster: str = CLUSTER, **changes) -> str:
    key = KEYS.get(access_key, {"secret": "?"})
    return eks_token(access_key, secret or key["secret"], region, cluster, session_token=key.get("token"), **changes)


def rewritten(old: str, new: str, token: str | None = None) -> str:
    """A good token of which the URL is changed after signing."""
    url = authn_webhook.decode_token(token or make())
    assert old in url
    return encode(url.replace(old, new, 1))


def encode(url: str) -> str:
    return authn_webhook.PREFIX + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def test_a_good_token_is_let_in():
    assert review(make()) == "AKIAWORKER0000000000"


def test_a_good_token_with_a_session_token_is_let_in():
    assert review(make("ASIASESSION000000000")) == "ASIASESSION000000000"


def test_a_token_in_another_spelling_of_the_same_request_is_let_in():
    """AWS decodes a query before it signs it; a slash needs no encoding there."""
    assert review(rewritten("%2F", "/")) == "AKIAWORKER0000000000"


@pytest.mark.parametrize("age", [datetime.timedelta(minutes=14, seconds=59), datetime.timedelta(minutes=-5)])
def test_a_token_is_good_from_five_minutes_ahead_to_fifteen_after(age):
    assert review(make(), now=NOW + age)


@pytest.mark.parametrize("expires", [0, 60, 900])
def test_any_expiry_up_to_fifteen_minutes_is_let_in(expires):
    assert review(make(expires=expires))


@pytest.mark.parametrize(("reason", "token"), [
    ("does not start with", lambda: "k8s-aws-v2." + make().removeprefix(authn_webhook.PREFIX)),
    ("does not start with", lambda: ""),
    ("not unpadded base64url", lambda: make() + "="),
    ("not unpadded base64url", lambda: make()[:40] + "+" + make()[41:]),
    ("not unpadded base64url", lambda: authn_webhook.PREFIX),
    ("not base64url of a URL", lambda: make()[:len(authn_webhook.PREFIX) + 1]),
    ("longer than 4096 bytes", lambda: rewritten("Action=", "Action=" + "x" * 3000)),
    ("not https", lambda: rewritten("https:", "http:")),
    ("the host is", lambda: rewritten("sts.us-west-2", "sts.us-east-1")),
    ("the host is", lambda: rewritten("sts.us-west-2.amazonaws.com", "sts.us-west-2.amazonaws.com:443")),
    ("the host is", lambda: rewritten("sts.us-west-2.amazonaws.com", "evil.example")),
    ("the path is", lambda: rewritten("amazonaws.com/", "amazonaws.com/x")),
    ("the path is", lambda: rewritten("amazonaws.com/", "amazonaws.com")),
    ("has a fragment", lambda: encode(authn_webhook.decode_token(make()) + "#x")),
    ("unknown query key 'X-Amz-Meta'", lambda: encode(authn_webhook.decode_token(make()) + "&X-Amz-Meta=a")),
    ("unknown query key 'action'", lambda: rewritten("Action=", "action=")),
    ("stands twice", lambda: encode(authn_webhook.decode_token(make()) + "&Action=GetCallerIdentity")),
    ("are missing: X-Amz-Expires", lambda: rewritten("&X-Amz-Expires=60", "")),
    ("are missing: X-Amz-Signature", lambda: encode(authn_webhook.decode_token(make()).split("&X-Amz-Signature")[0])),
    ("Action is", lambda: make(action="GetSessionToken")),
    ("Version is", lambda: make(version="2011-06-16")),
    ("X-Amz-Algorithm is", lambda: rewritten("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1")),
    ("X-Amz-SignedHeaders is 'host'", lambda: make(headers={})),
    ("X-Amz-SignedHeaders is", lambda: make(headers={"x-k8s-aws-id": CLUSTER, "x-other": "1"})),
    ("X-Amz-Expires is", lambda: make(expires=901)),
    ("X-Amz-Expires is", lambda: make(expires=-1)),
    ("X-Amz-Date is", lambda: rewritten("20261124T120000Z", "2026-11-24T12:00:00Z")),
    ("not KEY/DATE/REGION/SERVICE/aws4_request", lambda: rewritten("aws4_request", "aws3_request")),
    ("is scoped to", lambda: rewritten("%2F20261124%2F", "%2F20261123%2F")),
    ("is scoped to", lambda: make(signing_region="us-east-1")),
    ("is scoped to", lambda: make(signing_name="iam")),
    ("unknown access key", lambda: make("AKIANOBODY0000000000")),
    ("session token is not", lambda: rewritten("&X-Amz-Signature", "&X-Amz-Security-Token=x&X-Amz-Signature")),
    ("session token is not", lambda: rewritten("tok%2Fen", "t0k%2Fen", make("ASIASESSION000000000"))),
    ("signature is not", lambda: make(secret="another")),
    ("signature is not", lambda: make(cluster="cluster-14")),
    ("signature is not", lambda: rewritten("X-Amz-Expires=60", "X-Amz-Expires=61")),
    ("signature is not", lambda: rewritten("T120000Z&", "T120001Z&")),
    ("signature is not", lambda: rewritten("X-Amz-Signature=", "X-Amz-Signature=0")),
])
def test_every_other_token_is_refused_for_its_reason(reason, token):
    with pytest.raises(authn_webhook.Refused, match=reason):
        review(token())


def test_a_token_is_refused_fifteen_minutes_after_its_date():
    with pytest.raises(authn_webhook.Refused, match="more than 15 minutes ago"):
        review(make(), now=NOW + datetime.timedelta(minutes=15))


def test_a_token_from_the_future_is_refused():
    with pytest.raises(authn_webhook.Refused, match="more than 5 minutes ahead"):
        review(make(), now=NOW - datetime.timedelta(minutes=5, seconds=1))


def test_a_token_for_another_region_s_cluster_of_that_name_is_refused():
    with pytest.raises(authn_webhook.Refused, match="the host is"):
        review(make(), region="eu-west-1")
