"""What Indian law fixes in numbers, each with the day from which it holds. Read with `in_force`.

They change by notification: a change is one more row here, never another number in code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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
B2C_LARGE_ABOVE: Dated[Decimal] = ((_BEGINNING, Decimal(250_000)), (date(2024, 8, 1), Decimal(100_000)))
"""GSTR-1 table 5 (b2cl): inter-State invoices to buyers without GSTIN above this value (notification 12/2024-CT)."""
E_INVOICE_ABOVE: Dated[Decimal] = (
    (date(2020, 10, 1), 500 * _CRORE),
    (date(2021, 1, 1), 100 * _CRORE),
    (date(2021, 4, 1), 50 * _CRORE),
    (date(2022, 4, 1), 20 * _CRORE),
    (date(2022, 10, 1), 10 * _CRORE),
    (date(2023, 8, 1), 5 * _CRORE),
)
"""Rule 48(4): e-invoices are due from suppliers whose yearly turnover is above this (notification 10/2023-CT)."""
E_INVOICE_MOST_ITEMS = 1000
HSN_TURNOVER: Dated[Decimal] = ((date(2021, 4, 1), 5 * _CRORE),)
"""Up to this turnover four digits of HSN or SAC, above it six (notification 78/2020-CT)."""
HSN_SPLIT_SINCE = date(2025, 5, 1)
"""GSTR-1 table 12 tells B2B and B2C apart from this day."""
RETENTION_MONTHS = 72
"""Section 36 of the CGST Act: books are kept so long after the annual return's due date (31 December)."""
SAC_PREFIX = "99"
"""Codes of services begin with it; all others are goods (HSN)."""

CAB_HIRE, GOODS_AGENCY, PASSENGERS = "9966", "9965", "9964"
REVERSE_CHARGE_RATE = Decimal(5)


def in_force(table: Dated[T], day: date) -> T | None:
    """The value that held on a day; None before the first."""
    found: T | None = None
    for since, value in table:
        if since <= day:
            found = value
    return found


@dataclass(frozen=True, slots=True)
class TransportRate:
    """A rate that a transport service may be billed at, by the first digits of its SAC. Both days included."""

    sac: str
    rate: Decimal
    words: str
    since: date = _BEGINNING
    until: date | None = None


_RESTRICTED, _FULL = "credit of input tax restricted", "with credit of input tax"
_REFORM = date(2025, 9, 22)
_LAST_OF_12 = _REFORM - timedelta(days=1)
TRANSPORT_RATES: tuple[TransportRate, ...] = tuple(
    rate
    for sac, first in (
        (PASSENGERS, _RESTRICTED),
        (GOODS_AGENCY, "without credit of input tax"),
        (CAB_HIRE, _RESTRICTED),
    )
    for rate in (
        TransportRate(sac, Decimal(5), first),
        TransportRate(sac, Decimal(12), _FULL, date(2017, 8, 22), _LAST_OF_12),
        TransportRate(sac, Decimal(18), _FULL, _REFORM),
    )
)
"""Notification 11/2017-CT(R), entries 8 to 10, as amended by 20/2017 and, from 22 September 2025, by 15/2025."""


def transport_rates(sac: str, day: date) -> list[TransportRate]:
    """The rates from which a transport service is billed on a day; [] for other services."""
    return [
        rate
        for rate in TRANSPORT_RATES
        if sac.startswith(rate.sac) and rate.since <= day and (rate.until is None or day <= rate.until)
    ]


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


def hsn_problem(code: str, digits: int, *, service: bool) -> str | None:
    """What is wrong with an HSN or SAC code, or None. `digits` is the least number (see `hsn_digits`)."""
    if not (code.isascii() and code.isdigit()) or len(code) not in {4, 6, 8}:
        return "A code has 4, 6 or 8 digits."
    if service != code.startswith(SAC_PREFIX):
        return "Codes of services begin with 99." if service else "Codes that begin with 99 are services, not goods."
    if len(code) < digits:
        return f"At your turnover a code has {digits} digits at least."
    return None


def credit_note_deadline(invoice_date: date) -> date:
    """The last day on which a credit note's tax may be declared (section 34(2) of the CGST Act, as from October 2022).

    30 November after the end of the fiscal year of the invoice. A note after it is still a note, without tax.
    """
    return date(fiscal_year_start(invoice_date, APRIL).year + 1, 11, 30)


def kept_until(document_date: date) -> date:
    """The day until which a document is kept (section 36): 72 months from the year's annual return, 31 December."""
    return date(fiscal_year_start(document_date, APRIL).year + 1 + RETENTION_MONTHS // 12, 12, 31)
