"""SigV4 held against botocore's own signer, stage by stage, on generated requests.

The requests are drawn with a fixed seed; IRSA_SEED draws others. Our side is the program irsa-sigv4, one JSON line per
request.
"""

import datetime
import hashlib
import json
import os
import random
import subprocess
from pathlib import Path
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROOT = Path(__file__).resolve().parents[2]
TESTS_DIR = Path(os.environ.get("IRSA_TESTS_DIR", ROOT / "build/dev/tests"))
SEED = int(os.environ.get("IRSA_SEED", "20261124"))
COUNT = 1000

UNICODE = ["é", "日本", "ß", "Ω", "😀", "\u0301", "ÿ"]
# Allowed to stand in a path or a query as they are, though a canonical form may want them encoded (RFC 3986).
RAW_PATH = "abzAZ09-._~!$&'()*+,;=:@"
RAW_QUERY = "abzAZ09-._~!$'()*+,;:@/?"
SERVICES = ["iam", "sts", "eks", "ec2", "execute-api"]
REGIONS = ["us-east-1", "us-west-2", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"]


def piece(draw, raw):
    """A few characters in the form that goes on the wire: raw, encoded, in capitals or not, or encoded UTF-8."""
    out = []
    for _ in range(draw.randint(0, 6)):
        kind = draw.random()
        if kind < 0.6:
            out.append(draw.choice(raw))
        elif kind < 0.8:
            escape = f"%{draw.randint(1, 255):02X}"
            out.append(escape if draw.random() < 0.7 else escape.lower())
        else:
            out.append(quote(draw.choice(UNICODE)))
    return "".join(out)


def path(draw):
    kind = draw.random()
    if kind < 0.1:
        return ""
    segments = [draw.choice(["", ".", "..", "...", "%2E%2E", "clusters", piece(draw, RAW_PATH), piece(draw, RAW_PATH)])
                for _ in range(draw.randint(0, 7))]
    return "/" + "/".join(segments)


def query(draw):
    pairs = []
    for _ in range(draw.randint(0, 8)):
        key = draw.choice(["Action", "a", "A", "aa", "a-", "", piece(draw, RAW_QUERY)])
        kind = draw.random()
        if kind < 0.2:
            pairs.append(key)
        elif kind < 0.3:
            pairs.append(f"{key}={piece(draw, RAW_QUERY)}={piece(draw, RAW_QUERY)}")
        else:
            pairs.append(f"{key}={piece(draw, RAW_QUERY)}")
    if pairs and draw.random() < 0.4:
        pairs.append(draw.choice(pairs))  # the same key again
    return "&".join(pairs)


def header_value(draw):
    words = [draw.choice(["a", "b c", '"q  q"', "é", "x;y", "1,2", "日本", "="]) for _ in range(draw.randint(0, 4))]
    white = lambda: "".join(draw.choice(" \t") for _ in range(draw.randint(1, 3)))
    ends = [white() if draw.random() < 0.3 else "" for _ in range(2)]
    return ends[0] + white().join(words) + ends[1]


def headers(draw):
    # botocore leaves some headers unsigned; ours signs what it is given, so none of those is drawn
    names = ["Content-Type", "X-Amz-Target", "x-k8s-aws-id", "My-Header", "my-header", "A", "a-b", "ab", "X-Amz-Meta"]
    return [[name, header_value(draw)] for name in draw.sample(names, draw.randint(0, 5))]


def drawn(draw, mode):
    token = draw.random() < 0.5
    return {
        "mode": mode,
        "method": draw.choice(["GET", "POST", "PUT", "DELETE", "PATCH"]),
        "host": draw.choice(["iam.amazonaws.com", "sts.us-west-2.amazonaws.com", "127.0.0.1:8443", "localhost"]),
        "path": path(draw),
        "query": query(draw) if mode == "header" else plain_query(draw),
        "headers": headers(draw),
        "body": "".join(draw.choice("abc=&%é") for _ in range(draw.randint(0, 40))) if mode == "header" else "",
        "region": draw.choice(REGIONS),
        "service": draw.choice(SERVICES),
        "epochMs": draw.randint(946684800000, 4102444799999),
        "accessKey": "AKID" + "".join(draw.choice("ABC123") for _ in range(16)),
        "secretKey": "".join(draw.choice("abcXYZ/+=0") for _ in range(draw.randint(1, 120))),
        "token": "".join(draw.choice("abc/+=XYZ") for _ in range(draw.randint(1, 1200))) if token else None,
        "expires": draw.randint(1, 604800),
    }


def plain_query(draw):
    """botocore reads and writes the query of a URL that it presigns anew, so that one is drawn in its own form."""
    pairs = {}
    for _ in range(draw.randint(0, 5)):
        key = draw.choice(["Action", "Version", "a", "é", "b c"]) + str(draw.randint(0, 9))
        pairs[key] = draw.choice(["", "GetCallerIdentity", "a/b", "x=y", "日本", "~", "a b+c"])
    return "&".join(f"{quote(key, safe='-_.~')}={quote(value, safe='-_.~')}" for key, value in pairs.items())


class Stages:
    """Mixed into a signer of botocore's: remembers what each stage made."""

    def canonical_request(self, request):
        self.canonical = super().canonical_request(request)
        return self.canonical

    def string_to_sign(self, request, canonical_request):
        self.to_sign = super().string_to_sign(request, canonical_request)
        return self.to_sign

    def signature(self, string_to_sign, request):
        self.signed = super().signature(string_to_sign, request)
        return self.signed


class HeaderSigner(Stages, botocore.auth.SigV4Auth):
    pass


class QuerySigner(Stages, botocore.auth.SigV4QueryAuth):
    pass


def botocore_signs(case, monkeypatch):
    now = datetime.datetime.fromtimestamp(case["epochMs"] // 1000, datetime.timezone.utc)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *args, **kwargs: now)
    url = f"https://{case['host']}{case['path']}" + (f"?{case['query']}" if case["query"] else "")
    request = AWSRequest(method=case["method"], url=url, data=case["body"].encode())
    for name, value in case["headers"]:
        request.headers[name] = value
    credentials = Credentials(case["accessKey"], case["secretKey"], case["token"])
    if case["mode"] == "presign":
        signer = QuerySigner(credentials, case["service"], case["region"], expires=case["expires"])
    else:
        signer = HeaderSigner(credentials, case["service"], case["region"])
    signer.add_auth(request)
    answer = {"canonicalRequest": signer.canonical, "stringToSign": signer.to_sign, "signature": signer.signed}
    if case["mode"] == "presign":
        answer["query"] = request.url.split("?", 1)[1]
    else:
        answer["authorization"] = request.headers["Authorization"]
    return answer


def we_sign(cases):
    lines = []
    for case in cases:
        ours = {key: value for key, value in case.items() if key not in ("host", "body") and value is not None}
        ours["headers"] = case["headers"] + [["Host", case["host"]]]
        ours["payload"] = hashlib.sha256(case["body"].encode()).hexdigest()
        lines.append(json.dumps(ours, ensure_ascii=False))
    done = subprocess.run([TESTS_DIR / "irsa-sigv4"], input="\n".join(lines) + "\n", capture_output=True, text=True,
                          encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(cases)
    return answers


@pytest.mark.parametrize("mode", ["header", "presign"])
def test_every_stage_agrees_with_botocore(mode, monkeypatch):
    draw = random.Random(f"{SEED}-{mode}")
    cases = [drawn(draw, mode) for _ in range(COUNT)]
    for case, ours in zip(cases, we_sign(cases)):
        theirs = botocore_signs(case, monkeypatch)
        for stage, value in theirs.items():
            assert ours[stage] == value, f"seed {SEED}, {mode}: {stage} differs for {json.dumps(case)}"


def test_the_generator_draws_what_is_hard():
    draw = random.Random(f"{SEED}-header")
    cases = [drawn(draw, "header") for _ in range(COUNT)]

    def some(judge):
        return sum(bool(judge(case)) for case in cases) >= 20

    assert some(lambda c: "%" in c["path"]) and some(lambda c: "/../" in c["path"]) and some(lambda c: "//" in c["path"])
    assert some(lambda c: any("=" not in pair for pair in c["query"].split("&")) and c["query"])
    assert some(lambda c: c["query"].split("&") != sorted(c["query"].split("&")))
    assert some(lambda c: len(c["query"].split("&")) != len(set(c["query"].split("&"))))
    assert some(lambda c: any("  " in value for _, value in c["headers"]))
    assert some(lambda c: len({name.lower() for name, _ in c["headers"]}) < len(c["headers"]))
    assert some(lambda c: c["token"])
