"""What a sales document says on paper: plain values, put together from its row and its snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends or gets a document. `lines` is the address; `facts` are (label, value): GSTIN, PAN, State."""

    name: str
    lines: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line as it is printed. Amounts in the document's currency."""

    description: str
    hsn_sac: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    discount: str
    """In words: "10 %", "50.00", or empty."""
    taxable_amount: Decimal
    tax_percent: Decimal
    tax_amount: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class TaxRow:
    """A row of the tax table: what is taxed at a rate, and what each tax comes to, by its code."""

    percent: Decimal
    taxable: Decimal
    amounts: tuple[tuple[str, str, Decimal], ...]
    """(code, label, amount)."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole document."""

    title: str
    number: str
    status: str
    """`draft` and `void` are written across the page."""
    copy_label: str
    locale: str
    currency: str
    accent: str
    seller: Party
    buyer: Party
    delivery: Party | None
    facts: tuple[tuple[str, str], ...]
    """(label, value) of the head: date, due date, place of supply, reverse charge, reference."""
    lines: tuple[PaperLine, ...]
    tax_rows: tuple[TaxRow, ...]
    totals: tuple[tuple[str, Decimal], ...]
    """(label, amount) from the subtotal to the taxes and the round-off; the total itself is apart."""
    total_label: str
    total: Decimal
    after_total: tuple[tuple[str, Decimal], ...] = ()
    """(label, amount): paid, due."""
    words: str = ""
    statements: tuple[str, ...] = ()
    """What the law wants said: export without payment, reverse charge."""
    transport: tuple[tuple[str, str], ...] = ()
    bank: tuple[tuple[str, str], ...] = ()
    upi: str = ""
    """The `upi://pay?...` link of the QR code; empty for none."""
    signed_qr: str = ""
    irn: tuple[tuple[str, str], ...] = ()
    notes: str = ""
    terms: str = ""
    signatory: str = ""
    subject: str = ""
    made_on: date = field(default_factory=lambda: date(2000, 1, 1))


def tax_codes(paper: Paper) -> list[tuple[str, str]]:
    """(code, label) of the taxes that a document has, in the order in which they come."""
    found: dict[str, str] = {}
    for row in paper.tax_rows:
        for code, label, _ in row.amounts:
            found.setdefault(code, label)
    return list(found.items())
