"""What documents add to the books.

An invoice or debit note: debit receivables with all of it, credit income by account, credit each tax, and the rounding
to its own account. A credit note the other way round. In a foreign currency every line is rounded in the tenant's; what
the roundings leave over goes to the largest income line, so that taxes stand in the books as the return has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from tracktok.core.money import round_amount
from tracktok.ledger.rules import Entry, Line

ZERO = Decimal(0)
SOURCE = "sales_document"
TAX_ROLES = {"cgst": "output_cgst", "sgst": "output_sgst", "igst": "output_igst", "cess": "output_cess"}
OTHER_TAX = "output_tax"


@dataclass(frozen=True, slots=True)
class Accounts:
    """The book accounts that documents post to, by id."""

    receivables: UUID
    sales: UUID
    rounding: UUID
    taxes: Mapping[str, UUID]
    """By role, see TAX_ROLES and OTHER_TAX."""


@dataclass(frozen=True, slots=True)
class Posting:
    """A document as the books see it. `incomes` are (account or None for sales, amount before tax)."""

    document_id: UUID
    kind: str
    day: date
    memo: str
    customer_id: UUID
    currency: str
    base: str
    rate: Decimal
    total: Decimal
    base_total: Decimal
    round_off: Decimal
    incomes: Sequence[tuple[UUID | None, Decimal]]
    taxes: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def sign(self) -> int:
        """1 for what the customer owes, -1 for what they get back."""
        return -1 if self.kind == "credit_note" else 1


def taxes_by_role(
    *, cgst: Decimal, sgst: Decimal, igst: Decimal, cess: Decimal, tax_total: Decimal
) -> dict[str, Decimal]:
    """The taxes that are charged, by the role of their account; what is none of GST's goes to output tax."""
    named = {"cgst": cgst, "sgst": sgst, "igst": igst, "cess": cess}
    found = {TAX_ROLES[code]: amount for code, amount in named.items() if amount}
    if rest := tax_total - sum(named.values(), ZERO):
        found[OTHER_TAX] = rest
    return found


def entry_of(posting: Posting, accounts: Accounts) -> Entry | None:
    """The balanced entry of a document; None when it moves nothing (all of it costs nothing)."""
    sums: dict[UUID, Decimal] = {}
    for account, amount in posting.incomes:
        where = account or accounts.sales
        sums[where] = sums.get(where, ZERO) + amount
    # (account, amount, of the customer), as credits against what is owed.
    owed = [(account, amount, True) for account, amount in sorted(sums.items()) if amount]
    owed += [(accounts.taxes[role], amount, False) for role, amount in sorted(posting.taxes.items()) if amount]
    if posting.round_off:
        owed.append((accounts.rounding, posting.round_off, False))
    bases = [round_amount(amount * posting.rate, posting.base) for _, amount, _ in owed]
    _settle(owed, bases, posting.base_total)
    incomes = [at for at, (_, _, income) in enumerate(owed) if income]
    first = max(incomes, key=lambda at: abs(bases[at]), default=-1)
    lines = [
        _line(posting, account, -amount, -base, items=int(at == first), income=income)
        for at, ((account, amount, income), base) in enumerate(zip(owed, bases, strict=True))
    ]
    if posting.total or posting.base_total:
        lines.insert(0, _line(posting, accounts.receivables, posting.total, posting.base_total, items=0, income=True))
    if len(lines) < 2:
        return None
    return Entry(posting.day, posting.kind, SOURCE, posting.document_id, posting.memo, tuple(lines))


def _settle(owed: list[tuple[UUID, Decimal, bool]], bases: list[Decimal], whole: Decimal) -> None:
    """Give what the roundings leave over to the largest income line (of a document of taxes only: the largest)."""
    rest = whole - sum(bases, ZERO)
    if not rest or not bases:
        return
    incomes = [at for at, (_, _, income) in enumerate(owed) if income] or list(range(len(bases)))
    bases[max(incomes, key=lambda at: abs(bases[at]))] += rest


def _line(posting: Posting, account: UUID, amount: Decimal, base: Decimal, *, items: int, income: bool) -> Line:
    return Line(
        book_account_id=account,
        amount=posting.sign * amount,
        base_amount=posting.sign * base,
        currency=posting.currency,
        items=posting.sign * items,
        customer_id=posting.customer_id if income else None,
    )


def exchange_lines(
    difference: Decimal, *, receivables: UUID, exchange_account: UUID, customer_id: UUID, currency: str
) -> tuple[Line, Line]:
    """The lines that bring receivables to where a settlement at another rate leaves them: a gain (above 0) debits them.

    Only the tenant's currency moves: in the document's own the two sides have met already.
    """
    return (
        Line(receivables, ZERO, difference, currency, items=0, customer_id=customer_id),
        Line(exchange_account, ZERO, -difference, currency, items=0),
    )


def write_off_entry(
    *, document_id: UUID, day: date, memo: str, customer_id: UUID, currency: str, amount: Decimal, base: Decimal,
    accounts: tuple[UUID, UUID], kind: str = "write_off",
) -> Entry:  # fmt: skip
    """What is given up: debit the first account (bad debts), credit receivables. Negative amounts take it back."""
    loss, receivables = accounts
    return Entry(
        entry_date=day,
        kind=kind,
        source=SOURCE,
        source_id=document_id,
        memo=memo,
        lines=(
            Line(loss, amount, base, currency, items=1 if amount > 0 else -1, customer_id=customer_id),
            Line(receivables, -amount, -base, currency, items=0, customer_id=customer_id),
        ),
    )
