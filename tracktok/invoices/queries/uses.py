"""Which customers and service types billing still needs."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, select, union

from tracktok.core.db import db
from tracktok.invoices.models import Receipt, SalesDocument

_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_OF_CUSTOMERS = union(
    select(SalesDocument.customer_id).where(
        SalesDocument.customer_id == _IDS.any_(), SalesDocument.deleted_at.is_(None)
    ),
    select(Receipt.customer_id).where(Receipt.customer_id == _IDS.any_()),
)


def customers_used(ids: Iterable[UUID]) -> set[UUID]:
    """Those of these customers that a document (drafts among them) or a receipt names."""
    return set(db.session.execute(_OF_CUSTOMERS, {"ids": list(ids)}).scalars())
