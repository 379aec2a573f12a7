"""Trips on invoices."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Boolean, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, tenant_fk
from tracktok.core.tenancy import TenantScoped


class BilledTrip(TenantScoped, Base):
    """A trip that a line of an invoice bills: the line whose source is `trips` and `batch_id`."""

    __tablename__ = "billed_trips"

    trip_id: Mapped[UUID] = mapped_column(Uuid())
    document_id: Mapped[UUID] = mapped_column(Uuid())
    batch_id: Mapped[UUID] = mapped_column(Uuid())
    """What the line names as its source: a line is written anew with each change of its draft, this stays."""
    holds: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")
    """Whether it is billed: a void or deleted document lets go of it."""

    __table_args__ = (
        tenant_fk("trip_id", "trips"),
        tenant_fk("document_id", "sales_documents"),
        Index("uq_billed_trips_held", "tenant_id", "trip_id", unique=True, postgresql_where=text("holds")),
        Index("ix_billed_trips_by_document", "tenant_id", "document_id", "batch_id"),
    )
