"""Invoices, quotes, proformas and notes in and out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AliasChoices, Field, StringConstraints, model_validator

from tracktok.web.api import Query, Schema

from .lines import MOST_LINES, LineIn, LineOut, Money, NoteLineIn, Percent

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
StateCode = Annotated[str, StringConstraints(pattern=r"^(\d{2})?$")]
SupplyTypeIn = Literal["", "B2B", "B2C", "SEZWP", "SEZWOP", "EXPWP", "EXPWOP"]
CalendarDay = date
MOST_CUSTOM_FIELDS = 30
Key = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Value = Annotated[str, StringConstraints(max_length=500)] | Decimal | bool | None


class TransportIn(Schema):
    """What a document about the transport of goods says beside."""

    gross_weight: str = Field("", max_length=60, examples=["9.5 t"])
    consignor: str = Field("", max_length=300)
    consignee: str = Field("", max_length=300)
    vehicle: str = Field("", max_length=60, examples=["KA01AB1234"])
    consignment_note: str = Field("", max_length=60)
    origin: str = Field("", max_length=200)
    destination: str = Field("", max_length=200)
    origin_state: StateCode = Field("", description="Where goods are handed over or the passenger embarks")
    tax_payable_by: str = Field("", max_length=60, description="Consignor, consignee or the transport agency")


class DocumentIn(Schema):
    """What all sales documents have. What is left out follows the customer, the company and the day."""

    customer_id: UUID
    company_id: UUID | None = Field(None, description="Who bills; the default company when none is given")
    lines: list[LineIn] = Field(min_length=1, max_length=MOST_LINES)
    discount_percent: Percent = Decimal(0)
    discount_amount: Money = Decimal(0)
    tax_inclusive: bool = Field(False, description="Prices include the tax")
    supply_type: SupplyTypeIn | None = Field(None, description="Under GST; follows the customer when none is given")
    reverse_charge: bool = False
    place_of_supply: StateCode | None = Field(None, description="State code; follows the law when none is given")
    currency: Currency | None = Field(None, description="The customer's when none is given")
    exchange_rate: Decimal | None = Field(
        None,
        gt=0,
        max_digits=21,
        decimal_places=12,
        description="Units of the company's currency for one; the published rate of the day when none is given",
    )
    reference: str = Field("", max_length=100, description="The customer's order or contract")
    notes: str | None = Field(None, max_length=5_000)
    terms: str | None = Field(None, max_length=5_000)
    transport: TransportIn | None = None
    custom_fields: dict[Key, Value] = Field(default_factory=dict, max_length=MOST_CUSTOM_FIELDS)
    delivery_address_id: UUID | None = None

    @property
    def day(self) -> date | None:
        """The document's date."""
        return getattr(self, "date", None)


class InvoiceIn(DocumentIn):
    """An invoice."""

    invoice_date: Day | None = Field(
        None,
        validation_alias=AliasChoices("invoice_date", "date"),
        description="Today, in the company's time zone, when none is given",
    )
    due_date: Day | None = Field(None, description="By the terms of payment when none is given")

    @property
    def day(self) -> date | None:
        """The invoice's date."""
        return self.invoice_date


class QuoteIn(DocumentIn):
    """A quote or proforma."""

    date: Day | None = None
    valid_until: Day | None = Field(None, description="The last day to accept it; 30 days when not given")


class _Patch(Schema):
    """What to change of a draft. What is not named stays; null brings back what follows by itself. Lines as a whole."""

    customer_id: UUID | None = None
    company_id: UUID | None = None
    lines: list[LineIn] | None = Field(None, min_length=1, max_length=MOST_LINES)
    discount_percent: Percent | None = None
    discount_amount: Money | None = None
    tax_inclusive: bool | None = None
    supply_type: SupplyTypeIn | None = None
    reverse_charge: bool | None = None
    place_of_supply: StateCode | None = None
    currency: Currency | None = None
    exchange_rate: Decimal | None = Field(None, gt=0, max_digits=21, decimal_places=12)
    reference: str | None = Field(None, max_length=100)
    notes: str | None = Field(None, max_length=5_000)
    terms: str | None = Field(None, max_length=5_000)
    transport: TransportIn | None = None
    custom_fields: dict[Key, Value] | None = Field(None, max_length=MOST_CUSTOM_FIELDS)
    delivery_address_id: UUID | None = None


class InvoicePatch(_Patch):
    """What to change of a draft invoice."""

    invoice_date: Day | None = Field(None, validation_alias=AliasChoices("invoice_date", "date"))
    due_date: Day | None = None


class QuotePatch(_Patch):
    """What to change of a draft quote or proforma."""

    date: Day | None = None
    valid_until: Day | None = None


class CreditNoteIn(Schema):
    """What is taken back of an issued invoice: some of its lines, or without lines all that is left of it."""

    invoice_id: UUID = Field(validation_alias=AliasChoices("invoice_id", "original_id"))
    date: Day | None = None
    reason: str = Field(min_length=1, max_length=500, examples=["Trip cancelled"])
    lines: list[NoteLineIn] | None = Field(None, min_length=1, max_length=MOST_LINES)
    reference: str = Field("", max_length=100)
    notes: str = Field("", max_length=5_000)
    finalize: bool = Field(False, description="Issue it at once")
    apply: bool | None = Field(
        None,
        description="Pay the invoice with it when it is issued at once: as much as fits; all or nothing when left out",
    )

    @model_validator(mode="after")
    def _each_line_once(self) -> CreditNoteIn:
        ids = [line.line_id for line in self.lines or ()]
        if len(ids) != len(set(ids)):
            raise ValueError("Name each line of the invoice once.")
        return self


class DebitNoteIn(Schema):
    """What an issued invoice was too low by: more of its lines, taxed as they were."""

    invoice_id: UUID = Field(validation_alias=AliasChoices("invoice_id", "original_id"))
    date: Day | None = None
    due_date: Day | None = None
    reason: str = Field(min_length=1, max_length=500, examples=["Toll was left out"])
    lines: list[NoteLineIn] = Field(min_length=1, max_length=MOST_LINES)
    reference: str = Field("", max_length=100)
    notes: str = Field("", max_length=5_000)
    finalize: bool = Field(False, description="Issue it at once")


class VoidIn(Schema):
    """Why a document is made void."""

    reason: str = Field("", max_length=500)


class Reason(Schema):
    """Why."""

    reason: str = Field("", max_length=500)


class ApplyIn(Schema):
    """How much of a credit note pays which invoice."""

    invoice_id: UUID
    amount: Decimal | None = Field(None, gt=0, max_digits=16, decimal_places=4, description="As much as fits, if none")


class FinalizeQuery(Query):
    """How an invoice is issued."""

    apply_deposits: bool = Field(default=False, description="Let the customer's deposits pay it")


class QuoteAnswerOut(Schema):
    """What the customer answered to a quote on their own page."""

    accepted: bool
    name: str
    reason: str
    address: str = Field(description="The IP address that it came from")
    answered_at: str | None


class DocumentOut(Schema):
    """A document. Amounts are decimal strings in its currency; `base_total` is in the company's."""

    id: UUID | None
    kind: str
    number: str | None
    status: str
    display_status: str
    is_overdue: bool
    company_id: UUID
    customer_id: UUID
    customer_name: str
    date: CalendarDay
    invoice_date: CalendarDay
    due_date: CalendarDay | None
    valid_until: CalendarDay | None
    currency: str
    exchange_rate: str
    rate_date: CalendarDay | None
    rate_source: str
    tax_regime: str
    tax_inclusive: bool
    supply_type: str
    place_of_supply: str
    place_of_supply_name: str
    inter_state: bool
    reverse_charge: bool
    statement: str
    lines: list[LineOut]
    discount_percent: str
    discount_amount: str
    subtotal: str
    discount_total: str
    taxable_amount: str
    cgst_amount: str
    sgst_amount: str
    igst_amount: str
    cess_amount: str
    tax_amount: str
    taxes: list[dict[str, Any]]
    reverse_charge_taxes: dict[str, str]
    round_off: str
    total: str
    amount_paid: str
    amount_due: str
    base_currency: str
    base_total: str
    amount_in_words: str
    company: dict[str, Any]
    customer: dict[str, Any]
    delivery: dict[str, Any] | None
    original_id: UUID | None
    original_number: str | None
    original_date: CalendarDay | None
    declare_by: CalendarDay | None = Field(description="Of a credit note under GST: the last day to declare its tax")
    reason: str
    advances: list[dict[str, Any]] = Field(
        default_factory=list, description="Deposits that paid it when it was issued: number, date and amount of each"
    )
    answer: QuoteAnswerOut | None = Field(None, description="Of a quote: the customer's latest answer on their page")
    reference: str
    notes: str
    terms: str
    transport: dict[str, Any]
    custom_fields: dict[str, Any]
    delivery_address_id: UUID | None
    finalized_at: str | None
    voided_at: str | None
    sent_at: str | None
    viewed_at: str | None
    irn: str | None = Field(description="The number that the invoice registration portal gave")
    irn_ack_number: str
    irn_ack_date: str
    actions: list[str]
    version: int
    created_at: str | None
    updated_at: str | None


class DocumentWritten(DocumentOut):
    """A document after a change, with what should be known about it."""

    warnings: list[dict[str, Any]] = Field(default_factory=list)


class DocumentRow(Schema):
    """A document in a list."""

    id: UUID
    kind: str
    number: str | None
    status: str
    display_status: str
    is_overdue: bool
    company_id: UUID
    customer_id: UUID
    customer_name: str
    date: CalendarDay
    invoice_date: CalendarDay
    due_date: CalendarDay | None
    valid_until: CalendarDay | None
    currency: str
    taxable_amount: str
    tax_amount: str
    total: str
    amount_paid: str
    amount_due: str
    base_total: str
    base_currency: str
    reference: str
    original_id: UUID | None
    sent_at: str | None
    version: int
    created_at: str | None
    updated_at: str | None
