"""The tax on advances that a month's return tells: what came and was used in it, and what it changes of earlier months.

What a return has told stays: an allocation that is taken back, a refund that fails and a receipt that is made void
change the month in which that happens, by an amendment of the month that they were told in. What is entered and taken
back within one month is told nowhere.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Date,
    DateTime,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    null,
    or_,
    select,
    text,
    true,
    union,
)
from sqlalchemy import union_all as all_of

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.invoices.models import Allocation, Deposit, Receipt, Refund
from tracktok.invoices.rules.advances import Advance, Amended
from tracktok.invoices.rules.gst_documents import month_after

_COMPANY, _ZONE = bindparam("company_id", type_=Uuid()), bindparam("zone", type_=Text())
_FIRST, _AFTER = bindparam("first", type_=Date()), bindparam("after", type_=Date())
_KNOWN = bindparam("known", type_=Date())
_SINCE, _UNTIL = bindparam("since", type_=DateTime(timezone=True)), bindparam("until", type_=DateTime(timezone=True))
_HAS_FAILED = text("refunds.status = 'failed'")  # as `ix_refunds_failed` has it


def _local(instant: Any) -> Any:
    """The tenant's day of an instant."""
    return cast(func.timezone(_ZONE, instant), Date())


def _within_one_month(entered: Any, ended: Any) -> Any:
    return and_(ended.is_not(None), func.date_trunc("month", entered) == func.date_trunc("month", ended))


def _stood(entered: Any, ended: Any) -> Any:
    """Whether something stood when the returns up to a day were made."""
    return and_(or_(ended.is_(None), ended >= _KNOWN), ~_within_one_month(entered, ended))


_USES = all_of(
    select(
        Allocation.allocated_on.label("day"), Allocation.amount, _local(Allocation.created_at).label("entered"),
        _local(Allocation.removed_at).label("ended"),
    ).where(Allocation.tenant_id == Receipt.tenant_id, Allocation.receipt_id == Receipt.id),
    select(
        Refund.refund_date, Refund.amount, _local(Refund.created_at),
        case((Refund.status == "failed", _local(Refund.updated_at)), else_=null()),
    ).where(Refund.tenant_id == Receipt.tenant_id, Refund.receipt_id == Receipt.id),
).lateral("uses")  # fmt: skip
_JOINED = and_(Deposit.tenant_id == Receipt.tenant_id, Deposit.receipt_id == Receipt.id)
_TAXED = (Receipt.company_id == _COMPANY, Deposit.tax_rate > 0, Deposit.reverse_charge.is_(False))
# Only what came or was used in the days: not all that ever came.
_TOUCHED: Any = union(
    select(Receipt.id).where(Receipt.receipt_date >= _FIRST, Receipt.receipt_date < _AFTER),
    select(Allocation.receipt_id).where(Allocation.allocated_on >= _FIRST, Allocation.allocated_on < _AFTER),
    select(Refund.receipt_id).where(Refund.refund_date >= _FIRST, Refund.refund_date < _AFTER),
)


def _used(*which: Any) -> Any:
    stood = _stood(_USES.c.entered, _USES.c.ended)
    return func.coalesce(func.sum(_USES.c.amount).filter(stood, *which), 0)


_ADVANCES: Any = (
    select(
        Receipt.receipt_date, Receipt.amount, Deposit.tax_rate, Deposit.place_of_supply, Deposit.inter_state,
        _used(_USES.c.day < _FIRST).label("used_before"),
        _used(_USES.c.day >= _FIRST, _USES.c.day < _AFTER).label("used_in"),
    )
    .select_from(Receipt)
    .join(Deposit, _JOINED)
    .outerjoin(_USES, true())
    .where(
        *_TAXED, Receipt.receipt_date < _AFTER, Receipt.id.in_(_TOUCHED),
        _stood(_local(Receipt.created_at), _local(Receipt.voided_at)),
    )
    .group_by(
        Receipt.id, Receipt.receipt_date, Receipt.amount, Deposit.tax_rate, Deposit.place_of_supply,
        Deposit.inter_state,
    )
    .order_by(Receipt.receipt_date, Receipt.id)
)  # fmt: skip


def _changed(day: Any, entered: Any, ended: Any, *joined: Any) -> Any:
    """The months before some days of which something ended in those days."""
    month = cast(func.date_trunc("month", day), Date())
    found = select(month.label("month")).select_from(Receipt).join(Deposit, _JOINED)
    for one, on in joined:
        found = found.join(one, on)
    return found.where(
        *_TAXED, day < _FIRST, ended >= _SINCE, ended < _UNTIL, ~_within_one_month(_local(entered), _local(ended))
    )


_MONTHS: Any = union(
    _changed(
        Allocation.allocated_on, Allocation.created_at, Allocation.removed_at,
        (Allocation, and_(Allocation.tenant_id == Receipt.tenant_id, Allocation.receipt_id == Receipt.id)),
    ),
    _changed(
        Refund.refund_date, Refund.created_at, Refund.updated_at,
        (Refund, and_(Refund.tenant_id == Receipt.tenant_id, Refund.receipt_id == Receipt.id, _HAS_FAILED)),
    ),
    _changed(Receipt.receipt_date, Receipt.created_at, Receipt.voided_at),
).order_by("month")  # fmt: skip
_WHO_HAS = (
    select(Receipt.company_id)
    .join(Deposit, _JOINED)
    .where(Deposit.tax_rate > 0, Deposit.reverse_charge.is_(False))
    .distinct()
)


def advances_between(company_id: UUID, first: date, after: date, known: date | None = None) -> list[Advance]:
    """The advances of a company on which tax is owed that came or were used from a day until before another.

    What has ended since a day (`known`, the last one) is as it stood on it.
    """
    values = {"company_id": company_id, "first": first, "after": after, "known": known or after, "zone": _zone()}
    return [
        Advance(
            row.receipt_date, row.amount, row.tax_rate, row.place_of_supply, row.inter_state, row.used_before,
            row.used_in,
        )
        for row in db.session.execute(_ADVANCES, values)
        if row.receipt_date >= first or row.used_in
    ]  # fmt: skip


def amended_between(company_id: UUID, first: date, after: date) -> list[Amended]:
    """Earlier months of which something ended from a day until before another: as they were told, and as they are."""
    zone = ZoneInfo(_zone())
    since, until = (datetime.combine(day, time(), zone) for day in (first, after))
    values = {"company_id": company_id, "first": first, "since": since, "until": until, "zone": _zone()}
    found = []
    for month in db.session.execute(_MONTHS, values).scalars().all():
        end = min(month_after(month), first)
        before, now = (advances_between(company_id, month, end, known) for known in (first, after))
        found.append(Amended(month, end, before, now))
    return found


def companies_with_advances() -> Collection[UUID]:
    """The companies that have taken advances on which tax is owed."""
    return frozenset(db.session.execute(_WHO_HAS).scalars())


def _zone() -> str:
    return preferences().timezone
