"""GST on money that comes before its invoice.

Of services tax is owed when the money comes (section 13(2) CGST Act), of goods it is not (notification 66/2017-CT). The
money includes the tax. Where the rate cannot be told it is 18 %, where the kind of supply cannot be told it crosses a
State's border (provisos of rule 50). GSTR-1 tells what of a month's advances no invoice has taken up (11A, `at`), and
what invoices took up of the advances of earlier months (11B, `txpd`). What was told of an earlier month and has changed
since is told anew, as a whole, in the month in which it changed (table 11, part II: `ata`, `txpda`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .gst_documents import PAISA, ZERO, TaxSum

GOODS, SERVICES = "goods", "services"
GOODS_FREE_FROM = date(2017, 11, 15)
UNKNOWN_RATE = Decimal(18)
_SUMS = ("taxable", "igst", "cgst", "sgst", "cess")


@dataclass(frozen=True, slots=True)
class Advance:
    """An advance under GST, and what of it was used by invoices or given back: before a month, and in it."""

    received_on: date
    amount: Decimal
    rate: Decimal
    place_of_supply: str
    inter_state: bool
    used_before: Decimal = ZERO
    used_in: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Amended:
    """The advances of an earlier month (to before `after`), as its return told them and as they are now."""

    month: date
    after: date
    before: Sequence[Advance]
    now: Sequence[Advance]


def tax_of(amount: Decimal, rate: Decimal, *, inter_state: bool) -> TaxSum:
    """What of an advance is the supply, and what the taxes: they are in it. Central and State tax are the same."""
    if inter_state:
        tax = (amount * rate / (100 + rate)).quantize(PAISA, ROUND_HALF_UP)
        return TaxSum(amount - tax, igst=tax)
    half = (amount * rate / 2 / (100 + rate)).quantize(PAISA, ROUND_HALF_UP)
    return TaxSum(amount - 2 * half, cgst=half, sgst=half)


def bears_tax(kind: str, day: date) -> bool:
    """Whether tax is owed on an advance for goods or services of a day."""
    return kind != GOODS or day < GOODS_FREE_FROM


def rows_of(advances: Iterable[Advance], month: date, after: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(11A, 11B) of a month, summed by place and rate. Parts of one advance come to its tax as a whole."""
    received: dict[tuple[bool, str, Decimal], TaxSum] = defaultdict(TaxSum)
    adjusted: dict[tuple[bool, str, Decimal], TaxSum] = defaultdict(TaxSum)
    for one in advances:
        key = (one.inter_state, one.place_of_supply, one.rate.normalize())
        left = one.amount - one.used_before - one.used_in
        if month <= one.received_on < after:
            if left > 0:
                received[key] += tax_of(left, one.rate, inter_state=one.inter_state)
        elif one.used_in:
            before = tax_of(one.amount - one.used_before, one.rate, inter_state=one.inter_state)
            adjusted[key] += before + -tax_of(left, one.rate, inter_state=one.inter_state)
    return _told(received), _told(adjusted)


def amended_rows(amended: Iterable[Amended]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(11A, 11B) of earlier months, each sum that has changed, as it is now, with its `month`."""
    received: list[dict[str, Any]] = []
    adjusted: list[dict[str, Any]] = []
    for one in amended:
        was, now = rows_of(one.before, one.month, one.after), rows_of(one.now, one.month, one.after)
        for rows, before, after in zip((received, adjusted), was, now, strict=True):
            rows += [{"month": one.month, **row} for row in _that_differ(before, after)]
    return received, adjusted


def _that_differ(before: Iterable[dict[str, Any]], now: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    old, new = ({_key(row): row for row in rows} for rows in (before, now))
    nothing = dict.fromkeys(_SUMS, ZERO)
    whole = {key: new.get(key) or {**old[key], **nothing} for key in sorted({*old, *new})}
    return [row for key, row in whole.items() if row != old.get(key)]


def _key(row: dict[str, Any]) -> tuple[bool, str, Decimal]:
    return row["inter_state"], row["place_of_supply"], row["rate"]


def net_of(advances: Iterable[Advance], amended: Iterable[Amended], month: date, after: date) -> dict[Any, TaxSum]:
    """What advances add to the output tax of some days, and take off it: by (section, rate)."""
    found: dict[Any, TaxSum] = defaultdict(TaxSum)
    parts = [("", 1, advances, month, after)]
    for one in amended:
        parts += [("a", -1, one.before, one.month, one.after), ("a", 1, one.now, one.month, one.after)]
    for end, sign, those, first, last in parts:
        for name, side, rows in zip(("at", "txpd"), (1, -1), rows_of(those, first, last), strict=True):
            for row in rows:
                part = TaxSum(**{one: row[one] for one in _SUMS})
                found[name + end, row["rate"]] += part if sign * side > 0 else -part
    return {key: part for key, part in found.items() if part != TaxSum()}


def _told(sums: dict[tuple[bool, str, Decimal], TaxSum]) -> list[dict[str, Any]]:
    return [
        {
            "inter_state": inter_state,
            "place_of_supply": place,
            "rate": rate,
            "taxable": part.taxable,
            "igst": part.igst,
            "cgst": part.cgst,
            "sgst": part.sgst,
            "cess": part.cess,
        }
        for (inter_state, place, rate), part in sorted(sums.items())
    ]


def advances_json(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as the portal reads them: by place, and the month that is amended, with an item for each rate."""
    places: dict[tuple[str, str, bool], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        taxes = {"iamt": row["igst"]} if row["inter_state"] else {"camt": row["cgst"], "samt": row["sgst"]}
        item = {"rt": row["rate"], "ad_amt": row["taxable"], **taxes, "csamt": row["cess"]}
        month = f"{row['month']:%m%Y}" if "month" in row else ""
        places[month, row["place_of_supply"], row["inter_state"]].append(item)
    return [
        {
            **({"omon": month} if month else {}),
            "pos": place, "sply_ty": "INTER" if inter_state else "INTRA", "itms": items,
        }
        for (month, place, inter_state), items in places.items()
    ]  # fmt: skip
