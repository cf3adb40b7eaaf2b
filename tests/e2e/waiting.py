"""The one way in which this suite waits: look at a state until it holds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
POLL_SECONDS = 0.02


def wait_for(look: Callable[[], T], what: str, seconds: float = 30, detail: Callable[[], object] | None = None) -> T:
    """The first true answer of `look`. The time limit is for what is broken; `detail` then says how far it came."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not so after {seconds:g} s" + (f"; {detail()}" if detail else ""))
        time.sleep(POLL_SECONDS)
    return found
