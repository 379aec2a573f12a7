"""Tables of vendors: who runs the trips and is paid for them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, UniqueConstraint, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped


class Vendor(TenantScoped, Timestamps, Base):
    """A firm or person that runs trips for the tenant. Postings carry its id as their vendor."""

    __tablename__ = "vendors"
    __audited__ = True

    name: Mapped[str]
    code: Mapped[str] = mapped_column(default="", server_default="")
    """The tenant's own number for the vendor, unique when given."""
    billing_model: Mapped[str]
    email: Mapped[str] = mapped_column(default="", server_default="")
    phone: Mapped[str] = mapped_column(default="", server_default="")
    gstin: Mapped[str] = mapped_column(default="", server_default="")
    pan: Mapped[str] = mapped_column(default="", server_default="")
    tax_id: Mapped[str] = mapped_column(default="", server_default="")
    """The VAT or sales-tax number outside India."""
    state_code: Mapped[str] = mapped_column(default="", server_default="")
    address_line1: Mapped[str] = mapped_column(default="", server_default="")
    address_line2: Mapped[str] = mapped_column(default="", server_default="")
    city: Mapped[str] = mapped_column(default="", server_default="")
    postal_code: Mapped[str] = mapped_column(default="", server_default="")
    country: Mapped[str] = mapped_column(default="IN", server_default="IN")
    bank_name: Mapped[str] = mapped_column(default="", server_default="")
    bank_account_name: Mapped[str] = mapped_column(default="", server_default="")
    bank_account_number: Mapped[str] = mapped_column(default="", server_default="")
    bank_ifsc: Mapped[str] = mapped_column(default="", server_default="")
    bank_swift: Mapped[str] = mapped_column(default="", server_default="")
    upi_id: Mapped[str] = mapped_column(default="", server_default="")
    currency: Mapped[str]
    payment_terms_days: Mapped[int] = mapped_column(Integer, default=30, server_default="30")
    notes: Mapped[str] = mapped_column(default="", server_default="")
    import_id: Mapped[UUID | None] = mapped_column(Uuid())
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("import_id", "imports"),
        Index("uq_vendors_name", "tenant_id", text("lower(name)"), unique=True),
        Index(
            "uq_vendors_code",
            "tenant_id",
            text("lower(code)"),
            unique=True,
            postgresql_where=text("code <> ''"),
        ),
        Index("ix_vendors_tenant_id_name_id", "tenant_id", "name", "id"),
        Index("ix_vendors_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
        CheckConstraint("billing_model IN ('trip','package','hybrid')", name="billing_model"),
        CheckConstraint("payment_terms_days BETWEEN 0 AND 3650", name="payment_terms_days"),
    )


class VendorContact(TenantScoped, Timestamps, Base):
    """A person at a vendor."""

    __tablename__ = "vendor_contacts"
    __audited__ = True

    vendor_id: Mapped[UUID] = mapped_column(Uuid())
    name: Mapped[str]
    role: Mapped[str] = mapped_column(default="", server_default="")
    email: Mapped[str] = mapped_column(default="", server_default="")
    phone: Mapped[str] = mapped_column(default="", server_default="")
    gets_statements: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")

    __table_args__ = (
        tenant_fk("vendor_id", "vendors"),
        Index("ix_vendor_contacts_by_vendor", "tenant_id", "vendor_id", "created_at", "id"),
    )


class VendorFile(TenantScoped, Base):
    """A paper of a vendor: the contract, a certificate, a cancelled cheque. Some of them run out."""

    __tablename__ = "vendor_files"
    __audited__ = True

    vendor_id: Mapped[UUID] = mapped_column(Uuid())
    file_id: Mapped[UUID] = mapped_column(Uuid())
    label: Mapped[str] = mapped_column(default="", server_default="")
    expires_on: Mapped[date | None]
    added_by: Mapped[UUID | None] = mapped_column(Uuid())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        tenant_fk("vendor_id", "vendors"),
        tenant_fk("file_id", "files"),
        UniqueConstraint("tenant_id", "vendor_id", "file_id"),
        Index("ix_vendor_files_by_file", "tenant_id", "file_id"),
    )
