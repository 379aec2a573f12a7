"""Receipts, refunds, write-offs, balances and statements in and out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AliasChoices, Field, field_validator, model_validator

from tracktok.invoices.models import ReceiptMethod
from tracktok.web.api import ListQuery, Query, Schema

from .documents import Currency, Day

CalendarDay = date
MOST_ALLOCATIONS = 500
Amount = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4, examples=["1180.00"])]
ExchangeRate = Annotated[
    Decimal,
    Field(
        gt=0,
        max_digits=21,
        decimal_places=12,
        description="Units of the company's currency for one; the published rate of the day when none is given",
    ),
]
Reference = Annotated[str, Field(max_length=100, description="Of the bank, the cheque or the payer")]


class AllocationIn(Schema):
    """How much of a receipt pays which invoice or debit note."""

    document_id: UUID = Field(validation_alias=AliasChoices("document_id", "invoice_id"))
    amount: Amount


class _Allocating(Schema):
    allocations: list[AllocationIn] = Field(default_factory=list, max_length=MOST_ALLOCATIONS)

    @model_validator(mode="after")
    def _each_document_once(self) -> _Allocating:
        ids = [one.document_id for one in self.allocations]
        if len(ids) != len(set(ids)):
            raise ValueError("Name each document once.")
        return self


class DepositIn(Schema):
    """What a receipt is paid for in advance. Under GST tax is owed on it by then, where the law asks for it."""

    document_id: UUID | None = Field(None, description="The quote or proforma that it was asked for")
    description: str = Field("", title="What for", max_length=500)
    hsn_sac: str = Field("", title="HSN or SAC", pattern=r"^(\d{4}|\d{6}|\d{8})?$")
    supply_kind: Literal["services", "goods"] = Field(
        "services", description="Of goods no tax is owed before the invoice"
    )
    tax_rate: Decimal | None = Field(
        None, title="Tax rate", ge=0, le=100, max_digits=7, decimal_places=4,
        description="In percent, included in the amount; 18 when it cannot be told yet",
    )  # fmt: skip
    place_of_supply: str = Field("", max_length=2, description="Code of the State; the customer's when none is given")
    reverse_charge: bool = Field(default=False, description="The recipient owes the tax, none is owed on the advance")

    @field_validator("document_id", "tax_rate", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value


class DepositOut(Schema):
    """What a receipt was paid for in advance, and the tax in it."""

    document_id: UUID | None
    description: str
    hsn_sac: str
    supply_kind: str
    tax_rate: str
    place_of_supply: str
    inter_state: bool
    reverse_charge: bool
    taxable_amount: str
    cgst_amount: str
    sgst_amount: str
    igst_amount: str


class ReceiptIn(_Allocating):
    """Money that a customer paid. What is not allocated stays as the customer's credit."""

    customer_id: UUID = Field(title="Customer")
    company_id: UUID | None = Field(None, title="Company", description="The default company when none is given")
    receipt_date: Day | None = Field(
        None,
        title="Date",
        validation_alias=AliasChoices("receipt_date", "date"),
        description="Today, in the company's time zone, when none is given",
    )
    amount: Amount
    currency: Currency | None = Field(None, description="The customer's when none is given")
    exchange_rate: ExchangeRate | None = None
    base_amount: Amount | None = Field(
        None,
        title="Amount received",
        description="What it came to in the company's currency, where the bank says so; it gives the rate",
    )
    method: ReceiptMethod = ReceiptMethod.bank_transfer
    reference: Reference = ""
    account_id: UUID | None = Field(
        None, title="Account", description="Where it came to; money without an account waits to be deposited"
    )
    notes: str = Field("", max_length=5_000)
    allocate: Literal["oldest", ""] | None = Field(
        None, description="`oldest`: pay what is open, the longest due first; instead of `allocations`"
    )
    deposit: DepositIn | None = Field(None, description="Of money that comes before its invoice; it pays nothing yet")

    @model_validator(mode="after")
    def _a_deposit_pays_nothing_yet(self) -> ReceiptIn:
        if self.deposit is not None and (self.allocations or self.allocate):
            raise ValueError("A deposit waits for its invoice: let it pay nothing yet.")
        return self


class AllocateIn(_Allocating):
    """What a receipt pays: by hand, or the longest due first."""

    allocate: Literal["oldest", ""] | None = Field(
        None, description="`oldest`: pay what is open, the longest due first; instead of `allocations`"
    )
    date: Day | None = Field(None, description="Today when none is given; not before the receipt and the document")


class UnallocateIn(Schema):
    """Which allocation is taken back; all of the receipt when none is named."""

    allocation_id: UUID | None = None


class ReceiptVoidIn(Schema):
    """Why a receipt is made void."""

    reason: str = Field("", max_length=500)


class RefundIn(Schema):
    """Money that is given back."""

    amount: Amount | None = Field(None, description="All that is left, if none")
    refund_date: Day | None = Field(
        None, title="Date", validation_alias=AliasChoices("refund_date", "date"), description="Today when none is given"
    )
    method: ReceiptMethod = ReceiptMethod.bank_transfer
    account_id: UUID | None = Field(None, title="Account", description="Where it is paid from")
    exchange_rate: ExchangeRate | None = None
    reference: Reference = ""
    reason: str = Field("", max_length=500)


class OnlineRefundIn(Schema):
    """Money that goes back by the payment provider that it came by."""

    amount: Amount | None = Field(None, description="All that is left, if none")
    reason: str = Field("", max_length=500)


class WriteOffIn(Schema):
    """What is given up on an invoice or debit note."""

    amount: Amount | None = Field(None, description="All that is open, if none")
    reason: str = Field("", max_length=500)


class ReceiptFilters(Query):
    """Which receipts: every filter that is named must fit."""

    q: str | None = Field(None, max_length=120, description="Part of the number, the reference or the customer's name")
    customer_id: UUID | None = None
    company_id: UUID | None = None
    account_id: UUID | None = None
    method: ReceiptMethod | None = None
    status: Literal["received", "void"] | None = None
    currency: Currency | None = None
    date_from: date | None = None
    date_to: date | None = Field(None, description="This day included")
    amount_from: Decimal | None = Field(None, max_digits=16, decimal_places=4)
    amount_to: Decimal | None = Field(None, max_digits=16, decimal_places=4)
    unallocated: bool | None = Field(None, description="1: only those of which something is left")


class ReceiptQuery(ReceiptFilters, ListQuery):
    """Which receipts, in which order, and which page of them."""

    sort: str = Field("-date", description="date, created_at; a minus in front turns it around")
    totals: bool = Field(False, description="1: with what all that fit come to, by currency")
    format: Literal["json", "csv", "xlsx"] = Field("json", description="csv or xlsx: a file of all that fit")


class AllocationOut(Schema):
    """What of a receipt, a credit note or a write-off paid what of a document."""

    id: UUID
    kind: str
    document_id: UUID
    document_number: str | None
    document_kind: str
    receipt_id: UUID | None
    receipt_number: str | None
    credit_note_id: UUID | None
    credit_note_number: str | None
    amount: str
    currency: str
    exchange_difference: str
    allocated_on: CalendarDay


class RefundOut(Schema):
    """Money that was given back."""

    id: UUID
    customer_id: UUID
    receipt_id: UUID | None
    credit_note_id: UUID | None
    refund_date: CalendarDay
    amount: str
    currency: str
    base_amount: str
    method: str
    account_id: UUID | None
    account_name: str | None
    reference: str
    reason: str
    status: str = Field(description="`pending` until the payment provider has said that it is final, `done`, `failed`")
    provider: str = Field(description="`manual`, or the payment provider by which it goes back")
    failure: str = Field(description="Why the payment provider refused it")


class ReceiptRow(Schema):
    """A receipt in a list."""

    id: UUID
    number: str
    status: str
    display_status: str
    company_id: UUID
    customer_id: UUID
    customer_name: str
    date: CalendarDay
    receipt_date: CalendarDay
    amount: str
    currency: str
    base_amount: str
    base_currency: str
    allocated_amount: str
    refunded_amount: str
    unallocated_amount: str
    method: str
    reference: str
    account_id: UUID | None
    account_name: str | None
    version: int
    created_at: str | None
    updated_at: str | None


class CustomerReceiptOut(ReceiptRow):
    """A receipt with what it paid and what was given back of it."""

    exchange_rate: str
    rate_date: CalendarDay | None
    rate_source: str
    notes: str
    deposit: DepositOut | None
    voided_at: str | None
    void_reason: str
    allocations: list[AllocationOut]
    refunds: list[RefundOut]


class ReceiptWritten(CustomerReceiptOut):
    """A receipt after a change, with what should be known about it."""

    warnings: list[dict[str, Any]] = Field(default_factory=list)


class ReceiptCurrencyTotals(Schema):
    """What the receipts of one currency come to."""

    currency: str
    count: int
    amount: str
    allocated_amount: str
    refunded_amount: str
    unallocated_amount: str


class ReceiptTotalsOut(Schema):
    """What the receipts that fit come to; those that are void count nothing."""

    count: int
    base_currency: str
    base_amount: str
    by_currency: list[ReceiptCurrencyTotals]


class ReceiptListOut(Schema):
    """A page of receipts."""

    object: Literal["list"] = "list"
    data: list[ReceiptRow]
    has_more: bool
    next_cursor: str | None
    totals: ReceiptTotalsOut | None = None


class PaymentsOut(Schema):
    """What paid a document, the oldest first."""

    object: Literal["list"] = "list"
    data: list[AllocationOut]
    has_more: bool = False
    next_cursor: str | None = None
    total: str
    amount_paid: str
    amount_due: str
    currency: str


class AgeOut(Schema):
    """What is open in a span of days past due."""

    key: str
    label: str
    amount: str


class CurrencyBalance(Schema):
    """How a customer stands in one currency."""

    currency: str
    receivable: str
    overdue: str
    unallocated: str
    open_credit_notes: str
    balance: str
    ageing: list[AgeOut]


class BalanceOut(Schema):
    """How a customer stands: what is owed, what of it is overdue, what they have as credit."""

    customer_id: UUID
    customer_name: str
    as_of: CalendarDay
    base_currency: str
    base_balance: str
    currencies: list[CurrencyBalance]


class CustomerStatementQuery(Query):
    """Which days of a customer's account."""

    date_from: Day | None = Field(None, alias="from", description="90 days before the last day when none is given")
    date_to: Day | None = Field(None, alias="to", description="Today when none is given; this day included")
    currency: Currency | None = Field(None, description="One currency only")
    format: Literal["json", "csv", "xlsx"] = "json"


class StatementRow(Schema):
    """A movement of a customer's account."""

    date: CalendarDay
    kind: str
    id: UUID
    number: str
    description: str
    due_date: CalendarDay | None
    debit: str
    credit: str
    balance: str


class CurrencyStatement(Schema):
    """A customer's account in one currency."""

    currency: str
    opening: str
    debits: str
    credits: str
    closing: str
    rows: list[StatementRow]


class StatementOut(Schema):
    """A customer's account: what they owed before, what came, what they owe now. Below zero: their credit."""

    customer_id: UUID
    customer_name: str
    date_from: CalendarDay
    date_to: CalendarDay
    currencies: list[CurrencyStatement]
