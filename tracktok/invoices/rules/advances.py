"""GST on money that comes before its invoice.

Of services tax is owed when the money comes (section 13(2) CGST Act), of goods it is not (notification 66/2017-CT). The
money includes the tax. Where the rate cannot be told it is 18 %, where the kind of supply cannot be told it crosses a
State's border (provisos of rule 50). GSTR-1 tells what of a month's advances no invoice has taken up (11A, `at`), and
what invoices took up of the advances of earlier months (11B, `txpd`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .gst_documents import PAISA, ZERO, TaxSum

GOODS, SERVICES = "goods", "services"
GOODS_FREE_FROM = date(2017, 11, 15)
UNKNOWN_RATE = Decimal(18)


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
    """The rows as the portal reads them: by place, with an item for each rate."""
    places: dict[tuple[str, bool], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        taxes = {"iamt": row["igst"]} if row["inter_state"] else {"camt": row["cgst"], "samt": row["sgst"]}
        item = {"rt": row["rate"], "ad_amt": row["taxable"], **taxes, "csamt": row["cess"]}
        places[row["place_of_supply"], row["inter_state"]].append(item)
    return [
        {"pos": place, "sply_ty": "INTER" if inter_state else "INTRA", "itms": items}
        for (place, inter_state), items in places.items()
    ]
