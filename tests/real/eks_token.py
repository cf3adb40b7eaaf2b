"""EKS bearer tokens as a client makes them, signed by botocore's own RequestSigner."""

from __future__ import annotations

import base64

from botocore.credentials import Credentials
from botocore.hooks import HierarchicalEmitter
from botocore.model import ServiceId
from botocore.signers import RequestSigner

from .authn_webhook import PREFIX, sts_host

_EVENTS = HierarchicalEmitter()  # the signer keeps a weak reference only


def eks_token(access_key: str, secret: str, region: str, cluster: str, *, session_token: str | None = None,
              expires: int = 60, headers: dict[str, str] | None = None, action: str = "GetCallerIdentity",
              version: str = "2011-06-15", signing_region: str | None = None, signing_name: str = "sts") -> str:
    """A token for one cluster; what stands behind `expires` makes tokens that are wrong before they are signed."""
    signer = RequestSigner(ServiceId("STS"), signing_region or region, signing_name, "v4",
                           Credentials(access_key, secret, session_token), _EVENTS)
    request = {"method": "GET", "url": f"https://{sts_host(region)}/?Action={action}&Version={version}", "body": {},
               "headers": {"x-k8s-aws-id": cluster} if headers is None else headers, "context": {}}
    url = signer.generate_presigned_url(request, region_name=signing_region or region, expires_in=expires,
                                        operation_name="")
    return PREFIX + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
