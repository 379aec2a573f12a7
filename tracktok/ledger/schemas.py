"""The books in and out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field, model_validator

from tracktok.web.api import ListQuery, Query, Schema

from .models import BookType

Day = date


class BookAccountIn(Schema):
    """An account to add to the chart."""

    name: str = Field(min_length=1, max_length=120, examples=["Security deposits"])
    type: BookType
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$", description="For an account that holds one currency")


class BookAccountPatch(Schema):
    """What to change of an account of the books."""

    name: str | None = Field(None, min_length=1, max_length=120)
    is_archived: bool | None = None


class BookAccountQuery(ListQuery):
    """Which accounts of the chart."""

    type: BookType | None = None
    archived: bool | None = Field(None, description="Only archived ones, or only those in use")
    sort: Literal["code", "-code", "name", "-name"] = "code"


class BookAccountOut(Schema):
    """An account of the books. Balances are debits minus credits."""

    object: Literal["book_account"] = "book_account"
    id: UUID
    code: str
    name: str
    type: BookType
    role: str | None = Field(description="What TrackTok posts to it by itself, such as `payables`")
    currency: str | None = Field(description="The one currency that the account holds; null where it holds any")
    is_archived: bool
    balance: str = Field(description="In the account's currency, or in the company's where it holds any")
    base_balance: str = Field(description="In the company's currency")
    base_currency: str
    version: int


class BookAccountList(Schema):
    """A page of the chart."""

    object: Literal["list"] = "list"
    data: list[BookAccountOut]
    has_more: bool
    next_cursor: str | None


class EntryQuery(ListQuery):
    """Which entries."""

    date_from: date | None = None
    date_to: date | None = None
    kind: str | None = Field(None, max_length=40, examples=["expense"])
    source: str | None = Field(None, max_length=40, examples=["expense"])
    source_id: UUID | None = None
    account_id: UUID | None = Field(None, description="With a line on this account of the books")
    sort: Literal["entry_date", "-entry_date"] = "-entry_date"


class EntryLine(Schema):
    """One side of an entry: debits are positive, credits negative."""

    line_number: int
    book_account_id: UUID
    code: str
    name: str
    currency: str
    amount: str
    base_amount: str
    items: int = Field(description="How many documents the line stands for")
    category_id: UUID | None
    project_id: UUID | None
    account_id: UUID | None
    vendor_id: UUID | None
    customer_id: UUID | None


class EntryOut(Schema):
    """A balanced entry. Entries are never changed: a reversal takes one back."""

    object: Literal["ledger_entry"] = "ledger_entry"
    id: UUID
    number: int
    entry_date: date
    kind: str
    source: str
    source_id: UUID
    memo: str
    amount: str = Field(description="The sum of its debits, in the company's currency")
    currency: str
    reverses_id: UUID | None
    created_at: datetime


class EntryWithLines(EntryOut):
    """An entry with its lines."""

    reversed_by_id: UUID | None
    lines: list[EntryLine]


class EntryList(Schema):
    """A page of the journal."""

    object: Literal["list"] = "list"
    data: list[EntryOut]
    has_more: bool
    next_cursor: str | None


class TrialQuery(Query):
    """Which days; the running fiscal year when none are given."""

    date_from: date | None = Field(None, ge=date(1900, 1, 1), le=date(2200, 12, 31))
    date_to: date | None = Field(None, ge=date(1900, 1, 1), le=date(2200, 12, 31))
    unused: bool = Field(False, description="Also accounts with nothing on them")

    @model_validator(mode="after")
    def _in_order(self) -> TrialQuery:
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise ValueError("The range ends before it begins.")
        return self


class TrialRowOut(Schema):
    """An account in the trial balance."""

    id: UUID
    code: str
    name: str
    type: BookType
    opening: str
    debit: str
    credit: str
    closing: str


class TrialBalanceOut(Schema):
    """What was on every account before, what moved, and what is there after; debits equal credits."""

    object: Literal["trial_balance"] = "trial_balance"
    date_from: date
    date_to: date
    currency: str
    rows: list[TrialRowOut]
    debit: str
    credit: str


class RateQuery(Query):
    """Which rate."""

    source: str = Field(alias="from", pattern=r"^[A-Z]{3}$", examples=["USD"])
    target: str = Field(alias="to", pattern=r"^[A-Z]{3}$", examples=["INR"])
    day: date | None = Field(None, alias="date", description="Today when none is given")


class RateOut(Schema):
    """How many units of `to` one unit of `from` is worth."""

    object: Literal["exchange_rate"] = "exchange_rate"
    from_currency: str = Field(alias="from")
    to_currency: str = Field(alias="to")
    date: Day
    rate: str
    rate_date: Day = Field(description="The day of publication: the last one on or before `date`")
    source: str
