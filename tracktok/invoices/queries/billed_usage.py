"""Invoices of metered usage that are gone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id

_GONE = """
SELECT DISTINCT b.customer_id, d.id FROM usage_bills b
  JOIN sales_documents d ON d.tenant_id = b.tenant_id AND d.id = b.document_id
 WHERE b.tenant_id = %(tenant)s AND (%(customer)s::uuid IS NULL OR b.customer_id = %(customer)s)
   AND (d.deleted_at IS NOT NULL OR d.status = 'void')
 ORDER BY 1, 2"""


def gone_documents(customer_id: UUID) -> list[UUID]:
    """A customer's invoices of usage that were deleted or made void, and whose bills do not know it yet."""
    return [row.id for row in _rows(customer_id)]


def customers_with_gone_documents() -> set[UUID]:
    """Who has such invoices."""
    return {row.customer_id for row in _rows(None)}


def _rows(customer_id: UUID | None) -> list[Any]:
    given = {"tenant": current_tenant_id(), "customer": customer_id}
    return list(db.session.connection().exec_driver_sql(_GONE, given))
