"""Signature Version 4 from the server's side: what must this request's signature be?

Computed by botocore's signer, so that a client written from the specification meets an independent reading of it.
Values are taken decoded and encoded anew, as AWS does: two spellings of one request have one signature.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from urllib.parse import unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

DATE_FORMAT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Scope:
    """The credential scope, `<access key>/<date>/<region>/<service>/aws4_request`."""

    access_key: str
    date: str
    region: str
    service: str

    @classmethod
    def parse(cls, text: str) -> Scope:
        parts = text.split("/")
        if len(parts) != 5 or parts[4] != "aws4_request":
            raise ValueError(f"credential scope {text!r} is not KEY/DATE/REGION/SERVICE/aws4_request")
        return cls(*parts[:4])


def parse_date(text: str) -> datetime.datetime:
    """An X-Amz-Date; ValueError when it is anything else."""
    return datetime.datetime.strptime(text, DATE_FORMAT).replace(tzinfo=datetime.UTC)


def decode_query(query: str) -> list[tuple[str, str]]:
    """The query's pairs, percent-decoded. `+` is a plus sign here, as it is to AWS."""
    pairs = (item.partition("=") for item in query.split("&") if item)
    return [(unquote(key), unquote(value)) for key, _, value in pairs]


class _NamedHeadersAuth(SigV4Auth):
    """botocore's signer, signing the headers that the client named instead of those that botocore would choose."""

    def headers_to_sign(self, request):
        return request.headers


def signature(*, method: str, path: str, query: list[tuple[str, str]], headers: list[tuple[str, str]], body: bytes,
              date: str, scope: Scope, secret: str) -> str:
    """The signature that a client with `secret` gives to this request.

    path     as it stands in the request line
    query    decoded, without X-Amz-Signature
    headers  the signed ones alone, each as received
    """
    signed = HTTPHeaders()
    for name, value in headers:
        signed[name.lower()] = value
    # The host that counts is the header's; botocore wants a whole URL for the path.
    request = AWSRequest(method=method, url=f"https://host.invalid{path}", params=query, headers=signed, data=body)
    request.context["timestamp"] = date
    signer = _NamedHeadersAuth(Credentials(scope.access_key, secret), scope.service, scope.region)
    canonical = signer.canonical_request(request)
    return signer.signature(signer.string_to_sign(request, canonical), request)


def body_hash(body: bytes) -> str:
    """What an `x-amz-content-sha256` header must say of this body."""
    return hashlib.sha256(body).hexdigest()
