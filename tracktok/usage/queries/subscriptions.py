"""Subscriptions and their bills as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Select, Uuid, bindparam, func, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.models import Customer
from tracktok.usage.models import UsageBill, UsageCharge, UsageSubscription, UsageSubscriptionMeter
from tracktok.usage.rules.periods import Anchor, Period, Span, period_at
from tracktok.usage.schemas.subscriptions import UsageSubscriptionQuery

SORTS = {"created_at": sort_by(UsageSubscription.created_at)}
_NAMES = (
    "id", "customer_id", "name", "currency", "period", "anchor_day", "anchor_month", "timezone", "start_date",
    "end_date", "commitment", "cap", "prorate", "grace_hours", "finalize", "next_period", "next_bill_at", "problem",
    "version", "created_at", "updated_at",
)  # fmt: skip
_COLUMNS = (*(getattr(UsageSubscription, name) for name in _NAMES), Customer.name.label("customer"))
_ROWS = select(*_COLUMNS).join(
    Customer, (Customer.tenant_id == UsageSubscription.tenant_id) & (Customer.id == UsageSubscription.customer_id)
)
_ONE = select(UsageSubscription).where(UsageSubscription.id == bindparam("subscription_id"))
_ROW = _ROWS.where(UsageSubscription.id == bindparam("subscription_id"))
_OF_CUSTOMER = _ROWS.where(UsageSubscription.customer_id == bindparam("customer_id")).order_by(UsageSubscription.id)
_METERS = (
    select(UsageSubscriptionMeter.subscription_id, UsageSubscriptionMeter.meter_id)
    .where(
        UsageSubscriptionMeter.tenant_id == bindparam("tenant", type_=Uuid()),
        UsageSubscriptionMeter.subscription_id == bindparam("ids", type_=ARRAY(Uuid())).any_(),
    )
    .order_by(UsageSubscriptionMeter.subscription_id, UsageSubscriptionMeter.position)
)
_DUE_CUSTOMERS = (
    select(UsageSubscription.customer_id, func.min(UsageSubscription.next_bill_at).label("since"))
    .where(UsageSubscription.next_bill_at <= bindparam("now", type_=DateTime(timezone=True)))
    .group_by(UsageSubscription.customer_id)
    .order_by(UsageSubscription.customer_id)
)
_DUE = (
    select(UsageSubscription)
    .where(
        UsageSubscription.customer_id == bindparam("customer_id"),
        UsageSubscription.next_bill_at <= bindparam("now", type_=DateTime(timezone=True)),
    )
    .order_by(UsageSubscription.id)
    .with_for_update()
)
_OPEN_CUSTOMERS = select(UsageBill.customer_id).where(UsageBill.status == "open").distinct()
_OPEN = (
    select(UsageBill)
    .where(UsageBill.status == "open", UsageBill.customer_id == bindparam("customer_id"))
    .order_by(UsageBill.id)
    .with_for_update()
)
_CLOSED = (
    select(UsageBill)
    .where(UsageBill.status == "closed", UsageBill.subscription_id == bindparam("subscription_id"))
    .order_by(UsageBill.period_start)
)
_SUMS = (
    select(
        UsageCharge.kind, UsageCharge.meter_id, func.sum(UsageCharge.amount).label("amount"),
        func.sum(UsageCharge.quantity).label("quantity"),
    )
    .where(UsageCharge.about_id == bindparam("about_id"))
    .group_by(UsageCharge.kind, UsageCharge.meter_id)
)  # fmt: skip
_CHARGES = select(UsageCharge).where(UsageCharge.bill_id == bindparam("bill_id")).order_by(UsageCharge.position)
_BILLS = (
    select(
        UsageBill.id, UsageBill.period_start, UsageBill.period_end, UsageBill.currency, UsageBill.amount,
        UsageBill.status, UsageBill.close_at, UsageBill.document_id,
    )
    .where(UsageBill.subscription_id == bindparam("subscription_id"))
    .order_by(UsageBill.period_start.desc())
    .limit(60)
)  # fmt: skip
_BILL = select(UsageBill).where(UsageBill.id == bindparam("bill_id"))
_DOCUMENT_OF = (
    select(UsageBill.document_id)
    .where(
        UsageBill.customer_id == bindparam("customer_id"),
        UsageBill.period_end == bindparam("period_end"),
        UsageBill.currency == bindparam("currency"),
        UsageBill.document_id.is_not(None),
    )
    .order_by(UsageBill.created_at.desc())
    .limit(1)
)


def get_subscription(subscription_id: UUID, *, for_update: bool = False) -> UsageSubscription:
    """A subscription. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    given = {"subscription_id": subscription_id}
    found = db.session.execute(statement, given, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such subscription.")
    return found


def subscription_row(subscription_id: UUID) -> Any:
    """A subscription with its customer. Raises NotFound."""
    row = db.session.execute(_ROW, {"subscription_id": subscription_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such subscription.")
    return row


def of_customer(customer_id: UUID) -> Sequence[Any]:
    """A customer's subscriptions."""
    return db.session.execute(_OF_CUSTOMER, {"customer_id": customer_id}).all()


def meters_of(ids: Iterable[UUID]) -> Mapping[UUID, list[UUID]]:
    """The meters of subscriptions, in the order of their lines."""
    wanted = list(ids)
    found: dict[UUID, list[UUID]] = {one: [] for one in wanted}
    for row in db.session.execute(_METERS, {"tenant": current_tenant_id(), "ids": wanted}):
        found[row.subscription_id].append(row.meter_id)
    return found


def anchor_of(subscription: Any) -> Anchor:
    """Where a subscription's periods begin."""
    return Anchor(Period(subscription.period), subscription.anchor_day, subscription.anchor_month)


def span_at(subscription: Any, day: date) -> Span:
    """The whole billing period that a day is in."""
    return period_at(anchor_of(subscription), day)


def customers_due(now: datetime) -> Sequence[Any]:
    """(customer_id, since) of customers with a period that has ended and is not billed."""
    return db.session.execute(_DUE_CUSTOMERS, {"now": now}).all()


def customers_open() -> list[UUID]:
    """Customers with a bill that late usage may still change, or that is to be closed."""
    return list(db.session.execute(_OPEN_CUSTOMERS).scalars())


def due_subscriptions(customer_id: UUID, now: datetime) -> Sequence[UsageSubscription]:
    """A customer's subscriptions with a period that has ended and is not billed, locked."""
    given = {"customer_id": customer_id, "now": now}
    return db.session.execute(_DUE, given, execution_options={"populate_existing": True}).scalars().all()


def open_bills(customer_id: UUID) -> Sequence[UsageBill]:
    """A customer's bills that late usage may still change, locked."""
    given = {"customer_id": customer_id}
    return db.session.execute(_OPEN, given, execution_options={"populate_existing": True}).scalars().all()


def closed_bills(subscription_id: UUID) -> Sequence[UsageBill]:
    """The bills of a subscription that are changed by adjustments only, the earliest first."""
    return db.session.execute(_CLOSED, {"subscription_id": subscription_id}).scalars().all()


def charged_about(bill_id: UUID) -> Mapping[tuple[str, UUID | None], Any]:
    """What was charged so far for the period of a bill, by it and by adjustments: by kind and meter."""
    return {(row.kind, row.meter_id): row for row in db.session.execute(_SUMS, {"about_id": bill_id})}


def charges_of(bill_id: UUID) -> Sequence[UsageCharge]:
    """The lines of a bill."""
    return db.session.execute(_CHARGES, {"bill_id": bill_id}).scalars().all()


def bills_of(subscription_id: UUID) -> Sequence[Any]:
    """The bills of a subscription, the latest first."""
    return db.session.execute(_BILLS, {"subscription_id": subscription_id}).all()


def get_bill(bill_id: UUID) -> UsageBill:
    """A bill. Raises NotFound."""
    found = db.session.execute(_BILL, {"bill_id": bill_id}).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such bill.")
    return found


def document_for(customer_id: UUID, period_end: date, currency: str) -> UUID | None:
    """The invoice that bills of a customer's periods with this end are on already."""
    given = {"customer_id": customer_id, "period_end": period_end, "currency": currency}
    return db.session.execute(_DOCUMENT_OF, given).scalar_one_or_none()


@cache
def _list(sort: str, after: bool, of_customer: bool) -> Select[Any]:  # noqa: FBT001 - a shape
    statement = _ROWS
    if of_customer:
        statement = statement.where(UsageSubscription.customer_id == bindparam("customer_id"))
    return keyset(statement, sorts=SORTS, id_column=UsageSubscription.id, sort=sort, after=after)


def list_subscriptions(query: UsageSubscriptionQuery) -> Page:
    """One page of subscriptions."""
    given = {"customer_id": query.customer_id} if query.customer_id is not None else {}
    parameters = page_parameters(sorts=SORTS, sort=query.sort, cursor=query.cursor, limit=query.limit)
    rows = db.session.execute(_list(query.sort, bool(query.cursor), bool(given)), {**given, **parameters}).all()
    return make_page(rows, sort=query.sort, limit=query.limit, sort_key="created_at")
