"""Subscriptions and their bills as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, DateTime, Select, Uuid, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

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
SECOND_LOOK = timedelta(minutes=30)
"""A bill is reckoned again so long after it was made: what was on its way then is in the books by now."""
_UNSETTLED = or_(UsageBill.rated_at.is_(None), UsageBill.rated_at < UsageBill.created_at + SECOND_LOOK)
# Due; open bills that are to be closed or reckoned anew; bills of ended subscriptions to be looked at once more; and
# whoever has usage that came late.
_TO_BILL = """
SELECT customer_id FROM usage_subscriptions WHERE tenant_id = %(tenant)s AND next_bill_at <= %(now)s
UNION
SELECT customer_id FROM usage_bills
 WHERE tenant_id = %(tenant)s AND status = 'open'
   AND (close_at <= %(now)s OR rated_at IS NULL
        OR rated_at < created_at + %(look)s AND created_at <= %(now)s - %(look)s)
UNION
SELECT b.customer_id FROM usage_bills b
  JOIN usage_subscriptions s ON s.tenant_id = b.tenant_id AND s.id = b.subscription_id AND s.next_bill_at IS NULL
 WHERE b.tenant_id = %(tenant)s AND b.status = 'closed'
   AND b.rated_at < b.created_at + %(look)s AND b.created_at <= %(now)s - %(look)s
UNION
SELECT customer_id FROM usage_late WHERE tenant_id = %(tenant)s
ORDER BY 1"""
_TAKE_LATE = """
WITH late AS (
  DELETE FROM usage_late WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s RETURNING meter_id, first, last),
spans AS (
  SELECT l.meter_id, m.aggregation = 'weighted_average' AS goes_on, min(l.first) AS first, max(l.last) AS last
    FROM late l JOIN meters m ON m.tenant_id = %(tenant)s AND m.id = l.meter_id GROUP BY 1, 2)
UPDATE usage_bills b SET rated_at = NULL
  FROM spans l
 WHERE b.tenant_id = %(tenant)s AND b.customer_id = %(customer)s AND NOT b.is_late
   AND jsonb_exists(b.terms -> 'meters', l.meter_id::text)
   AND l.first < (b.period_end::timestamp AT TIME ZONE (b.terms ->> 'timezone')) + interval '2 hours'
   AND (l.goes_on
        OR l.last > (b.period_start::timestamp AT TIME ZONE (b.terms ->> 'timezone')) - interval '2 hours')"""
_DUE = (
    select(UsageSubscription)
    .where(
        UsageSubscription.customer_id == bindparam("customer_id"),
        UsageSubscription.next_bill_at <= bindparam("now", type_=DateTime(timezone=True)),
    )
    .order_by(UsageSubscription.id)
    .with_for_update()
)
_OPEN = (
    select(UsageBill)
    .where(UsageBill.status == "open", UsageBill.customer_id == bindparam("customer_id"))
    .order_by(UsageBill.id)
    .with_for_update()
)
_RELEASED = (
    select(UsageBill)
    .where(UsageBill.status == "released", UsageBill.customer_id == bindparam("customer_id"))
    .order_by(UsageBill.period_start, UsageBill.id)
)
_OF_IT = (UsageBill.tenant_id == UsageSubscription.tenant_id) & (UsageBill.subscription_id == UsageSubscription.id)
_TO_ADJUST = (
    select(UsageBill)
    .where(UsageBill.status != "open", UsageBill.subscription_id == bindparam("subscription_id"), _UNSETTLED)
    .order_by(UsageBill.period_start, UsageBill.id)
)
_MAY_BE_ADJUSTED = or_(
    UsageBill.status == "closed", (UsageBill.status == "released") & bindparam("at_once", type_=Boolean())
)
_NOT_SETTLED = (
    select(UsageSubscription)
    .where(
        UsageSubscription.customer_id == bindparam("customer_id"),
        or_(UsageSubscription.next_bill_at.is_(None), bindparam("at_once", type_=Boolean())),
        exists(select(UsageBill.id).where(_OF_IT, _MAY_BE_ADJUSTED, ~UsageBill.is_late, _UNSETTLED)),
        ~exists(select(UsageBill.id).where(_OF_IT, UsageBill.status == "open")),
    )
    .order_by(UsageSubscription.id)
    .with_for_update()
)
_ON = (
    select(UsageBill)
    .where(
        UsageBill.customer_id == bindparam("customer_id"),
        UsageBill.document_id == bindparam("documents", type_=ARRAY(Uuid())).any_(),
    )
    .order_by(UsageBill.id)
    .with_for_update()
)
_HELD_BACK = (
    select(UsageBill.id)
    .join(
        UsageSubscription,
        (UsageSubscription.tenant_id == UsageBill.tenant_id) & (UsageSubscription.id == UsageBill.subscription_id),
    )
    .where(
        UsageBill.document_id == bindparam("document_id", type_=Uuid()),
        or_(UsageBill.status == "open", ~UsageSubscription.finalize),
    )
    .limit(1)
)
_BILLED_TWICE = """
SELECT m.id, m.name, s.name AS subscription, s.start_date, s.end_date
  FROM usage_subscriptions s
  JOIN usage_subscription_meters l ON l.tenant_id = s.tenant_id AND l.subscription_id = s.id
  JOIN meters m ON m.tenant_id = l.tenant_id AND m.id = l.meter_id
 WHERE s.tenant_id = %(tenant)s AND s.customer_id = %(customer)s AND s.id <> %(itself)s AND m.id = ANY (%(meters)s)
   AND s.start_date < coalesce(%(end)s::date, 'infinity') AND %(start)s < coalesce(s.end_date, 'infinity')
 ORDER BY s.id, l.position LIMIT 1"""
_SUMS = (
    select(
        UsageCharge.kind, UsageCharge.meter_id, func.sum(UsageCharge.amount).label("amount"),
        func.sum(UsageCharge.quantity).label("quantity"),
    )
    .where(UsageCharge.about_id == bindparam("about_id"))
    .group_by(UsageCharge.kind, UsageCharge.meter_id)
)  # fmt: skip
_CHARGES = select(UsageCharge).where(UsageCharge.bill_id == bindparam("bill_id")).order_by(UsageCharge.position)
_OTHER = aliased(UsageCharge)
_BILLS = (
    select(
        UsageBill.id, UsageBill.period_start, UsageBill.period_end, UsageBill.currency, UsageBill.amount,
        UsageBill.status, UsageBill.close_at, UsageBill.document_id, UsageBill.is_late,
        exists(
            select(_OTHER.id).where(
                _OTHER.tenant_id == UsageBill.tenant_id, _OTHER.about_id == UsageBill.id, _OTHER.bill_id != UsageBill.id
            )
        ).label("on_others"),
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
        ~UsageBill.is_late,
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


def customers_to_bill(now: datetime) -> list[UUID]:
    """Customers with something to bill, to close, or to reckon anew."""
    given = {"tenant": current_tenant_id(), "now": now, "look": SECOND_LOOK}
    return [row.customer_id for row in db.session.connection().exec_driver_sql(_TO_BILL, given)]


def take_late(customer_id: UUID) -> None:
    """Take the notes of a customer's late usage: the bills that it may change are to be reckoned anew."""
    given = {"tenant": current_tenant_id(), "customer": customer_id}
    db.session.connection().exec_driver_sql(_TAKE_LATE, given)


def is_unsettled(bill: UsageBill) -> bool:
    """Whether a bill is to be reckoned anew: late usage has changed it, or it was made just before it was reckoned."""
    return bill.rated_at is None or bill.rated_at < bill.created_at + SECOND_LOOK


def due_subscriptions(customer_id: UUID, now: datetime) -> Sequence[UsageSubscription]:
    """A customer's subscriptions with a period that has ended and is not billed, locked."""
    given = {"customer_id": customer_id, "now": now}
    return db.session.execute(_DUE, given, execution_options={"populate_existing": True}).scalars().all()


def open_bills(customer_id: UUID) -> Sequence[UsageBill]:
    """A customer's bills that late usage may still change, locked."""
    given = {"customer_id": customer_id}
    return db.session.execute(_OPEN, given, execution_options={"populate_existing": True}).scalars().all()


def released_bills(customer_id: UUID) -> Sequence[UsageBill]:
    """A customer's bills whose invoice is gone, and whose usage is on no other bill yet."""
    return db.session.execute(_RELEASED, {"customer_id": customer_id}).scalars().all()


def bills_to_adjust(subscription_id: UUID) -> Sequence[UsageBill]:
    """The closed bills of a subscription that are to be reckoned anew, the earliest first."""
    given = {"subscription_id": subscription_id}
    return db.session.execute(_TO_ADJUST, given, execution_options={"populate_existing": True}).scalars().all()


def not_settled(customer_id: UUID, *, at_once: bool) -> Sequence[UsageSubscription]:
    """A customer's subscriptions with closed bills to reckon anew and no bill open or to come, locked.

    `at_once`: also those with a bill to come, and bills whose invoice is gone.
    """
    given = {"customer_id": customer_id, "at_once": at_once}
    return db.session.execute(_NOT_SETTLED, given, execution_options={"populate_existing": True}).scalars().all()


def bills_on(customer_id: UUID, documents: Iterable[UUID]) -> Sequence[UsageBill]:
    """A customer's bills whose lines stand on these invoices, locked."""
    given = {"customer_id": customer_id, "documents": list(documents)}
    if not given["documents"]:
        return []
    return db.session.execute(_ON, given, execution_options={"populate_existing": True}).scalars().all()


def may_be_issued(document_id: UUID) -> bool:
    """Whether all bills on an invoice are closed, and all of their subscriptions want it issued."""
    return db.session.execute(_HELD_BACK, {"document_id": document_id}).first() is None


def billed_twice(customer_id: UUID, meters: Iterable[UUID], days: tuple[date, date | None], itself: UUID) -> Any:
    """A meter among these that another subscription of the customer bills for some of the same days; None if none."""
    given = {
        "tenant": current_tenant_id(), "customer": customer_id, "meters": list(meters), "itself": itself,
        "start": days[0], "end": days[1],
    }  # fmt: skip
    return db.session.connection().exec_driver_sql(_BILLED_TWICE, given).one_or_none()


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
