"""Deposits of customers: what is left of them, and the tax that a month's return tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Text, Uuid, and_, bindparam, case, func, select

from tracktok.core.db import db
from tracktok.invoices.models import Allocation, Deposit, Receipt, Refund
from tracktok.invoices.rules.advances import Advance

_CUSTOMER, _CURRENCY = bindparam("customer_id", type_=Uuid()), bindparam("currency", type_=Text())
_COMPANY = bindparam("company_id", type_=Uuid())
_FIRST, _AFTER = bindparam("first", type_=Date()), bindparam("after", type_=Date())
_LEFT = Receipt.amount - Receipt.allocated_amount - Receipt.refunded_amount
_JOINED = and_(Receipt.tenant_id == Deposit.tenant_id, Receipt.id == Deposit.receipt_id)
_ONE = select(Deposit).where(Deposit.receipt_id == bindparam("receipt_id", type_=Uuid()))
_OPEN: Any = (
    select(
        Receipt.id, Receipt.number, Receipt.receipt_date, Receipt.currency, _LEFT.label("left"),
        Deposit.document_id, Deposit.description,
    )
    .join(Deposit, _JOINED)
    .where(
        Deposit.customer_id == _CUSTOMER, Receipt.company_id == _COMPANY, Receipt.currency == _CURRENCY,
        Receipt.status == "received", _LEFT > 0,
    )
    # Those that were asked for this very document go first.
    .order_by(
        case((Deposit.document_id == bindparam("original_id", type_=Uuid()), 0), else_=1), Receipt.receipt_date,
        Receipt.id,
    )
)  # fmt: skip
_LOCK = (
    select(Receipt.id)
    .where(Receipt.id.in_(select(Deposit.receipt_id).where(Deposit.customer_id == _CUSTOMER)))
    .order_by(Receipt.id)
    .with_for_update()
)


def _used(amount: Any, day: Any, of_receipt: Any, *, upto: Any, since: Any = None) -> Any:
    found = select(func.coalesce(func.sum(amount), 0)).where(*of_receipt, day < upto)
    return (found.where(day >= since) if since is not None else found).scalar_subquery()


_ALLOCATED = (
    Allocation.tenant_id == Receipt.tenant_id, Allocation.receipt_id == Receipt.id, Allocation.removed_at.is_(None),
)  # fmt: skip
_REFUNDED = (Refund.tenant_id == Receipt.tenant_id, Refund.receipt_id == Receipt.id, Refund.status != "failed")
_OF_MONTH: Any = (
    select(
        Receipt.receipt_date,
        Receipt.amount,
        Deposit.tax_rate,
        Deposit.place_of_supply,
        Deposit.inter_state,
        (
            _used(Allocation.amount, Allocation.allocated_on, _ALLOCATED, upto=_FIRST)
            + _used(Refund.amount, Refund.refund_date, _REFUNDED, upto=_FIRST)
        ).label("used_before"),
        (
            _used(Allocation.amount, Allocation.allocated_on, _ALLOCATED, upto=_AFTER, since=_FIRST)
            + _used(Refund.amount, Refund.refund_date, _REFUNDED, upto=_AFTER, since=_FIRST)
        ).label("used_in"),
    )
    .join(Deposit, _JOINED)
    .where(
        Receipt.company_id == _COMPANY,
        Receipt.status == "received",
        Receipt.receipt_date < _AFTER,
        Deposit.tax_rate > 0,
        Deposit.reverse_charge.is_(False),
    )
    .order_by(Receipt.receipt_date, Receipt.id)
)


def deposit_of(receipt_id: UUID) -> Deposit | None:
    """What a receipt was paid for in advance, or None."""
    return db.session.execute(_ONE, {"receipt_id": receipt_id}).scalar_one_or_none()


def open_deposits(customer_id: UUID, company_id: UUID, currency: str, original_id: UUID | None = None) -> Sequence[Any]:
    """The deposits of a customer of which something is left; those for a quote or proforma (`original_id`) first."""
    values = {
        "customer_id": customer_id, "company_id": company_id, "currency": currency, "original_id": original_id,
    }  # fmt: skip
    return db.session.execute(_OPEN, values).all()


def lock_deposits(customer_id: UUID) -> None:
    """Lock the receipts of a customer's deposits: receipts are locked before documents."""
    db.session.execute(_LOCK, {"customer_id": customer_id}).all()


def advances_of_month(company_id: UUID, first: date, after: date) -> list[Advance]:
    """The advances of a company on which tax is owed, up to a month's end, with what was used of them."""
    rows = db.session.execute(_OF_MONTH, {"company_id": company_id, "first": first, "after": after})
    return [
        Advance(
            row.receipt_date, row.amount, row.tax_rate, row.place_of_supply, row.inter_state, row.used_before,
            row.used_in,
        )
        for row in rows
        if row.receipt_date >= first or row.used_in
    ]  # fmt: skip
