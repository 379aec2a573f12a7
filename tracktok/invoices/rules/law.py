"""What Indian law fixes in numbers, each with the day from which it holds. Read with `in_force`.

They change by notification: a change is one more row here, never another number in code.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from tracktok.ledger.rules import fiscal_year_start

T = TypeVar("T")
Dated = Sequence[tuple[date, T]]
_CRORE = Decimal(10_000_000)
_BEGINNING = date(2017, 7, 1)
APRIL = 4

UNREGISTERED_DETAILS_FROM: Dated[Decimal] = ((_BEGINNING, Decimal(50_000)),)
"""Rule 46(e) of the CGST Rules: from this taxable value on, name, address and State of a buyer without GSTIN."""
E_INVOICE_ABOVE: Dated[Decimal] = (
    (date(2020, 10, 1), 500 * _CRORE),
    (date(2021, 1, 1), 100 * _CRORE),
    (date(2021, 4, 1), 50 * _CRORE),
    (date(2022, 4, 1), 20 * _CRORE),
    (date(2022, 10, 1), 10 * _CRORE),
    (date(2023, 8, 1), 5 * _CRORE),
)
"""Rule 48(4): e-invoices are due from suppliers whose yearly turnover is above this (notification 10/2023-CT)."""
HSN_TURNOVER: Dated[Decimal] = ((date(2021, 4, 1), 5 * _CRORE),)
"""Up to this turnover four digits of HSN or SAC, above it six (notification 78/2020-CT)."""
RETENTION_MONTHS = 72
"""Section 36 of the CGST Act: books are kept so long after the annual return's due date (31 December)."""
CAB_HIRE = "9966"
GOODS_AGENCY = ("9965", "996791")
"""Goods transport: 996791 is that of agencies, which write consignment notes; 9965 is found on their bills too."""
REVERSE_CHARGE_RATE = Decimal(5)


def in_force(table: Dated[T], day: date) -> T | None:
    """The value that held on a day; None before the first."""
    found: T | None = None
    for since, value in table:
        if since <= day:
            found = value
    return found


def expects_reverse_charge(
    sac: str,
    rate: Decimal,
    *,
    supplier_is_body_corporate: bool | None,
    buyer_is_registered: bool,
    buyer_is_body_corporate: bool | None,
) -> bool:
    """Whether a supply usually stands under reverse charge (notification 13/2017-CT(R), entries 1 and 15).

    Cab hire with fuel at 5 % from a supplier that is no body corporate to a registered one that is; a goods transport
    agency at 5 % to a registered recipient. A suggestion: both have conditions that only people know.
    """
    if rate != REVERSE_CHARGE_RATE or not buyer_is_registered:
        return False
    if sac.startswith(CAB_HIRE):
        return supplier_is_body_corporate is False and buyer_is_body_corporate is True
    return sac.startswith(GOODS_AGENCY)


def hsn_digits(turnover: Decimal, day: date) -> int:
    """How many digits of HSN or SAC an invoice needs at a yearly turnover in rupees."""
    limit = in_force(HSN_TURNOVER, day)
    return 6 if limit is not None and turnover > limit else 4


def credit_note_deadline(invoice_date: date) -> date:
    """The last day on which a credit note's tax may be declared (section 34(2) of the CGST Act, as from October 2022).

    30 November after the end of the fiscal year of the invoice. A note after it is still a note, without tax.
    """
    return date(fiscal_year_start(invoice_date, APRIL).year + 1, 11, 30)


def kept_until(document_date: date) -> date:
    """The day until which a document is kept (section 36): 72 months from the year's annual return, 31 December."""
    return date(fiscal_year_start(document_date, APRIL).year + 1 + RETENTION_MONTHS // 12, 12, 31)
