"""What was asked for and what was told of it: the judge's books. Nothing here touches a network."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

FINE = frozenset({"succeeded", "unchanged", "superseded"})
NAMED = 5  # of each kind of fault so many are told by name


@dataclass
class Asked:
    """One request, and the final results that were told of it."""

    key: str
    wanted: tuple[str, ...] | None  # the policies of a create; None: a delete
    place: tuple[int, int] | None = None  # partition and offset, once the broker has it
    told: list[tuple[str, str]] = field(default_factory=list)  # (id, outcome) of each final result


class Ledger:
    """Requests in the order of asking; results in the order of their partitions, which is that of a key."""

    def __init__(self) -> None:
        self.asked: dict[str, Asked] = {}
        self.open_of_key: Counter[str] = Counter()
        self.first_told: defaultdict[str, list[str]] = defaultdict(list)  # of each key, requests in the order of being told
        self.finals = 0
        self.retries = 0
        self.strangers: list[str] = []

    # --- writing ------------------------------------------------------------------------------------------------------

    def ask(self, id: str, key: str, wanted: tuple[str, ...] | None) -> None:
        self.asked[id] = Asked(key, wanted)
        self.open_of_key[key] += 1

    def enqueued(self, id: str, partition: int, offset: int) -> None:
        self.asked[id].place = (partition, offset)

    def tell(self, request_id: str, result_id: str, outcome: str) -> None:
        """One record of the results topic."""
        if outcome == "retrying":
            self.retries += 1
            return
        self.finals += 1
        request = self.asked.get(request_id)
        if request is None:
            self.strangers.append(request_id)
            return
        request.told.append((result_id, outcome))
        if len(request.told) == 1:
            self.open_of_key[request.key] -= 1
            self.first_told[request.key].append(request_id)

    # --- reading ------------------------------------------------------------------------------------------------------

    @property
    def open(self) -> int:
        return sum(self.open_of_key.values())

    @property
    def reruns(self) -> int:
        """Final results beyond the first of a request."""
        return sum(max(0, len(each.told) - 1) for each in self.asked.values())

    @property
    def outcomes(self) -> Counter[str]:
        """Of the first final result of each request."""
        return Counter(each.told[0][1] for each in self.asked.values() if each.told)

    def last_of_key(self) -> dict[str, tuple[str, Asked]]:
        """Of each key, the request with the highest offset."""
        last: dict[str, tuple[str, Asked]] = {}
        for id, each in self.asked.items():
            if each.place is not None and (each.key not in last or last[each.key][1].place < each.place):
                last[each.key] = (id, each)
        return last

    def faults(self) -> dict[str, list[str]]:
        """By promise, in what it is broken."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for id, each in self.asked.items():
            name = f"{each.key} {each.place} {id}"
            if each.place is None:
                found["unacknowledged"].append(name)
            elif not each.told:
                found["lost"].append(name)
            if len({result for result, _ in each.told}) > 1:
                found["ids"].append(f"{name}: {sorted({result for result, _ in each.told})}")
            if not {outcome for _, outcome in each.told} <= FINE:
                found["outcome"].append(f"{name}: {[outcome for _, outcome in each.told]}")
        found["order"] += self._disorder()
        found["stranger"] += self.strangers
        return {promise: names for promise, names in found.items() if names}

    def _disorder(self) -> list[str]:
        found = []
        for key, ids in self.first_told.items():
            places = [self.asked[id].place for id in ids if self.asked[id].place is not None]
            found += [f"{key}: {after} was done after {before}" for before, after in pairwise(places) if after < before]
        return found


def world_faults(ledger: Ledger, roles: dict[str, dict], accounts: dict[str, dict], annotation: str) -> list[str]:
    """In what the world is not the one that the last request of each key asks for; both by key."""
    found = []
    last = ledger.last_of_key()
    for key, (_, request) in last.items():
        role, account = roles.get(key), accounts.get(key)
        if request.wanted is None:
            if role is not None or account is not None:
                found.append(f"{key} {request.place}: deleted, and there is {role and role['arn']} / {account}")
        elif role is None or account is None:
            found.append(f"{key} {request.place}: created, and role {role and role['arn']}, account {account}")
        elif sorted(role["attachedPolicies"]) != sorted(request.wanted):
            found.append(f"{key} {request.place}: {role['attachedPolicies']}, not {request.wanted}")
        elif account.get("annotations", {}).get(annotation) != role["arn"]:
            found.append(f"{key} {request.place}: the account names {account.get('annotations')}")
    found += [f"{key}: nobody asked for it" for key in roles.keys() | accounts.keys() if key not in last]
    return found
