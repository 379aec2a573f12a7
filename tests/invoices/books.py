"""What the books hold of a document, and whether they and the ageing are as the documents say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.money import round_amount
from tracktok.core.tenancy import current_tenant_id
from tracktok.invoices.models import Receipt, SalesDocument
from tracktok.invoices.queries.receivables import Owing, ageing_on, open_documents
from tracktok.invoices.rules.ageing import DEFAULT_BUCKETS, bucket_of
from tracktok.ledger.queries import prove_books

_OF_DOCUMENT = text(
    """
    SELECT coalesce(b.role, b.code) AS role, sum(l.amount) AS amount, sum(l.base_amount) AS base
      FROM ledger_entries e
      JOIN ledger_lines l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
      JOIN book_accounts b ON b.tenant_id = l.tenant_id AND b.id = l.book_account_id
     WHERE e.source = 'sales_document' AND e.source_id = :id AND e.tenant_id = :tenant
     GROUP BY 1 HAVING sum(l.amount) <> 0 OR sum(l.base_amount) <> 0
    """
)


def books_of(document_id: UUID | str) -> dict[str, tuple[Decimal, Decimal]]:
    """What a document has in the books, by the role of the account: (in its currency, in the company's)."""
    rows = db.session.execute(_OF_DOCUMENT, {"id": document_id, "tenant": current_tenant_id()})
    return {row.role: (row.amount, row.base) for row in rows}


def check_receivables() -> None:
    """The books are sound, and receivables are what the documents say is due, by customer and currency."""
    assert prove_books().discrepancies == []


def plain_ageing(day: date) -> dict[UUID, Owing]:
    """What customers owe and have as credit on a day from today on, one row after the other."""
    base, found = preferences().currency, dict[UUID, Owing]()

    def left(total: Decimal, used: Decimal, base_total: Decimal) -> Decimal:
        return base_total - round_amount(base_total * used / total, base)

    def of(customer_id: UUID) -> Owing:
        return found.setdefault(customer_id, Owing(customer_id))

    for one in db.session.execute(
        select(SalesDocument).where(SalesDocument.amount_paid < SalesDocument.total)
    ).scalars():
        if one.status not in {"issued", "part_paid"} or one.kind not in {"invoice", "debit_note", "credit_note"}:
            continue
        owing, rest = of(one.customer_id), left(one.total, one.amount_paid, one.base_total)
        if one.kind == "credit_note":
            owing.open_credit_notes += rest
        else:
            owing.buckets[DEFAULT_BUCKETS.index(bucket_of(one.due_date or one.document_date, day))] += rest
            owing.documents += 1
    for receipt in db.session.execute(select(Receipt).where(Receipt.status == "received")).scalars():
        used = receipt.allocated_amount + receipt.refunded_amount
        if used < receipt.amount:
            of(receipt.customer_id).unallocated += left(receipt.amount, used, receipt.base_amount)
    return found


def figures(owing: Owing) -> tuple[Any, ...]:
    """What is to be equal."""
    return (*owing.buckets, owing.documents, owing.unallocated, owing.open_credit_notes)


def check_ageing(*days: date) -> None:
    """Receivables by age, on days from today on, are what the rows come to: of all, of each, and of one alone."""
    for day in days:
        plain, told = plain_ageing(day), ageing_on(day)
        assert not told.is_past
        assert {one.customer_id: figures(one) for one in told.customers} == {
            id_: figures(one) for id_, one in plain.items()
        }
        whole = [sum(parts) for parts in zip(*map(figures, plain.values()), strict=True)]
        assert figures(told.whole) == tuple(whole or figures(Owing()))
        for id_, one in plain.items():
            alone = ageing_on(day, id_)
            assert [figures(alone.whole), *map(figures, alone.customers)] == [figures(one)] * 2
        listed = sum(-row.base if row.kind in {"receipt", "credit_note"} else row.base for row in open_documents(day))
        assert listed == told.whole.balance
