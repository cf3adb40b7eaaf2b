"""Two snapshots of a world, field by field."""

from __future__ import annotations

from collections.abc import Iterator

MOMENTARY = frozenset({"resourceVersion", "creationTimestamp", "time"})


def differences(before: object, after: object, words: dict[str, str]) -> set[str]:
    """"+path" of what came, "-path" of what went, "~path" of a value that changed.

    `words` stand for the long paths that they are the values of.
    """
    return {sign + _shortened(path, words) for sign, path in _differences("", before, after)}


def _shortened(path: str, words: dict[str, str]) -> str:
    return next((word + path.removeprefix(long) for long, word in words.items() if path.startswith(long)), path)


def _differences(path: str, before: object, after: object) -> Iterator[tuple[str, str]]:
    if not (isinstance(before, dict | list) and type(before) is type(after)):
        if before != after:
            yield "~", path
        return
    old, new = _members(before), _members(after)
    for name in old.keys() | new.keys():
        inner = f"{path}/{name}" if path else name
        if name not in new:
            yield "-", inner
        elif name not in old:
            yield "+", inner
        elif name not in MOMENTARY:
            yield from _differences(inner, old[name], new[name])


def _members(value: dict | list) -> dict[str, object]:
    """Children by what tells them from their siblings: the order of a list does not count."""
    return value if isinstance(value, dict) else {_name(child, number): child for number, child in enumerate(value)}


def _name(child: object, number: int) -> str:
    if isinstance(child, str):
        return child
    if "manager" in child:  # of fields
        return f"{child['operation']} by {child['manager']}"
    if "metadata" in child:
        return f"{child['metadata']['namespace']}/{child['metadata']['name']}"
    return child.get("arn", str(number))
