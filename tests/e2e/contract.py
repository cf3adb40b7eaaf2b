"""The schemas as a referee: whatever this suite reads from our topics must be as schemas/ says."""

from __future__ import annotations

import functools
import json
from pathlib import Path

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
RESULT = "result.v1.schema.json"
STATE = "state.v1.schema.json"
DEAD_LETTER = "dead-letter.v1.schema.json"
REQUEST_HEADERS = "cloudevent.v1.schema.json#/$defs/requestHeaders"
RESULT_HEADERS = "cloudevent.v1.schema.json#/$defs/resultHeaders"


@functools.cache
def _registry() -> Registry:
    documents = [json.loads(path.read_text()) for path in SCHEMAS.glob("*.schema.json")]
    return Registry().with_resources((document["$id"], Resource.from_contents(document)) for document in documents)


@functools.cache
def _validator(reference: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"https://irsa.dev/schemas/{reference}"}, registry=_registry())


def problems(reference: str, document: object) -> list[str]:
    """Every place where the document is not as its schema has it."""
    return [f"{reference}: {error.json_path}: {error.message[:300]}"
            for error in _validator(reference).iter_errors(document)]
