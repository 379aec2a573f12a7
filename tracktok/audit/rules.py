"""The seal: what is hashed, in which form. Anybody who has the rows can make the same hash.

    hash = SHA-256(previous hash + canonical(header) + for each event in order: newline + canonical(event))

where canonical is JSON in UTF-8 with sorted keys and no spaces, the header is
`[tenant, number, from, to]`, and the previous hash of the first seal is 32 zero bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

GENESIS = bytes(32)
MOST_EVENTS = 50_000
"""A seal covers about as many events at most; one transaction's events are never divided."""

SEALED_FIELDS = (
    "id",
    "transaction_id",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "action",
    "entity",
    "entity_id",
    "label",
    "before",
    "after",
    "address",
    "user_agent",
    "request_id",
    "route",
)
"""Every column of an event but the tenant, which is in the header."""


def canonical(value: Any) -> bytes:
    """JSON in UTF-8, keys sorted, no spaces; ids as text, instants in UTC to the microsecond."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_text).encode(
        errors="surrogatepass"
    )


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value)


class Sealing:
    """A hash in the making: the header first, then the events in the order of (transaction_id, id)."""

    def __init__(self, previous: bytes, tenant_id: UUID, number: int, first: int, end: int) -> None:
        """The seal of this number covers the transactions in [first, end)."""
        self._digest = hashlib.sha256(previous + canonical([str(tenant_id), number, first, end]))
        self.events = 0

    def add(self, event: Sequence[Any]) -> None:
        """The next event: its values in the order of SEALED_FIELDS."""
        self._digest.update(b"\n" + canonical(list(event)))
        self.events += 1

    def hash(self) -> bytes:
        """The hash of all that was added."""
        return self._digest.digest()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a seal, for a person. `kind`: chain, missing, changed, removed, inserted."""

    seal: int
    kind: str
    detail: str


@dataclass(slots=True)
class Verification:
    """What a look at a tenant's trail found.

    `head` is the last seal's hash: keep it elsewhere, and nobody can cut off the end unseen.
    """

    seals: int = 0
    events: int = 0
    unsealed: int = 0
    oldest_unsealed: datetime | None = None
    head_number: int = 0
    head: bytes = GENESIS
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.faults


def count_fault(number: int, said: int, found: int) -> Fault:
    """The fault of a seal whose hash does not match, told by the number of its events."""
    if found < said:
        return Fault(number, "removed", f"seal {number} covers {said} events, {found} are there")
    if found > said:
        return Fault(number, "inserted", f"seal {number} covers {said} events, {found} are there")
    return Fault(number, "changed", f"the events of seal {number} are not those that were sealed")


ACTION_WORDS = {"created": "made", "updated": "changed", "restored": "brought back", "opened": "opened"}
_TONES = {"created": "green", "restored": "green", "updated": "blue", "changed": "blue", "deleted": "red"}
UNTOLD = frozenset({"id", "tenant_id", "version", "created_at", "updated_at", "base_units", "deleted_at"})
"""What a person is not told of a record: how it is kept, not what it says."""


def action_label(action: str) -> str:
    """An action as a heading: "Changed", "Plan changed"."""
    words = action.replace("_", " ")
    return ACTION_WORDS.get(action, words).capitalize()


def action_tone(action: str) -> str:
    """The colour of an action's pill."""
    return _TONES.get(action, "grey")


def told_fields(
    before: dict[str, Any] | None, after: dict[str, Any] | None, *, silent: frozenset[str] = UNTOLD
) -> list[tuple[str, Any, Any]]:
    """(name, before, after) of each field that an event tells and that differs, in the order it was told."""
    old, new = before or {}, after or {}
    names = [name for name in dict.fromkeys((*new, *old)) if name not in silent]
    found = [(name, old.get(name), new.get(name)) for name in names]
    return [(name, was, is_now) for name, was, is_now in found if was != is_now or "(changed)" in (was, is_now)]


def field_label(name: str) -> str:
    """A field's name for people: "Category" for `category_id`, "Billable" for `is_billable`."""
    words = name.removeprefix("is_").removesuffix("_id").removesuffix("_ids")
    words = words.removesuffix("_at") if words.endswith("ed_at") else words
    return (words.replace("_", " ").strip() or name).capitalize()
