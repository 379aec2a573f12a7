"""Tables of deposits: receipts that came before their invoice, and the tax that is owed on them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, UniqueConstraint, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Rate, tenant_fk
from tracktok.core.tenancy import TenantScoped


class Deposit(TenantScoped, Base):
    """What a receipt was paid for in advance. Its taxes are in the receipt's amount."""

    __tablename__ = "deposits"
    __audited__ = True

    receipt_id: Mapped[UUID] = mapped_column(Uuid())
    customer_id: Mapped[UUID] = mapped_column(Uuid())
    document_id: Mapped[UUID | None] = mapped_column(Uuid())
    """The quote or proforma that it was asked for."""
    description: Mapped[str] = mapped_column(default="", server_default="")
    hsn_sac: Mapped[str] = mapped_column(default="", server_default="")
    supply_kind: Mapped[str] = mapped_column(default="services", server_default="services")
    tax_rate: Mapped[Decimal] = mapped_column(Rate, default=Decimal(0), server_default="0")
    """Zero where no tax is owed on the advance."""
    rate_known: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")
    supply_type: Mapped[str] = mapped_column(default="", server_default="")
    place_of_supply: Mapped[str] = mapped_column(default="", server_default="")
    inter_state: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    reverse_charge: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The parties as the receipt voucher names them."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        tenant_fk("receipt_id", "customer_receipts"),
        tenant_fk("customer_id", "customers"),
        tenant_fk("document_id", "sales_documents"),
        UniqueConstraint("tenant_id", "receipt_id"),
        Index("ix_deposits_by_customer", "tenant_id", "customer_id", "receipt_id"),
        CheckConstraint("supply_kind IN ('goods','services')", name="supply_kind"),
        CheckConstraint("tax_rate >= 0", name="tax_rate"),
    )  # fmt: skip
