"""Tables of metered usage."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Rate, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped

Total = Numeric(38, 12)
"""Column type of sums of quantities."""
_AGGREGATIONS = "aggregation IN ('sum','max','latest','unique','weighted_average')"
_MODELS = (
    "model IN ('per_unit','graduated','volume','package','percentage','graduated_percentage','flat_overage') OR"
    " (model = 'standard' AND customer_id IS NOT NULL)"
)
_PERIODS = "period IN ('week','month','quarter','year')"


class Meter(TenantScoped, Timestamps, Base):
    """Something that is metered. Events name it by its code."""

    __tablename__ = "meters"
    __audited__ = True

    code: Mapped[str]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    unit: Mapped[str] = mapped_column(default="", server_default="")
    aggregation: Mapped[str] = mapped_column(default="sum", server_default="sum")
    unique_property: Mapped[str] = mapped_column(default="", server_default="")
    """Whose values are counted by `unique`: a name among an event's properties, or `user_id`."""
    service_type_id: Mapped[UUID | None] = mapped_column(Uuid())
    """What its lines are on invoices: the HSN or SAC, the tax, the income account."""
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("service_type_id", "service_types"),
        UniqueConstraint("tenant_id", "code"),
        CheckConstraint(_AGGREGATIONS, name="aggregation"),
    )


class UsageEvent(TenantScoped, Base):
    """Something that was used: once for each source and event id, whoever says it again."""

    __tablename__ = "usage_events"

    meter_id: Mapped[UUID] = mapped_column(Uuid())
    customer_id: Mapped[UUID | None] = mapped_column(Uuid())
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    quantity: Mapped[Decimal] = mapped_column(Rate)
    source: Mapped[str]
    event_id: Mapped[str]
    user_id: Mapped[str] = mapped_column(default="", server_default="")
    """Of the company's own system."""
    unique_value: Mapped[str | None]
    properties: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    """Of what was sent: the same again is the same event, something else is refused."""

    __table_args__ = (
        tenant_fk("meter_id", "meters"),
        tenant_fk("customer_id", "customers"),
        UniqueConstraint("tenant_id", "source", "event_id"),
        Index("ix_usage_events_of_customer", "tenant_id", "customer_id", "id"),
        Index("ix_usage_events_by_customer", "tenant_id", "customer_id", "meter_id", "occurred_at", "id"),
        Index("ix_usage_events_by_user", "tenant_id", "user_id", "occurred_at", postgresql_where=text("user_id <> ''")),
    )


class UsageRollup(Base):
    """What a quarter of an hour's events of a customer and meter come to; several rows of it, one for each shard."""

    __tablename__ = "usage_rollups"
    __tenant_table__ = True

    tenant_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    """All noughts for usage of no customer."""
    meter_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    bucket: Mapped[datetime] = mapped_column(primary_key=True)
    shard: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    events: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[Decimal] = mapped_column(Total)
    maximum: Mapped[Decimal] = mapped_column(Rate)

    __table_args__ = (
        tenant_fk("meter_id", "meters", ondelete="CASCADE"),
        Index("ix_usage_rollups_by_meter", "tenant_id", "meter_id", "bucket"),
    )


class UsageUnique(Base):
    """A value that was seen in a quarter of an hour, for meters that count different ones."""

    __tablename__ = "usage_uniques"
    __tenant_table__ = True

    tenant_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    meter_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    bucket: Mapped[datetime] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (tenant_fk("meter_id", "meters", ondelete="CASCADE"),)


class UsageLate(TenantScoped, Base):
    """That usage of periods that are billed came late: written with the events, taken away by the next billing run.

    Only ever added and taken: who records never waits for who bills.
    """

    __tablename__ = "usage_late"

    customer_id: Mapped[UUID] = mapped_column(Uuid())
    meter_id: Mapped[UUID] = mapped_column(Uuid())
    first: Mapped[datetime]
    """The first quarter of an hour with such events; `last`: the last one."""
    last: Mapped[datetime]

    __table_args__ = (Index("ix_usage_late_by_customer", "tenant_id", "customer_id"),)


class UsagePrice(TenantScoped, Timestamps, Base):
    """What a meter costs from a day on, until the next price of the same meter, customer and currency."""

    __tablename__ = "usage_prices"
    __audited__ = True

    meter_id: Mapped[UUID] = mapped_column(Uuid())
    customer_id: Mapped[UUID | None] = mapped_column(Uuid())
    """A customer with a price of their own."""
    currency: Mapped[str]
    valid_from: Mapped[date]
    model: Mapped[str]
    config: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("meter_id", "meters"),
        tenant_fk("customer_id", "customers"),
        Index(
            "uq_usage_prices_standard", "tenant_id", "meter_id", "currency", "valid_from", unique=True,
            postgresql_where=text("customer_id IS NULL"),
        ),
        Index(
            "uq_usage_prices_of_customer", "tenant_id", "customer_id", "meter_id", "currency", "valid_from",
            unique=True, postgresql_where=text("customer_id IS NOT NULL"),
        ),
        CheckConstraint(_MODELS, name="model"),
    )  # fmt: skip


class UsageSubscription(TenantScoped, Timestamps, Base):
    """A customer's metered usage, billed by period."""

    __tablename__ = "usage_subscriptions"
    __audited__ = True

    customer_id: Mapped[UUID] = mapped_column(Uuid())
    name: Mapped[str]
    currency: Mapped[str]
    period: Mapped[str]
    anchor_day: Mapped[int] = mapped_column(SmallInteger)
    anchor_month: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    timezone: Mapped[str]
    start_date: Mapped[date]
    end_date: Mapped[date | None]
    """The first day that is no longer of it."""
    commitment: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    """The least that a period costs."""
    cap: Mapped[Decimal | None]
    """The most that a period costs."""
    prorate: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")
    grace_hours: Mapped[int] = mapped_column(Integer, default=24, server_default="24")
    finalize: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Whether the invoice is issued when the grace window ends; else a person does."""
    next_period: Mapped[date]
    """The first day of the period that is billed next."""
    next_bill_at: Mapped[datetime | None]
    """When that period ends; nothing when no period is left."""
    problem: Mapped[str] = mapped_column(default="", server_default="")
    """Why the last billing run could not bill it."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("customer_id", "customers"),
        Index("ix_usage_subscriptions_by_customer", "tenant_id", "customer_id", "id"),
        Index(
            "ix_usage_subscriptions_due", "tenant_id", "next_bill_at", postgresql_where=text("next_bill_at IS NOT NULL")
        ),
        CheckConstraint(_PERIODS, name="period"),
        CheckConstraint("anchor_day BETWEEN 1 AND 31", name="anchor_day"),
        CheckConstraint("end_date IS NULL OR end_date > start_date", name="dates"),
    )  # fmt: skip


class UsageSubscriptionMeter(Base):
    """A meter that a subscription bills."""

    __tablename__ = "usage_subscription_meters"
    __tenant_table__ = True

    tenant_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    meter_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (
        tenant_fk("subscription_id", "usage_subscriptions", ondelete="CASCADE"),
        tenant_fk("meter_id", "meters"),
    )


class UsageBill(TenantScoped, Timestamps, Base):
    """A period of a subscription that was billed: once, which the unique key judges. Or what came late, by itself."""

    __tablename__ = "usage_bills"

    subscription_id: Mapped[UUID] = mapped_column(Uuid())
    customer_id: Mapped[UUID] = mapped_column(Uuid())
    period_start: Mapped[date]
    period_end: Mapped[date]
    """The first day behind the period."""
    currency: Mapped[str]
    amount: Mapped[Decimal]
    status: Mapped[str] = mapped_column(default="open", server_default="open")
    """`open` while late usage still changes it, `closed` afterwards: then it is adjusted by the next bill.

    `released` when its invoice is gone, until another bill has its usage.
    """
    close_at: Mapped[datetime]
    rated_at: Mapped[datetime | None]
    """When it was reckoned last; nothing when it is to be reckoned anew."""
    is_late: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Whether it has no period of its own and bills only what came late for others, from the first to the last."""
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What the subscription said when the period was billed: an adjustment is reckoned by the same."""
    document_id: Mapped[UUID | None] = mapped_column(Uuid())
    """The invoice, which belongs to the area above; none when nothing is owed."""

    __table_args__ = (
        tenant_fk("subscription_id", "usage_subscriptions"),
        tenant_fk("customer_id", "customers"),
        Index(
            "uq_usage_bills_period", "tenant_id", "subscription_id", "period_start", unique=True,
            postgresql_where=text("NOT is_late"),
        ),
        Index("ix_usage_bills_by_subscription", "tenant_id", "subscription_id", "period_start", "id"),
        Index("ix_usage_bills_on_document", "tenant_id", "document_id"),
        Index("ix_usage_bills_to_close", "tenant_id", "close_at", postgresql_where=text("status = 'open'")),
        Index("ix_usage_bills_by_customer", "tenant_id", "customer_id", "period_end", "id"),
        CheckConstraint("status IN ('open','closed','released')", name="status"),
    )  # fmt: skip


class UsageCharge(TenantScoped, Base):
    """A line of a bill: of its own period, or (`about_id`) an adjustment of a period that was closed."""

    __tablename__ = "usage_charges"

    bill_id: Mapped[UUID] = mapped_column(Uuid())
    about_id: Mapped[UUID] = mapped_column(Uuid())
    """The bill of the period that it is about: its own, or an earlier one that it adjusts."""
    kind: Mapped[str]
    meter_id: Mapped[UUID | None] = mapped_column(Uuid())
    position: Mapped[int] = mapped_column(SmallInteger)
    description: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Total)
    unit: Mapped[str] = mapped_column(default="", server_default="")
    exact_amount: Mapped[Decimal] = mapped_column(Total)
    """Before it was rounded to the currency."""
    amount: Mapped[Decimal]
    breakdown: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default=text("'[]'::jsonb"))

    __table_args__ = (
        tenant_fk("bill_id", "usage_bills", ondelete="CASCADE"),
        tenant_fk("about_id", "usage_bills", ondelete="CASCADE"),
        tenant_fk("meter_id", "meters"),
        Index("ix_usage_charges_by_bill", "tenant_id", "bill_id", "position"),
        Index("ix_usage_charges_about", "tenant_id", "about_id"),
        CheckConstraint("kind IN ('usage','commitment','cap')", name="kind"),
    )


class UsageQuota(TenantScoped, Timestamps, Base):
    """How much of a meter a customer (or each) may use in a period, and at which shares somebody is told."""

    __tablename__ = "usage_quotas"
    __audited__ = True

    meter_id: Mapped[UUID] = mapped_column(Uuid())
    customer_id: Mapped[UUID | None] = mapped_column(Uuid())
    """None: for each customer alike who has no quota of their own for this meter."""
    period: Mapped[str]
    limit_quantity: Mapped[Decimal] = mapped_column(Rate)
    percents: Mapped[list[Any]] = mapped_column(JSONB, default=lambda: [80, 100])
    """Whole percents of the limit, ascending."""
    quantities: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default=text("'[]'::jsonb"))
    """Absolute thresholds, as decimal text, ascending."""
    block: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("meter_id", "meters"),
        tenant_fk("customer_id", "customers"),
        Index(
            "uq_usage_quotas_standard", "tenant_id", "meter_id", "period", unique=True,
            postgresql_where=text("customer_id IS NULL"),
        ),
        Index(
            "uq_usage_quotas_of_customer", "tenant_id", "customer_id", "meter_id", "period", unique=True,
            postgresql_where=text("customer_id IS NOT NULL"),
        ),
        CheckConstraint("limit_quantity > 0", name="limit"),
        CheckConstraint("period IN ('day','week','month','quarter','year')", name="period"),
    )  # fmt: skip


class UsageAlert(TenantScoped, Base):
    """An alert that was raised: once for each quota, customer, period and threshold."""

    __tablename__ = "usage_alerts"

    quota_id: Mapped[UUID] = mapped_column(Uuid())
    customer_id: Mapped[UUID] = mapped_column(Uuid())
    period_start: Mapped[date]
    threshold: Mapped[str]
    """`80%`, or an absolute quantity."""
    used: Mapped[Decimal] = mapped_column(Total)
    limit_quantity: Mapped[Decimal] = mapped_column(Rate)
    raised_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        tenant_fk("quota_id", "usage_quotas", ondelete="CASCADE"),
        tenant_fk("customer_id", "customers"),
        UniqueConstraint("tenant_id", "quota_id", "customer_id", "period_start", "threshold"),
    )
