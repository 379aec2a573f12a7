"""In what two versions of a card differ, term by term, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_WORDS: dict[str, str] = {
    "model": "Billing model",
    "currency": "Currency",
    "distance_unit": "Distances in",
    "per_trip": "Base fare",
    "per_distance": "For each km or mile",
    "per_hour": "For each hour",
    "distance_slabs": "Slabs by distance",
    "hour_slabs": "Slabs by hours",
    "minimum_fare": "Minimum fare",
    "packages": "Packages",
    "options": "package",
    "monthly": "Monthly fee",
    "minimum_month": "Guaranteed for a month",
    "dead": "Dead distance",
    "night": "Night charge",
    "waiting": "Waiting",
    "escort": "Escort",
    "no_show": "No-show",
    "cancelled": "Cancelled",
    "late": "Late",
    "pass_through": "Tolls and parking",
    "surcharges": "Surcharge",
    "tax": "Tax",
    "distance_step": "Distance up to whole",
    "minute_step": "Time up to whole",
    "steps": "slab",
    "up_to": "up to",
    "on": "of",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A term that is not the same in both. Empty: it is not part of that version."""

    field: str
    label: str
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The terms in which two versions differ, in the order of a card."""
    old, new = dict(_flat(before)), dict(_flat(after))
    order = list(_WORDS)
    names = sorted({*old, *new}, key=lambda name: (order.index(head) if (head := name.split("/")[0]) in order else 99,))
    return [
        Difference(name, label_of(name), old.get(name, ""), new.get(name, ""))
        for name in names
        if old.get(name, "") != new.get(name, "")
    ]


def label_of(name: str) -> str:
    """A field in words: `late/0/amount` is "Late 1, amount"."""
    words: list[str] = []
    for part in name.split("/"):
        if part.isdigit():
            words[-1] = f"{words[-1]} {int(part) + 1}"
        else:
            words.append(_WORDS.get(part, part.replace("_", " ")))
    return ", ".join([words[0], *(word[:1].lower() + word[1:] for word in words[1:])])


def _flat(value: Any, at: str = "") -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [pair for name, one in value.items() for pair in _flat(one, f"{at}/{name}" if at else str(name))]
    if isinstance(value, Sequence) and not isinstance(value, str):
        if all(isinstance(one, str) for one in value):
            return [(at, ", ".join(value))]
        return [pair for number, one in enumerate(value) for pair in _flat(one, f"{at}/{number}")]
    if isinstance(value, bool):
        return [(at, "yes" if value else "no")]
    return [(at, "" if value is None else str(value))]
