"""What the books hold of a document, and whether they are as the documents say."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id
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
