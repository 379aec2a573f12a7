"""Tables of incentives: what employees get for extra trips and hours."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped


class IncentiveRule(TenantScoped, Timestamps, Base):
    """What is paid per period for trips or hours beyond what is ordinary. `terms` as in `rules.incentives`."""

    __tablename__ = "incentive_rules"
    __audited__ = True

    name: Mapped[str]
    measure: Mapped[str]
    period: Mapped[str]
    currency: Mapped[str]
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    trip_type: Mapped[str] = mapped_column(default="", server_default="")
    project_id: Mapped[UUID | None] = mapped_column(Uuid())
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("project_id", "projects"),
        Index(
            "uq_incentive_rules_name",
            "tenant_id",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("NOT is_archived"),
        ),
        Index("ix_incentive_rules_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
        CheckConstraint("measure IN ('trips','hours')", name="measure"),
        CheckConstraint("period IN ('weekly','monthly')", name="period"),
        CheckConstraint("trip_type IN ('','pickup','drop','spot','airport')", name="trip_type"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
    )
