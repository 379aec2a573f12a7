"""Tables of rate cards: what a vendor is paid, by version in time."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped


class RateCard(TenantScoped, Timestamps, Base):
    """A card of a vendor, for all of its trips or those of a vehicle class, a type of trip, a project.

    A vendor has one card in use for each scope, so that there is never a doubt which one prices a trip.
    """

    __tablename__ = "rate_cards"
    __audited__ = True

    vendor_id: Mapped[UUID] = mapped_column(Uuid())
    name: Mapped[str]
    billing_model: Mapped[str]
    currency: Mapped[str]
    vehicle_class: Mapped[str] = mapped_column(default="", server_default="")
    trip_type: Mapped[str] = mapped_column(default="", server_default="")
    project_id: Mapped[UUID | None] = mapped_column(Uuid())
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("vendor_id", "vendors"),
        tenant_fk("project_id", "projects"),
        Index(
            "uq_rate_cards_name",
            "tenant_id",
            "vendor_id",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("NOT is_archived"),
        ),
        Index(
            "uq_rate_cards_scope",
            "tenant_id",
            "vendor_id",
            text("lower(vehicle_class)"),
            "trip_type",
            "project_id",
            unique=True,
            postgresql_where=text("NOT is_archived"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_rate_cards_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
        CheckConstraint("billing_model IN ('trip','package','hybrid')", name="billing_model"),
        CheckConstraint("trip_type IN ('','pickup','drop','spot','airport')", name="trip_type"),
    )


class RateCardVersion(TenantScoped, Timestamps, Base):
    """The terms of a card from a day on, until the next version begins. Once a trip was priced by it, it stays.

    `terms` are written by `rules.terms.to_terms`. `used_at` is set (`services.rate_cards.mark_used`) before the first
    trip is priced by it; from then on it can neither be changed nor taken away.
    """

    __tablename__ = "rate_card_versions"
    __audited__ = True

    rate_card_id: Mapped[UUID] = mapped_column(Uuid())
    valid_from: Mapped[date]
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(default="", server_default="")
    used_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None] = mapped_column(Uuid())
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("rate_card_id", "rate_cards"),
        UniqueConstraint("tenant_id", "rate_card_id", "valid_from"),
    )
