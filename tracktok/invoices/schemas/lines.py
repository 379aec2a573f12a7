"""Lines of sales documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AliasChoices, Field, StringConstraints

from tracktok.customers.models import SupplyKind
from tracktok.web.api import Schema

MOST_LINES = 2_000
Quantity = Annotated[Decimal, Field(max_digits=17, decimal_places=4, examples=["22"])]
Price = Annotated[Decimal, Field(max_digits=17, decimal_places=4, examples=["1249.50"])]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4, examples=["10"])]
TaxPercent = Annotated[Decimal, Field(ge=0, le=1000, max_digits=8, decimal_places=4, examples=["18"])]
Money = Annotated[Decimal, Field(max_digits=16, decimal_places=4, examples=["125.50"])]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.]{0,12}$")]


class PureAgentIn(Schema):
    """What a pure agent records (Rule 33 of the CGST Rules): without all of it the line is taxed as any other."""

    authorised: bool = Field(description="The customer has authorised the payment on their behalf")
    supplier: str = Field(min_length=1, max_length=200, description="Who was paid")
    document_number: str = Field(min_length=1, max_length=60, description="Of the supplier's bill")
    document_date: date
    additional: bool = Field(description="It is beside the company's own supply")
    exact: bool = Field(description="No more than what was paid is passed on")


class LineIn(Schema):
    """What is billed. From a service type comes whatever is not given: price, unit, code, tax on the document's day."""

    description: str = Field("", max_length=2_000, examples=["Cab hire, 22 days"])
    service_type_id: UUID | None = None
    expense_id: UUID | None = Field(None, description="A billable expense: billed once only")
    hsn_sac: Code | None = Field(None, description="HSN of goods, SAC of services", examples=["996601"])
    supply_kind: SupplyKind | None = Field(None, description="Decides the place of supply under GST")
    quantity: Quantity = Decimal(1)
    unit: str | None = Field(None, max_length=30, examples=["day"])
    unit_price: Price | None = None
    discount_percent: Percent = Decimal(0)
    discount_amount: Money = Decimal(0)
    tax_rate: TaxPercent | None = Field(None, description="In percent; or give tax_rate_id")
    tax_rate_id: UUID | None = Field(None, description="A rate by name: what it comes to on the document's day")
    cess_rate: TaxPercent | None = Field(None, description="Compensation cess in percent")
    cess_per_unit: Money | None = Field(None, ge=0, description="Compensation cess for each unit of quantity")
    book_account_id: UUID | None = Field(None, description="The income account; sales when none is given")
    pure_agent: PureAgentIn | None = Field(None, description="Paid for the customer and passed on without tax")


class SourcedLine(LineIn):
    """A line that another area makes: it bills something of theirs, once."""

    source: str = ""
    source_id: UUID | None = None


class NoteLineIn(Schema):
    """What a note says of one line of the invoice: a quantity, or an amount before tax; without both all of it."""

    line_id: UUID = Field(
        description="The invoice's line",
        validation_alias=AliasChoices("line_id", "invoice_line_id", "original_line_id"),
    )
    quantity: Quantity | None = Field(None, gt=0)
    amount: Money | None = Field(None, description="Of the line's value before tax")
    description: str = Field("", max_length=2_000, description="The line's own when none is given")


class LineOut(Schema):
    """A line with its amounts."""

    id: UUID | None
    position: int
    service_type_id: UUID | None
    description: str
    hsn_sac: str
    supply_kind: str
    quantity: str
    unit: str
    unit_price: str
    discount_percent: str
    discount_amount: str
    tax_rate_id: UUID | None
    tax_rate: str
    cess_rate: str
    cess_per_unit: str
    gross_amount: str
    taxable_amount: str
    cgst_amount: str
    sgst_amount: str
    igst_amount: str
    cess_amount: str
    tax_amount: str
    total: str
    taxes: list[dict[str, Any]] = Field(description="Each tax on the line: code, label, percent, amount")
    book_account_id: UUID | None
    original_line_id: UUID | None
    source: str
    source_id: UUID | None
    pure_agent: dict[str, Any]
