"""Tables of sales documents and their lines."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Rate, Timestamps, tenant_fk
from tracktok.core.tenancy import TenantScoped

Quantity = Numeric(19, 4)
EMPTY_OBJECT = text("'{}'::jsonb")
EMPTY_LIST = text("'[]'::jsonb")


class DocumentKind(StrEnum):
    """What a sales document is."""

    invoice = "invoice"
    quote = "quote"
    proforma = "proforma"
    credit_note = "credit_note"
    debit_note = "debit_note"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def moves_money(self) -> bool:
        """Whether it is posted to the books."""
        return self in {DocumentKind.invoice, DocumentKind.credit_note, DocumentKind.debit_note}


class SalesDocument(TenantScoped, Timestamps, Base):
    """A quote, proforma, invoice, credit note or debit note. Issued ones are snapshots and do not change.

    Amounts are in `currency`; `base_total` is the total in the tenant's. A debit note is owed and paid like an invoice.
    `amount_paid` is the sum of what receipts, credits and write-offs were allocated to it (of a credit note: what of it
    was applied or refunded); `amount_due` is total less that. Both are kept in the transaction that allocates.
    """

    __tablename__ = "sales_documents"
    __audited__ = True

    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default="draft", server_default="draft")
    company_id: Mapped[UUID] = mapped_column(Uuid())
    customer_id: Mapped[UUID] = mapped_column(Uuid())
    number: Mapped[str | None]
    sequence: Mapped[int | None] = mapped_column(Integer)
    fiscal_year: Mapped[date | None]
    """First day of the fiscal year that its number belongs to."""
    document_date: Mapped[date]
    due_date: Mapped[date | None]
    valid_until: Mapped[date | None]
    """Of a quote or proforma: the last day on which it may be accepted."""
    currency: Mapped[str]
    exchange_rate: Mapped[Decimal] = mapped_column(Rate, default=Decimal(1), server_default="1")
    rate_date: Mapped[date | None]
    rate_source: Mapped[str] = mapped_column(default="", server_default="")
    tax_regime: Mapped[str] = mapped_column(default="none", server_default="none")
    tax_inclusive: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    supply_type: Mapped[str] = mapped_column(default="", server_default="")
    place_of_supply: Mapped[str] = mapped_column(default="", server_default="")
    inter_state: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    reverse_charge: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    discount_percent: Mapped[Decimal] = mapped_column(Rate, default=Decimal(0), server_default="0")
    discount_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    subtotal: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    discount_total: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    taxable_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    cgst_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    sgst_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    """State tax, or that of a Union territory (UTGST)."""
    igst_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    cess_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    tax_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    """All taxes, also those of other regimes."""
    round_off: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    total: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    amount_paid: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    amount_due: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    base_total: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    tax_groups: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default=EMPTY_LIST)
    """[{code, label, percent, taxable, amount}]: the tax table."""
    reverse_charge_taxes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=EMPTY_OBJECT)
    """What the recipient owes under reverse charge, by code."""
    amount_in_words: Mapped[str] = mapped_column(default="", server_default="")
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=EMPTY_OBJECT)
    """At issue: {company: {...}, customer: {...}, delivery: {...}, statement, locale}: what the paper says for ever."""
    reference: Mapped[str] = mapped_column(default="", server_default="")
    """The customer's order or contract."""
    notes: Mapped[str] = mapped_column(default="", server_default="")
    terms: Mapped[str] = mapped_column(default="", server_default="")
    transport: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=EMPTY_OBJECT)
    """Goods transport: gross_weight, consignor, consignee, vehicle, origin, destination, tax_payable_by."""
    delivery_address_id: Mapped[UUID | None] = mapped_column(Uuid())
    entered: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default=EMPTY_LIST)
    """Of a draft: which of the fields that have a default were entered by hand; the others go on following it."""
    custom_fields: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=EMPTY_OBJECT)
    original_id: Mapped[UUID | None] = mapped_column(Uuid())
    """Of a note: the invoice that it corrects. Of an invoice made of a quote or proforma: that one."""
    reason: Mapped[str] = mapped_column(default="", server_default="")
    """Of a note: why. Of a void document: why it was made void."""
    finalized_at: Mapped[datetime | None]
    finalized_by: Mapped[UUID | None] = mapped_column(Uuid())
    voided_at: Mapped[datetime | None]
    pdf_file_id: Mapped[UUID | None] = mapped_column(Uuid())
    pdf_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    sent_at: Mapped[datetime | None]
    viewed_at: Mapped[datetime | None]
    disputed_at: Mapped[datetime | None]
    promised_on: Mapped[date | None]
    """Promise to pay: reminders rest until this day has passed."""
    reminders_stopped: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    irn: Mapped[str | None]
    irn_ack_number: Mapped[str] = mapped_column(default="", server_default="")
    irn_ack_date: Mapped[str] = mapped_column(default="", server_default="")
    irn_signed_qr: Mapped[str] = mapped_column(default="", server_default="")
    import_id: Mapped[UUID | None] = mapped_column(Uuid())
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        tenant_fk("company_id", "companies"),
        tenant_fk("customer_id", "customers"),
        tenant_fk("pdf_file_id", "files"),
        tenant_fk("import_id", "imports"),
        ForeignKeyConstraint(["tenant_id", "original_id"], ["sales_documents.tenant_id", "sales_documents.id"]),
        # Rule 46(b): unique for the supplier and the fiscal year, whatever the case of its letters. A void keeps its.
        Index(
            "uq_sales_documents_number",
            "tenant_id",
            "company_id",
            "fiscal_year",
            text("upper(number)"),
            unique=True,
            postgresql_where=text("number IS NOT NULL"),
        ),
        Index(
            "uq_sales_documents_sequence",
            "tenant_id",
            "company_id",
            "kind",
            "fiscal_year",
            "sequence",
            unique=True,
            postgresql_where=text("sequence IS NOT NULL AND import_id IS NULL"),
        ),
        Index(
            "ix_sales_documents_by_date",
            "tenant_id",
            "kind",
            "document_date",
            "id",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "ix_sales_documents_by_created",
            "tenant_id",
            "kind",
            "created_at",
            "id",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "ix_sales_documents_by_due_date",
            "tenant_id",
            "kind",
            "due_date",
            "id",
            postgresql_where=text("deleted_at IS NULL AND due_date IS NOT NULL"),
        ),
        Index(
            "ix_sales_documents_by_status",
            "tenant_id",
            "kind",
            "status",
            "document_date",
            "id",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "ix_sales_documents_by_customer",
            "tenant_id",
            "customer_id",
            "kind",
            "document_date",
            "id",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "ix_sales_documents_by_total",
            "tenant_id",
            "kind",
            "total",
            "id",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        # How many were issued in a month, for the limit of the plan.
        Index(
            "ix_sales_documents_by_finalized",
            "tenant_id",
            "kind",
            "finalized_at",
            postgresql_where=text("finalized_at IS NOT NULL"),
        ),
        # What is owed, by customer and by the day it falls due: receivables, allocation. Ageing adds up the base
        # amounts that it has and reads no row.
        Index(
            "ix_sales_documents_open",
            "tenant_id",
            "customer_id",
            "due_date",
            postgresql_include=["base_total"],
            postgresql_where=text("status IN ('issued','part_paid') AND kind IN ('invoice','debit_note')"),
        ),
        Index(
            "ix_sales_documents_part_paid",
            "tenant_id",
            "customer_id",
            "due_date",
            postgresql_include=["base_total", "amount_paid", "total"],
            postgresql_where=text("status = 'part_paid' AND kind IN ('invoice','debit_note')"),
        ),
        Index(
            "ix_sales_documents_open_by_due",
            "tenant_id",
            "due_date",
            "id",
            postgresql_where=text("status IN ('issued','part_paid') AND kind IN ('invoice','debit_note')"),
        ),
        Index(
            "ix_sales_documents_by_original",
            "tenant_id",
            "original_id",
            "id",
            postgresql_where=text("original_id IS NOT NULL"),
        ),
        Index(
            "ix_sales_documents_by_import",
            "tenant_id",
            "import_id",
            "id",
            postgresql_where=text("import_id IS NOT NULL"),
        ),
        CheckConstraint("kind IN ('invoice','quote','proforma','credit_note','debit_note')", name="kind"),
        CheckConstraint(
            "status IN ('draft','issued','part_paid','paid','void','uncollectible',"
            "'sent','accepted','declined','expired','invoiced','part_applied','applied','refunded')",
            name="status",
        ),
        CheckConstraint("(number IS NULL) = (status = 'draft')", name="number"),
        CheckConstraint("(number IS NULL) = (fiscal_year IS NULL)", name="fiscal_year"),
        CheckConstraint("number IS NULL OR deleted_at IS NULL", name="deleted"),
        CheckConstraint("total >= 0", name="total"),
        CheckConstraint("amount_paid >= 0 AND amount_due >= 0 AND amount_due = total - amount_paid", name="amounts"),
        # Ageing takes what is issued for unpaid, and what is open for due some day.
        CheckConstraint(
            "status NOT IN ('issued','part_paid') OR kind NOT IN ('invoice','debit_note') OR"
            " due_date IS NOT NULL AND amount_due > 0 AND (status = 'part_paid') = (amount_paid > 0)",
            name="open",
        ),
        CheckConstraint("exchange_rate > 0", name="exchange_rate"),
        CheckConstraint("supply_type IN ('','B2B','B2C','SEZWP','SEZWOP','EXPWP','EXPWOP')", name="supply_type"),
        CheckConstraint("irn IS NULL OR number IS NOT NULL", name="irn"),
    )


class SalesLine(TenantScoped, Base):
    """A line of a sales document. Its amounts add up to the document's, to the last minor unit."""

    __tablename__ = "sales_lines"

    document_id: Mapped[UUID] = mapped_column(Uuid())
    position: Mapped[int] = mapped_column(Integer)
    service_type_id: Mapped[UUID | None] = mapped_column(Uuid())
    description: Mapped[str]
    hsn_sac: Mapped[str] = mapped_column(default="", server_default="")
    supply_kind: Mapped[str] = mapped_column(default="other", server_default="other")
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    unit: Mapped[str] = mapped_column(default="", server_default="")
    unit_price: Mapped[Decimal] = mapped_column(Rate)
    discount_percent: Mapped[Decimal] = mapped_column(Rate, default=Decimal(0), server_default="0")
    discount_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    tax_rate_id: Mapped[UUID | None] = mapped_column(Uuid())
    tax_rate: Mapped[Decimal] = mapped_column(Rate, default=Decimal(0), server_default="0")
    cess_rate: Mapped[Decimal] = mapped_column(Rate, default=Decimal(0), server_default="0")
    cess_per_unit: Mapped[Decimal] = mapped_column(Rate, default=Decimal(0), server_default="0")
    tax_components: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default=EMPTY_LIST)
    """[{code, label, percent, per_unit, compound, amount}]: each tax on the line, charged or owed by the recipient."""
    gross_amount: Mapped[Decimal]
    """Quantity x price before discounts."""
    taxable_amount: Mapped[Decimal]
    cgst_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    sgst_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    igst_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    cess_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    tax_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    total: Mapped[Decimal]
    book_account_id: Mapped[UUID | None] = mapped_column(Uuid())
    """The income account; without one, sales."""
    original_line_id: Mapped[UUID | None] = mapped_column(Uuid())
    """Of a note: the invoice's line that it corrects."""
    source: Mapped[str] = mapped_column(default="", server_default="")
    """Where it came from: `expense`, `trip`, `usage`, `booking`; empty for free text."""
    source_id: Mapped[UUID | None] = mapped_column(Uuid())
    holds_source: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Whether it bills its source: one line at a time may. A void or deleted document lets go of it."""
    pure_agent: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=EMPTY_OBJECT)
    """What was paid for the buyer as a pure agent and is passed on without tax: the conditions, as recorded."""

    __table_args__ = (
        tenant_fk("document_id", "sales_documents", ondelete="CASCADE"),
        tenant_fk("service_type_id", "service_types"),
        tenant_fk("tax_rate_id", "tax_rates"),
        tenant_fk("book_account_id", "book_accounts"),
        ForeignKeyConstraint(["tenant_id", "original_line_id"], ["sales_lines.tenant_id", "sales_lines.id"]),
        UniqueConstraint("tenant_id", "document_id", "position", deferrable=True, initially="DEFERRED"),
        Index(
            "ix_sales_lines_by_original",
            "tenant_id",
            "original_line_id",
            postgresql_where=text("original_line_id IS NOT NULL"),
        ),
        Index("ix_sales_lines_by_source", "tenant_id", "source", "source_id", postgresql_where=text("source <> ''")),
        Index(
            "uq_sales_lines_held_source",
            "tenant_id",
            "source",
            "source_id",
            unique=True,
            postgresql_where=text("holds_source"),
        ),
        Index("ix_sales_lines_by_service_type", "tenant_id", "service_type_id", "document_id"),
    )
