"""What the design promises, worked out anew in Python: names, ids and documents that our programs must agree with."""

from __future__ import annotations

import hashlib
import uuid


def default_role_name(region: str, cluster: str, namespace: str, name: str) -> str:
    """The role of an account that names none (design 5, Role)."""
    digest = hashlib.sha256(f"{region}/{cluster}/{namespace}/{name}".encode()).hexdigest()
    return f"{f'{cluster}-{namespace}-{name}'[:55]}-{digest[:8]}"


def trust_policy(provider_arn: str, issuer: str, namespace: str, name: str, pattern: str | None = None) -> dict:
    """Exactly this document and no other: its reader is AWS, and one key more or less is another right."""
    host = issuer.removeprefix("https://")
    subject = {f"{host}:sub": f"system:serviceaccount:{namespace}:{pattern or name}"}
    audience = {f"{host}:aud": "sts.amazonaws.com"}
    condition = {"StringLike": subject, "StringEquals": audience} if pattern else {"StringEquals": subject | audience}
    return {
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": condition,
        }],
    }


def uuid8(*fields: str) -> str:
    """UUIDv8 (RFC 9562) of the SHA-256 of fields that each end in a NUL, so that no two lists give the same bytes."""
    number = int.from_bytes(hashlib.sha256(b"".join(field.encode() + b"\0" for field in fields)).digest()[:16], "big")
    number = number & ~(0xF << 76) | 8 << 76  # version
    number = number & ~(0x3 << 62) | 2 << 62  # variant
    return str(uuid.UUID(int=number))


def final_id(source: str, request_id: str, replays: int = 0) -> str:
    return uuid8("final", source, request_id, str(replays))


def retrying_id(source: str, request_id: str, attempt: int, replays: int = 0) -> str:
    return uuid8("retrying", source, request_id, str(replays), str(attempt))


def bare_identity(topic: str, partition: int, offset: int) -> tuple[str, str]:
    """Source and id of a message that brings none."""
    return f"urn:irsa:kafka:{topic}", f"{topic}-{partition}-{offset}"
