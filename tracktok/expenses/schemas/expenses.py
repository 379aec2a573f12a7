"""Expenses in and out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AliasChoices, Field, StringConstraints

from tracktok.expenses.models import ExpenseStatus, PaymentMethod
from tracktok.web.api import ListQuery, Query, Schema

MOST_TAGS = 20
MOST_AT_ONCE = 5_000
TagName = Annotated[str, StringConstraints(min_length=1, max_length=50, strip_whitespace=True)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True)]
Nothing = Literal["none"]


class ExpenseIn(Schema):
    """Money spent."""

    amount: Decimal = Field(max_digits=16, decimal_places=4, description="Refunds are negative", examples=["125.50"])
    title: str = Field(min_length=1, max_length=200, examples=["Taxi to the airport"])
    description: str = Field("", max_length=5000)
    category_id: UUID | None = None
    project_id: UUID | None = None
    account_id: UUID | None = None
    expense_date: date | None = Field(None, description="Today, in the company's time zone, when none is given")
    payment_method: PaymentMethod | None = None
    tags: list[TagName] = Field(
        default_factory=list, max_length=MOST_TAGS, description="Names or ids; new names make new tags"
    )
    currency: Currency | None = Field(None, description="The company's, when none is given", examples=["INR"])
    exchange_rate: Decimal | None = Field(
        None,
        gt=0,
        max_digits=21,
        decimal_places=12,
        description="Units of the company's currency for one unit; the published rate of the day when none is given",
    )
    account_amount: Decimal | None = Field(
        None,
        max_digits=16,
        decimal_places=4,
        description="What left the account, in its own currency, when it is known",
    )
    tax_amount: Decimal | None = Field(
        None,
        max_digits=16,
        decimal_places=4,
        validation_alias=AliasChoices("tax_amount", "tax"),
        description="The tax that the amount contains (`tax` is accepted too)",
    )
    merchant: str = Field("", max_length=200)
    reference: str = Field("", max_length=100)
    billable: bool = False
    status: ExpenseStatus = ExpenseStatus.paid
    person_id: UUID | None = Field(None, description="Whose expense it is; one's own when none is given")


class ExpensePatch(Schema):
    """What to change of an expense. What is not named stays; null empties it."""

    amount: Decimal | None = Field(None, max_digits=16, decimal_places=4)
    title: str | None = Field(None, min_length=1, max_length=200)
    description: str | None = Field(None, max_length=5000)
    category_id: UUID | None = None
    project_id: UUID | None = None
    account_id: UUID | None = None
    expense_date: date | None = None
    payment_method: PaymentMethod | None = None
    tags: list[TagName] | None = Field(None, max_length=MOST_TAGS)
    currency: Currency | None = None
    exchange_rate: Decimal | None = Field(None, gt=0, max_digits=21, decimal_places=12)
    account_amount: Decimal | None = Field(None, max_digits=16, decimal_places=4)
    tax_amount: Decimal | None = Field(
        None, max_digits=16, decimal_places=4, validation_alias=AliasChoices("tax_amount", "tax")
    )
    merchant: str | None = Field(None, max_length=200)
    reference: str | None = Field(None, max_length=100)
    billable: bool | None = None
    status: ExpenseStatus | None = None
    person_id: UUID | None = None


class ExpenseFilters(Query):
    """Which expenses: every filter that is named must fit."""

    date_from: date | None = None
    date_to: date | None = Field(None, description="This day included")
    category_id: UUID | Nothing | None = Field(None, description="With the categories below it; `none`: uncategorised")
    project_id: UUID | Nothing | None = None
    account_id: UUID | Nothing | None = None
    person_id: UUID | None = None
    status: ExpenseStatus | None = None
    tag: str | None = Field(None, max_length=50, description="A tag's name or id")
    amount_from: Decimal | None = Field(None, max_digits=16, decimal_places=4, description="In the company's currency")
    amount_to: Decimal | None = Field(None, max_digits=16, decimal_places=4)
    q: str | None = Field(
        None, max_length=200, description="Words (or their beginnings) of title, merchant, reference or description"
    )
    payment_method: PaymentMethod | None = None
    has_receipt: bool | None = None
    currency: Currency | None = None
    import_id: UUID | None = None

    def active(self) -> dict[str, Any]:
        """The filters that are in use, without those of the page."""
        names = ExpenseFilters.model_fields
        return {name: value for name in names if (value := getattr(self, name)) not in {None, ""}}


class ExpenseQuery(ExpenseFilters, ListQuery):
    """Which expenses, in which order, and which page of them."""

    sort: str = Field(
        "-expense_date", description="expense_date, amount or created_at; a minus in front turns it around"
    )
    fields: str | None = Field(None, max_length=500, description="Only these members, separated by commas")
    format: Literal["json", "csv", "xlsx"] = Field(
        "json", description="csv or xlsx: a file of all that fit, not of one page; needs the permission to export"
    )


class ExpenseOut(Schema):
    """An expense. Amounts are decimal strings; `base_amount` is in the company's currency."""

    id: UUID
    title: str
    description: str
    merchant: str
    reference: str
    amount: str
    currency: str
    base_amount: str
    base_currency: str
    exchange_rate: str
    rate_date: date | None
    rate_source: str
    account_amount: str
    account_currency: str
    tax_amount: str | None
    expense_date: date
    payment_method: PaymentMethod | None
    status: ExpenseStatus
    billable: bool
    category_id: UUID | None
    category: str | None
    project_id: UUID | None
    project: str | None
    account_id: UUID | None
    account: str | None
    person_id: UUID | None
    import_id: UUID | None
    tags: list[str]
    receipts: int
    version: int
    created_at: str
    updated_at: str
    deleted_at: str | None


class ExpenseWritten(ExpenseOut):
    """An expense after a change, with what should be known about it."""

    warnings: list[dict[str, Any]] = Field(default_factory=list)


class CurrencyTotal(Schema):
    """What the expenses of one currency come to."""

    currency: str
    count: int
    amount: str
    base_amount: str


class SummaryOut(Schema):
    """What the filtered expenses come to. `by_currency` is null when there are too many rows to add up in time."""

    count: int
    base_amount: str
    base_currency: str
    by_currency: list[CurrencyTotal] | None


class BulkIn(Schema):
    """One action for many expenses: those named, or all that fit the filter. All or nothing."""

    action: Literal[
        "set_category", "set_project", "set_account", "set_tags", "add_tags", "remove_tags", "set_status", "delete",
        "restore",
    ]  # fmt: skip
    ids: list[UUID] | None = Field(None, min_length=1, max_length=MOST_AT_ONCE)
    filter: ExpenseFilters | None = None
    category_id: UUID | None = None
    project_id: UUID | None = None
    account_id: UUID | None = None
    tags: list[TagName] = Field(default_factory=list, max_length=MOST_TAGS)
    status: ExpenseStatus | None = None


class BulkOut(Schema):
    """What a bulk action did."""

    changed: int
    warnings: list[dict[str, Any]] = Field(default_factory=list)


class TransitionIn(Schema):
    """What happens to an expense."""

    action: Literal["approve", "pay", "withdraw", "unpay"]


class BinQuery(ListQuery):
    """The expenses that were deleted in the last 30 days, the latest first."""
