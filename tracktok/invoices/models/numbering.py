"""Tables of numbers: how a company numbers its documents, and how far it has come."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Integer, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped


class NumberPattern(TenantScoped, Timestamps, Base):
    """How a company numbers its documents of a kind. Without a row: the default pattern of the kind."""

    __tablename__ = "number_patterns"
    __audited__ = True

    company_id: Mapped[UUID] = mapped_column(Uuid())
    kind: Mapped[str]
    pattern: Mapped[str]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("company_id", "companies"),
        UniqueConstraint("tenant_id", "company_id", "kind"),
    )


class NumberSeries(Base):
    """The last number that was given, for a company, kind and fiscal year.

    The row is locked by who takes a number until that transaction ends, so a number that is rolled back is taken by the
    next one: no gaps, no doubles.
    """

    __tablename__ = "number_series"
    __tenant_table__ = True

    tenant_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    company_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    fiscal_year: Mapped[date] = mapped_column(primary_key=True)
    last_value: Mapped[int] = mapped_column(Integer, default=0, server_default="0")

    __table_args__ = (
        tenant_fk("company_id", "companies"),
        CheckConstraint("last_value >= 0", name="last_value"),
    )
