"""Which customers and companies billing still needs."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, bindparam, select, union

from tracktok.core.db import db
from tracktok.invoices.models import Deposit, Receipt, SalesDocument

_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_OF_CUSTOMERS = union(
    select(SalesDocument.customer_id).where(
        SalesDocument.customer_id == _IDS.any_(), SalesDocument.deleted_at.is_(None)
    ),
    select(Receipt.customer_id).where(Receipt.customer_id == _IDS.any_()),
)


_UNDER_GST = (
    select(SalesDocument.id)
    .where(
        SalesDocument.company_id == bindparam("company_id", type_=Uuid()),
        SalesDocument.number.is_not(None),
        SalesDocument.tax_regime == "gst",
        SalesDocument.kind.in_(["invoice", "credit_note", "debit_note"]),
    )
    .limit(1)
)
_TAXED_ADVANCE = (
    select(Deposit.id)
    .join(Receipt, and_(Receipt.tenant_id == Deposit.tenant_id, Receipt.id == Deposit.receipt_id))
    .where(Receipt.company_id == bindparam("company_id", type_=Uuid()), Deposit.supply_type != "")
    .limit(1)
)


def has_billed_under_gst(company_id: UUID) -> bool:
    """Whether a company has issued invoices, notes or receipt vouchers under GST, void ones too."""
    values = {"company_id": company_id}
    return any(db.session.execute(one, values).first() is not None for one in (_UNDER_GST, _TAXED_ADVANCE))


def customers_used(ids: Iterable[UUID]) -> set[UUID]:
    """Those of these customers that a document (drafts among them) or a receipt names."""
    return set(db.session.execute(_OF_CUSTOMERS, {"ids": list(ids)}).scalars())
