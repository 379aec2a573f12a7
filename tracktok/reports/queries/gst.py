"""Output tax by month, section of GSTR-1 and rate: of issued documents, beside what the books have, and of advances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.customers.models import Company
from tracktok.customers.queries.companies import company_choices
from tracktok.invoices.queries.advances import advances_between, amended_between, companies_with_advances
from tracktok.invoices.queries.returns import documents_of_month
from tracktok.invoices.rules.advances import net_of
from tracktok.invoices.rules.gst_documents import CREDIT_NOTE, GstDocument, TaxSum, by_rate
from tracktok.invoices.rules.gstr1 import section_of
from tracktok.ledger.queries import book_account_for, trial_balance
from tracktok.reports.rules.figures import ZERO
from tracktok.reports.rules.ranges import Span, first_of_month, shift_months

MOST_MONTHS = 24
_COMPANIES = select(Company.id)  # archived ones have billed too
TAXES = {"cgst": "output_cgst", "sgst": "output_sgst", "igst": "output_igst", "cess": "output_cess"}
"""Each tax, and the part that its account of the books plays."""


@dataclass(frozen=True, slots=True)
class GstRow:
    """What was supplied in a month at a rate, of one section; under reverse charge the recipients owe the tax."""

    month: date
    section: str
    rate: Decimal
    reverse_charge: bool
    documents: int
    sums: TaxSum

    @property
    def tax(self) -> Decimal:
        """All taxes together."""
        return tax_of(self.sums)


@dataclass(frozen=True, slots=True)
class AdvanceRow:
    """What advances add to the tax of a month at a rate, by section: those that invoices took up are below zero."""

    month: date
    section: str
    rate: Decimal
    sums: TaxSum

    @property
    def tax(self) -> Decimal:
        """All taxes together."""
        return tax_of(self.sums)


@dataclass(frozen=True, slots=True)
class GstSummary:
    """Output tax of some days. `booked` is what the output tax accounts moved by; None for one company of several.

    Tax on advances is owed beside it, and stands in no account: the books post it with the invoice.
    """

    span: Span
    rows: Sequence[GstRow]
    total: TaxSum
    booked: TaxSum | None
    advances: Sequence[AdvanceRow] = ()

    @property
    def on_advances(self) -> TaxSum:
        """What advances add to the output tax of documents."""
        return sum((row.sums for row in self.advances), TaxSum())

    @property
    def owed(self) -> TaxSum:
        """The output tax of documents and advances together."""
        return self.total + self.on_advances

    @property
    def is_equal(self) -> bool:
        """Whether documents and books say the same."""
        return self.booked is None or all(getattr(self.total, name) == getattr(self.booked, name) for name in TAXES)

    @property
    def tax(self) -> Decimal:
        """All taxes together."""
        return tax_of(self.total)

    @property
    def advance_tax(self) -> Decimal:
        """What advances add to it."""
        return tax_of(self.on_advances)

    @property
    def owed_tax(self) -> Decimal:
        """All taxes of documents and advances together."""
        return tax_of(self.owed)


def tax_of(sums: TaxSum) -> Decimal:
    """The taxes of a sum together."""
    return sums.cgst + sums.sgst + sums.igst + sums.cess


def gst_companies() -> Sequence[tuple[UUID, str]]:
    """The companies under GST, the default one first."""
    return [(row.id, row.legal_name) for row in company_choices() if row.gstin]


def gst_summary(span: Span, company_id: UUID | None = None) -> GstSummary:
    """Output tax of the days of a span, of one company or all. Raises Invalid at `date_to` for more than 24 months."""
    if (span.end.year - span.start.year) * 12 + span.end.month - span.start.month >= MOST_MONTHS:
        raise Invalid.at("date_to", f"Choose at most {MOST_MONTHS} months.")
    companies = [company_id] if company_id else list(db.session.execute(_COMPANIES).scalars())
    sums: dict[tuple[date, str, Decimal, bool], TaxSum] = defaultdict(TaxSum)
    counts: dict[tuple[date, str, Decimal, bool], int] = defaultdict(int)
    in_advance: dict[tuple[date, str, Decimal], TaxSum] = defaultdict(TaxSum)
    with_advances = companies_with_advances()
    month = first_of_month(span.start)
    while month <= span.end:
        for company in companies:
            for document in documents_of_month(company, month):
                if not document.is_void and document.day in span:
                    for rate, part in _charged(document).items():
                        key = (month, section_of(document), rate, document.reverse_charge)
                        sums[key] += part
                        counts[key] += 1
            if company in with_advances:
                for (section, rate), part in _on_advances(company, month, span).items():
                    in_advance[month, section, rate] += part
        month = shift_months(month, 1)
    rows = [GstRow(*key, counts[key], part) for key, part in sorted(sums.items())]
    advances = [AdvanceRow(*key, part) for key, part in sorted(in_advance.items())]
    return GstSummary(span, rows, sum(sums.values(), TaxSum()), None if company_id else _booked(span), advances)


def _on_advances(company_id: UUID, month: date, span: Span) -> dict[tuple[str, Decimal], TaxSum]:
    """The tax on advances of the days of a month that are in a span, as GSTR-1 tells it."""
    first, after = max(month, span.start), min(shift_months(month, 1), span.end + timedelta(days=1))
    days = company_id, first, after
    return net_of(advances_between(*days), amended_between(*days), first, after)


def _charged(document: GstDocument) -> dict[Decimal, TaxSum]:
    """What a document charges by rate, credit notes below zero; nothing is charged that the recipient owes."""
    found = by_rate(document)
    if document.reverse_charge:
        found = {rate: TaxSum(taxable=part.taxable) for rate, part in found.items()}
    return {rate: -part for rate, part in found.items()} if document.kind == CREDIT_NOTE else found


def _booked(span: Span) -> TaxSum:
    moved = {row.id: row.credit - row.debit for row in trial_balance(span.start, span.end).rows}
    return TaxSum(**{name: moved.get(book_account_for(role), ZERO) for name, role in TAXES.items()})
