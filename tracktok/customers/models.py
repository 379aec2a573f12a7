"""Tables of customers, of the companies that bill them, and of what is billed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, SmallInteger, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Rate, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped

LIVE = text("deleted_at IS NULL")


class TaxRegime(StrEnum):
    """Which tax law a company's documents keep."""

    gst = "gst"
    generic = "generic"
    none = "none"

    @property
    def label(self) -> str:
        return {"gst": "GST (India)", "generic": "VAT or sales tax", "none": "No tax"}[self.value]


class GstCategory(StrEnum):
    """What a customer is for GST."""

    registered = "registered"
    unregistered = "unregistered"
    sez = "sez"
    overseas = "overseas"

    @property
    def label(self) -> str:
        return {"sez": "SEZ unit or developer"}.get(self.value, self.value.capitalize())


class CustomerKind(StrEnum):
    """A firm or a person."""

    business = "business"
    individual = "individual"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class SupplyKind(StrEnum):
    """What is supplied: it decides the place of supply (see `invoices.rules.supply`)."""

    goods_transport = "goods_transport"
    passenger_transport = "passenger_transport"
    other = "other"
    goods = "goods"

    @property
    def label(self) -> str:
        return {"other": "Other service", "goods": "Goods"}.get(self.value, self.value.replace("_", " ").capitalize())


class Company(TenantScoped, Timestamps, Base):
    """A legal entity that the tenant bills as. One is the default; GST settings are those of a company."""

    __tablename__ = "companies"
    __audited__ = True

    legal_name: Mapped[str]
    trade_name: Mapped[str] = mapped_column(default="", server_default="")
    org_code: Mapped[str] = mapped_column(default="", server_default="")
    """`{ORG}` in numbers of documents; `{ORG3}` are its first three characters."""
    is_default: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    tax_regime: Mapped[str] = mapped_column(default=TaxRegime.none, server_default="none")
    registered: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    gstin: Mapped[str] = mapped_column(default="", server_default="")
    pan: Mapped[str] = mapped_column(default="", server_default="")
    tax_id: Mapped[str] = mapped_column(default="", server_default="")
    """The VAT or sales-tax number where the regime is not GST."""
    state_code: Mapped[str] = mapped_column(default="", server_default="")
    is_body_corporate: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")
    """Whether it is a company or LLP: cab hire by others to one may be under reverse charge."""
    round_off: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    lut: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Whether a letter of undertaking lets it export without paying integrated tax."""
    lut_reference: Mapped[str] = mapped_column(default="", server_default="")
    hsn_digits: Mapped[int] = mapped_column(SmallInteger, default=4, server_default="4")
    e_invoicing: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    address_line1: Mapped[str] = mapped_column(default="", server_default="")
    address_line2: Mapped[str] = mapped_column(default="", server_default="")
    city: Mapped[str] = mapped_column(default="", server_default="")
    postal_code: Mapped[str] = mapped_column(default="", server_default="")
    country: Mapped[str] = mapped_column(default="IN", server_default="IN")
    email: Mapped[str] = mapped_column(default="", server_default="")
    phone: Mapped[str] = mapped_column(default="", server_default="")
    website: Mapped[str] = mapped_column(default="", server_default="")
    bank_name: Mapped[str] = mapped_column(default="", server_default="")
    bank_account_name: Mapped[str] = mapped_column(default="", server_default="")
    bank_account_number: Mapped[str] = mapped_column(default="", server_default="")
    bank_ifsc: Mapped[str] = mapped_column(default="", server_default="")
    bank_swift: Mapped[str] = mapped_column(default="", server_default="")
    upi_id: Mapped[str] = mapped_column(default="", server_default="")
    signatory: Mapped[str] = mapped_column(default="", server_default="")
    default_terms: Mapped[str] = mapped_column(default="", server_default="")
    default_notes: Mapped[str] = mapped_column(default="", server_default="")
    payment_terms_days: Mapped[int] = mapped_column(Integer, default=30, server_default="30")
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("uq_companies_default", "tenant_id", unique=True, postgresql_where=text("is_default")),
        Index("uq_companies_legal_name", "tenant_id", text("lower(legal_name)"), unique=True),
        CheckConstraint("tax_regime IN ('gst','generic','none')", name="tax_regime"),
        CheckConstraint("payment_terms_days BETWEEN 0 AND 3650", name="payment_terms_days"),
        CheckConstraint("hsn_digits IN (4, 6, 8)", name="hsn_digits"),
    )


class ClientType(TenantScoped, Timestamps, Base):
    """A kind of customers, for filters and reports."""

    __tablename__ = "client_types"
    __audited__ = True

    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("uq_client_types_name", "tenant_id", text("lower(name)"), unique=True),)


class AccountManager(TenantScoped, Timestamps, Base):
    """Who looks after customers; a person of the tenant, or just a name."""

    __tablename__ = "account_managers"
    __audited__ = True

    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="", server_default="")
    phone: Mapped[str] = mapped_column(default="", server_default="")
    person_id: Mapped[UUID | None] = mapped_column(Uuid())
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("uq_account_managers_name", "tenant_id", text("lower(name)"), unique=True),)


class TaxRate(TenantScoped, Timestamps, Base):
    """A rate by name; what it comes to is in its periods, each from a day on."""

    __tablename__ = "tax_rates"
    __audited__ = True

    name: Mapped[str]
    regime: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("uq_tax_rates_name", "tenant_id", text("lower(name)"), unique=True),
        CheckConstraint("regime IN ('gst','generic')", name="regime"),
    )


class TaxRatePeriod(Base):
    """What a rate comes to from a day on, until the next period of the same rate begins."""

    __tablename__ = "tax_rate_periods"
    __tenant_table__ = True

    tenant_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    tax_rate_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    percent: Mapped[Decimal] = mapped_column(Rate)
    cess_percent: Mapped[Decimal] = mapped_column(Rate, default=Decimal(0), server_default="0")
    cess_per_unit: Mapped[Decimal] = mapped_column(Rate, default=Decimal(0), server_default="0")
    components: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default=text("'[]'::jsonb"))
    """Generic regime: [{code, label, percent, compound}] in their order."""

    __table_args__ = (
        tenant_fk("tax_rate_id", "tax_rates", ondelete="CASCADE"),
        CheckConstraint("percent >= 0 AND percent <= 1000", name="percent"),
    )


class ServiceType(TenantScoped, Timestamps, Base):
    """Something that is sold: its HSN or SAC, unit, price and tax."""

    __tablename__ = "service_types"
    __audited__ = True

    name: Mapped[str]
    code: Mapped[str] = mapped_column(default="", server_default="")
    description: Mapped[str] = mapped_column(default="", server_default="")
    hsn_sac: Mapped[str] = mapped_column(default="", server_default="")
    supply_kind: Mapped[str] = mapped_column(default=SupplyKind.other, server_default="other")
    unit: Mapped[str] = mapped_column(default="", server_default="")
    unit_price: Mapped[Decimal] = mapped_column(Rate, default=Decimal(0), server_default="0")
    currency: Mapped[str]
    tax_rate_id: Mapped[UUID | None] = mapped_column(Uuid())
    book_account_id: Mapped[UUID | None] = mapped_column(Uuid())
    """The income account that it posts to; without one, sales."""
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("tax_rate_id", "tax_rates"),
        tenant_fk("book_account_id", "book_accounts"),
        Index("uq_service_types_name", "tenant_id", text("lower(name)"), unique=True, postgresql_where=LIVE),
        Index("ix_service_types_tenant_id_name_id", "tenant_id", "name", "id", postgresql_where=LIVE),
        CheckConstraint("supply_kind IN ('goods_transport','passenger_transport','other','goods')", name="supply_kind"),
        CheckConstraint("unit_price >= 0", name="unit_price"),
    )


class PriceList(TenantScoped, Timestamps, Base):
    """Prices of their own for some customers."""

    __tablename__ = "price_lists"
    __audited__ = True

    name: Mapped[str]
    currency: Mapped[str]
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("uq_price_lists_name", "tenant_id", text("lower(name)"), unique=True),)


class PriceListItem(Base):
    """The price of a service type on a list, for a time."""

    __tablename__ = "price_list_items"
    __tenant_table__ = True

    tenant_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    price_list_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    service_type_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    unit_price: Mapped[Decimal] = mapped_column(Rate)

    __table_args__ = (
        tenant_fk("price_list_id", "price_lists", ondelete="CASCADE"),
        tenant_fk("service_type_id", "service_types"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
        CheckConstraint("unit_price >= 0", name="unit_price"),
    )


class Customer(TenantScoped, Timestamps, Base):
    """Somebody who is billed."""

    __tablename__ = "customers"
    __audited__ = True

    name: Mapped[str]
    code: Mapped[str] = mapped_column(default="", server_default="")
    """The tenant's own number for the customer, unique when given."""
    kind: Mapped[str] = mapped_column(default=CustomerKind.business, server_default="business")
    client_type_id: Mapped[UUID | None] = mapped_column(Uuid())
    account_manager_id: Mapped[UUID | None] = mapped_column(Uuid())
    price_list_id: Mapped[UUID | None] = mapped_column(Uuid())
    email: Mapped[str] = mapped_column(default="", server_default="")
    phone: Mapped[str] = mapped_column(default="", server_default="")
    website: Mapped[str] = mapped_column(default="", server_default="")
    gst_category: Mapped[str] = mapped_column(default=GstCategory.unregistered, server_default="unregistered")
    gstin: Mapped[str] = mapped_column(default="", server_default="")
    pan: Mapped[str] = mapped_column(default="", server_default="")
    tax_id: Mapped[str] = mapped_column(default="", server_default="")
    state_code: Mapped[str] = mapped_column(default="", server_default="")
    address_line1: Mapped[str] = mapped_column(default="", server_default="")
    address_line2: Mapped[str] = mapped_column(default="", server_default="")
    city: Mapped[str] = mapped_column(default="", server_default="")
    postal_code: Mapped[str] = mapped_column(default="", server_default="")
    country: Mapped[str] = mapped_column(default="IN", server_default="IN")
    currency: Mapped[str]
    language: Mapped[str] = mapped_column(default="", server_default="")
    """A locale for documents and mails; empty: the tenant's."""
    payment_terms_days: Mapped[int | None] = mapped_column(Integer)
    credit_limit: Mapped[Decimal | None]
    notes: Mapped[str] = mapped_column(default="", server_default="")
    custom_fields: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'::jsonb"))
    portal_version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """Raised to make all portal links that were sent before invalid."""
    reminders_stopped: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    import_id: Mapped[UUID | None] = mapped_column(Uuid())
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("client_type_id", "client_types"),
        tenant_fk("account_manager_id", "account_managers"),
        tenant_fk("price_list_id", "price_lists"),
        tenant_fk("import_id", "imports"),
        Index(
            "uq_customers_code",
            "tenant_id",
            text("lower(code)"),
            unique=True,
            postgresql_where=text("code <> '' AND deleted_at IS NULL"),
        ),
        Index("ix_customers_tenant_id_name_id", "tenant_id", "name", "id", postgresql_where=LIVE),
        Index("ix_customers_by_lower_name", "tenant_id", text("lower(name)"), postgresql_where=LIVE),
        Index("ix_customers_tenant_id_created_at_id", "tenant_id", "created_at", "id", postgresql_where=LIVE),
        Index(
            "ix_customers_by_gstin",
            "tenant_id",
            "gstin",
            postgresql_where=text("gstin <> '' AND deleted_at IS NULL"),
        ),
        Index("ix_customers_by_client_type", "tenant_id", "client_type_id", "name", "id", postgresql_where=LIVE),
        Index("ix_customers_by_manager", "tenant_id", "account_manager_id", "name", "id", postgresql_where=LIVE),
        Index("ix_customers_by_import", "tenant_id", "import_id", "id", postgresql_where=text("import_id IS NOT NULL")),
        CheckConstraint("kind IN ('business','individual')", name="kind"),
        CheckConstraint("gst_category IN ('registered','unregistered','sez','overseas')", name="gst_category"),
        CheckConstraint("payment_terms_days BETWEEN 0 AND 3650", name="payment_terms_days"),
        CheckConstraint("credit_limit >= 0", name="credit_limit"),
    )


class CustomerContact(TenantScoped, Timestamps, Base):
    """A person at a customer."""

    __tablename__ = "customer_contacts"
    __audited__ = True

    customer_id: Mapped[UUID] = mapped_column(Uuid())
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="", server_default="")
    phone: Mapped[str] = mapped_column(default="", server_default="")
    role: Mapped[str] = mapped_column(default="", server_default="")
    gets_documents: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")
    gets_reminders: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")

    __table_args__ = (
        tenant_fk("customer_id", "customers", ondelete="CASCADE"),
        Index("ix_customer_contacts_by_customer", "tenant_id", "customer_id", "id"),
    )


class CustomerAddress(TenantScoped, Timestamps, Base):
    """Another address of a customer: where goods are delivered, a branch."""

    __tablename__ = "customer_addresses"
    __audited__ = True

    customer_id: Mapped[UUID] = mapped_column(Uuid())
    label: Mapped[str]
    address_line1: Mapped[str] = mapped_column(default="", server_default="")
    address_line2: Mapped[str] = mapped_column(default="", server_default="")
    city: Mapped[str] = mapped_column(default="", server_default="")
    postal_code: Mapped[str] = mapped_column(default="", server_default="")
    state_code: Mapped[str] = mapped_column(default="", server_default="")
    country: Mapped[str] = mapped_column(default="IN", server_default="IN")

    __table_args__ = (
        tenant_fk("customer_id", "customers", ondelete="CASCADE"),
        Index("ix_customer_addresses_by_customer", "tenant_id", "customer_id", "id"),
    )
