"""The terms of a card as a form: flat names with dashes (`distance_slabs-steps-0-rate`), read and filled.

A part of which nothing was typed is not part of the card; rows without anything in them are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from tracktok.core.context import preferences
from tracktok.trips.rules.cards import BillingModel, minutes_of
from tracktok.trips.rules.terms import DECIMAL_FIELDS
from tracktok.trips.schemas.terms import TermsIn
from tracktok.web.filters import figures
from tracktok.web.inputs import plain_decimal

_OF_TRIPS = frozenset({"per_trip", "per_distance", "per_hour", "distance_slabs", "hour_slabs"})
HIDDEN: dict[str, frozenset[str]] = {
    BillingModel.trip: frozenset({"packages", "monthly"}),
    BillingModel.package: _OF_TRIPS,
    BillingModel.hybrid: frozenset(),
}
"""What a card of a model has not: the form hides it, and what stands there is not read."""
_TOP = frozenset(TermsIn.model_fields)
_GIVEN = frozenset({"mode", "per", "on", "name", "exempt", "inclusive", "deduct", "per_vehicle", "prorate"})
"""What stands in a form by itself: alone it makes no part of a card."""
_FLAGS = {
    "monthly": ("per_vehicle", "prorate"),
    "cancelled": ("deduct",),
    "tax": ("inclusive",),
    "pass_through": ("tolls", "parking"),
}
_LISTS = {"distance_slabs": "steps", "hour_slabs": "steps", "packages": "options"}
_NAMED_BY_PERSON = frozenset({"surcharges", "options"})
SPARE = 1


def take_terms(values: MultiDict[str, str]) -> dict[str, Any]:
    """Take the terms out of a form's values, as the schema reads them; the values are put back with rows in order."""
    tree: dict[str, Any] = {}
    model = values.get("model", "")
    for key in list(values):
        parts = key.split("-")
        if parts[0] not in _TOP:
            continue
        texts = [text.strip() for text in values.poplist(key)]
        if not texts or parts[0] in HIDDEN.get(model, frozenset()):
            continue
        at = tree
        for part in parts[:-1]:
            below = at.setdefault(part, {})
            if not isinstance(below, dict):
                break
            at = below
        else:
            at[parts[-1]] = texts if parts[-1] == "exempt" else texts[0]
    terms = _order(tree)
    for name, text in _flat(terms):
        values.setlist(name, text if isinstance(text, list) else [text])
    return _typed(terms)


def _order(tree: dict[str, Any]) -> dict[str, Any]:
    """Numbered rows as lists without the empty ones; parts in which nothing was typed are left out."""
    out: dict[str, Any] = {}
    for name, value in tree.items():
        if not isinstance(value, dict):
            out[name] = value
        elif rows := _rows(value, name):
            out[name] = rows
        elif not _is_numbered(value):
            below = _order(value)
            if name == "pass_through" or _typed_in(below, name):
                out[name] = below
    return out


def _is_numbered(value: Mapping[str, Any]) -> bool:
    return bool(value) and all(key.isdigit() for key in value)


def _rows(value: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    if not _is_numbered(value):
        return []
    rows = [value[key] for key in sorted(value, key=int) if isinstance(value[key], dict)]
    return [row for row in rows if _typed_in(row, name)]


def _typed_in(part: Any, name: str) -> bool:
    if isinstance(part, dict):
        ignored = _GIVEN - {"name"} if name in _NAMED_BY_PERSON else _GIVEN
        return any(_typed_in(one, key) for key, one in part.items() if key not in ignored)
    return bool(part)


def _flat(value: Any, at: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [pair for name, one in value.items() for pair in _flat(one, f"{at}-{name}" if at else name)]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [pair for number, one in enumerate(value) for pair in _flat(one, f"{at}-{number}")]
    return [(at, value)]


def _typed(part: Any, name: str = "") -> Any:
    """Texts as the schema takes them: numbers as people write them, ticks, lists; what is empty left out."""
    if isinstance(part, list):
        return (
            [_typed(one, name) for one in part] if part and isinstance(part[0], dict) else [one for one in part if one]
        )
    if not isinstance(part, dict):
        if name == "on":
            return part.split(",")
        if name in DECIMAL_FIELDS:
            return plain_decimal(part.rstrip(" %"), figures(preferences().locale).decimal) or part
        return part
    out = {key: _typed(one, key) for key, one in part.items() if one not in ("", None)}
    for top, flags in _FLAGS.items():
        if name == top:
            out |= {flag: bool(part.get(flag)) for flag in flags}
    if name == "tax":
        out.setdefault("exempt", [])
    if not name and "pass_through" not in out:
        out["pass_through"] = {"tolls": False, "parking": False}
    return out


def fill_terms(terms: Mapping[str, Any]) -> dict[str, Any]:
    """What a form shows of stored terms."""
    out: dict[str, Any] = {}
    for name, value in _flat(dict(terms)):
        leaf = name.rpartition("-")[2]
        if leaf == "on":
            out[name] = ",".join(value)
        elif isinstance(value, str) and leaf in DECIMAL_FIELDS:
            out[name] = Decimal(value)
        else:
            out[name] = value
    return out


def row_counts(values: Mapping[str, Any]) -> dict[str, int]:
    """How many rows each list of the form shows: those with something in them and a spare one."""
    counts: dict[str, int] = {}
    for name in ("distance_slabs-steps", "hour_slabs-steps", "packages-options", "late", "surcharges"):
        used = {key.removeprefix(f"{name}-").split("-")[0] for key in values if key.startswith(f"{name}-")}
        least = {"distance_slabs-steps": 3, "hour_slabs-steps": 2, "packages-options": 2}.get(name, 1)
        counts[name] = max(len({one for one in used if one.isdigit()}) + SPARE, least)
    return counts


_TRIP_NUMBERS = ("distance", "dead_distance", "tolls", "parking")


def trip_of(values: Mapping[str, str], day: date) -> dict[str, Any]:
    """The worked trip of a form as the schema reads it: on a day, from a time of day to the next such time."""
    said = {name.removeprefix("trip-"): text.strip() for name, text in values.items() if name.startswith("trip-")}
    out: dict[str, Any] = {}
    for name, text in said.items():
        if not text or name in {"start", "end"}:
            continue
        decimal = figures(preferences().locale).decimal
        out[name] = (plain_decimal(text, decimal) or text) if name in _TRIP_NUMBERS else text
    out["escort"] = "escort" in said
    start, end = _time(said.get("start", "")), _time(said.get("end", ""))
    out["start"] = datetime.combine(day, start) if start else said.get("start", "")
    if start and end:
        out["end"] = datetime.combine(day + timedelta(days=1) if end < start else day, end)
    else:
        out["end"] = said.get("end", "")
    return out


def _time(text: str) -> time | None:
    try:
        minutes = minutes_of(text[:5])
    except ValueError:
        return None
    return time(minutes // 60, minutes % 60)


def month_of(values: Mapping[str, str], day: date) -> dict[str, Any]:
    """The worked month of a form as the schema reads it."""
    said = {name.removeprefix("month-"): text.strip() for name, text in values.items() if name.startswith("month-")}
    decimal = figures(preferences().locale).decimal
    out: dict[str, Any] = {"month": day.isoformat()}
    for name, text in said.items():
        if text:
            out[name] = (plain_decimal(text, decimal) or text) if name in {"distance", "hours", "amount"} else text
    return out
