"""Receipts that no line of a bank is matched with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Numeric, Text, Uuid, and_, bindparam, exists, or_, select

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.customers.models import Customer
from tracktok.invoices.models import BankLine, Receipt
from tracktok.invoices.rules.matching_receipts import KnownReceipt

MOST = 500
NEAR, FAR = timedelta(days=14), timedelta(days=120)
"""How many days around a line receipts are looked for: on lists, and on the line's own page."""
_COLUMNS = tuple(
    getattr(Receipt, name)
    for name in (
        "id", "number", "customer_id", "receipt_date", "amount", "currency", "base_amount", "reference",
        "provider_payment_id", "account_id",
    )
)  # fmt: skip
_MATCHED = exists().where(BankLine.tenant_id == Receipt.tenant_id, BankLine.receipt_id == Receipt.id)
_AMOUNTS = bindparam("amounts", type_=ARRAY(Numeric(19, 4)))
_UNMATCHED = (
    select(*_COLUMNS, Customer.name.label("customer_name"))
    .join(Customer, and_(Customer.tenant_id == Receipt.tenant_id, Customer.id == Receipt.customer_id))
    .where(
        Receipt.receipt_date >= bindparam("first", type_=Date()),
        Receipt.receipt_date <= bindparam("last", type_=Date()),
        Receipt.status == "received",
        or_(
            and_(
                Receipt.amount == _AMOUNTS.any_(),
                Receipt.currency == bindparam("currencies", type_=ARRAY(Text())).any_(),
            ),
            and_(
                Receipt.base_amount == _AMOUNTS.any_(),
                bindparam("base", type_=Text()) == bindparam("currencies", type_=ARRAY(Text())).any_(),
            ),
        ),
        ~_MATCHED,
    )
    .order_by(Receipt.receipt_date.desc(), Receipt.id)
    .limit(MOST)
)
_LINE_OF = select(BankLine.id, BankLine.booked_on).where(BankLine.receipt_id == bindparam("receipt_id", type_=Uuid()))


def unmatched_receipts(lines: Sequence[Any], around: timedelta = NEAR) -> list[KnownReceipt]:
    """The receipts of these lines' amounts and days that are matched with no line: one statement for all lines."""
    coming = [one for one in lines if one.amount > 0 and one.status == "open"]
    if not coming:
        return []
    values = {
        "first": min(one.booked_on for one in coming) - around,
        "last": max(one.booked_on for one in coming) + around,
        "amounts": sorted({one.amount for one in coming}),
        "currencies": sorted({one.currency for one in coming}),
        "base": preferences().currency,
    }
    return [
        KnownReceipt(
            row.id, row.number, row.customer_id, row.customer_name, row.receipt_date, row.amount, row.currency,
            row.base_amount, row.reference, row.provider_payment_id, row.account_id,
        )
        for row in db.session.execute(_UNMATCHED, values)
    ]  # fmt: skip


def line_matched_with(receipt_id: UUID) -> Any:
    """(id, booked_on) of the line that is matched with a receipt, or None."""
    return db.session.execute(_LINE_OF, {"receipt_id": receipt_id}).one_or_none()
