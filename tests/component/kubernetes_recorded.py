"""Requests of which it is recorded what a real kube-apiserver answered, in files of one JSON object per line.

    {"title", "method", "path", "body"?, "type"?, "token"?: null | "plain", "agent"?, "status", "warnings"?, "answer"}

They depend on each other: they are asked in the order of the file, of a cluster that is new. What differs from run to
run is masked. To record the answers anew, with the tokens of a cluster's administrator and of a user without rights:

    python tests/component/kubernetes_recorded.py URL CA.pem ADMIN-TOKEN PLAIN-TOKEN FILE…
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

MASKS = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<uid>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "<time>"),
    (re.compile(r'(resourceVersion\\*": ?\\*")\d+'), r"\1<version>"),
    (re.compile(r"in record \(\d+\)"), "in record (<version>)"),
    (re.compile(r'("continue": ")[^"]+'), r"\1<token>"),
    (re.compile(r"gen-[a-z0-9]{5}"), "gen-<suffix>"),
)

# (method, path, body, content type, token, agent) -> answer
Ask = Callable[[str, str, Any, str, "str | None", str], requests.Response]


def read_rows(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def sort_what_has_no_order(body: dict) -> None:
    """Managers are sorted by the second of their write, causes by the order of a map."""
    for found in [body, *body.get("items", [])]:
        found.get("metadata", {}).get("managedFields", []).sort(
            key=lambda entry: (entry["operation"], entry["manager"], entry.get("subresource", "")))
    if body.get("kind") == "Status":
        body.get("details", {}).get("causes", []).sort(key=lambda cause: (cause["field"], cause["message"]))


def masked(answer: requests.Response) -> dict:
    """Status, warnings and body as they are recorded."""
    try:
        body = answer.json()
        sort_what_has_no_order(body)
    except ValueError:
        body = answer.text
    text = json.dumps(body)
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    found = {"status": answer.status_code, "answer": json.loads(text)}
    if "Warning" in answer.headers:
        found["warnings"] = sorted(re.findall(r'299 - "(?:[^"\\]|\\.)*"', answer.headers["Warning"]))
    return found


def ask_row(ask: Ask, row: dict) -> dict:
    return masked(ask(row["method"], row["path"], row.get("body"), row.get("type", "application/json"),
                      row.get("token", "admin"), row.get("agent", "curl/8")))


def record(ask: Ask, file: Path) -> None:
    kept = ("title", "method", "path", "body", "type", "token", "agent")
    lines = []
    for row in read_rows(file):
        asked = {key: row[key] for key in kept if key in row}
        lines.append(json.dumps(asked | ask_row(ask, asked), ensure_ascii=False) + "\n")
    file.write_text("".join(lines), encoding="utf-8")


def main(url: str, ca_file: str, admin: str, plain: str, *files: str) -> None:
    tokens = {"admin": admin, "plain": plain, "wrong": "wrong"}
    http = requests.Session()
    http.trust_env = False
    http.verify = ca_file

    def ask(method: str, path: str, body: Any, content_type: str, token: str | None, agent: str) -> requests.Response:
        headers = {"Accept": "application/json", "User-Agent": agent}
        if token is not None:
            headers["Authorization"] = f"Bearer {tokens[token]}"
        if body is not None:
            headers["Content-Type"] = content_type
        data = body if isinstance(body, str) or body is None else json.dumps(body)
        return http.request(method, url + path, data=data, headers=headers, timeout=30)

    for file in files:
        record(ask, Path(file))


if __name__ == "__main__":
    main(*sys.argv[1:])
