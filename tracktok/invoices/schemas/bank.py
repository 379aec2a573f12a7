"""Bank statements, their lines and what they are matched with, in and out."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from flask_openapi import FileStorage
from pydantic import ConfigDict, Field, field_validator, model_validator

from tracktok.web.api import ListQuery, Query, Schema

from .receipts import Amount

MOST_DOCUMENTS = 50
Order = Literal["DMY", "MDY", "YMD", "serial"]


class BankStatementUpload(Schema):
    """A file of a bank, and the account that it is of."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    file: FileStorage = Field(
        description="OFX or QFX, CAMT.053, MT940, QIF or a table (CSV, XLSX, XLS), up to 10 MB; the content decides"
    )
    account_id: UUID
    bank_account: str | None = Field(
        None, max_length=60, description="Which account of the file, as the bank calls it, when the file has several"
    )
    date_order: Order | None = Field(
        None, description="For QIF and tables, when the dates can be read in more than one way"
    )
    mapping: dict[str, str | None] | None = Field(
        None,
        description='For tables: which column holds what, such as {"booked_on": "Txn Date", "amount": "Amount"}.'
        " Without it, as last time for this account and these headers, else as the headers say",
    )
    decimal: Literal[".", ","] | None = Field(None, description="For tables, when the amounts do not show it")
    header_row: int | None = Field(None, ge=0, le=1000, description="For tables: the row of the header, 0 for none")
    delimiter: Literal[",", ";", "\t", "|"] | None = Field(None, description="For CSV, when it is found wrongly")
    sheet: str | None = Field(None, max_length=100, description="For workbooks")

    @field_validator("bank_account", "sheet", mode="before")
    @classmethod
    def _digits_are_text(cls, value: Any) -> Any:
        """Fields of a form are read as JSON where they are: a number of digits arrives as a number."""
        return str(value) if isinstance(value, int) else value


class PaidDocument(Schema):
    """A document that a line pays, and how much of it."""

    id: UUID
    amount: Amount | None = Field(None, description="All that is due, or all that is left of the line, if none")


class BankMatchIn(Schema):
    """What a line is: a payment of documents, money of a customer that pays nothing yet, or a receipt of before."""

    documents: list[PaidDocument] = Field(default_factory=list, max_length=MOST_DOCUMENTS)
    customer_id: UUID | None = Field(None, description="Whose money it is; needed when no document is named")
    receipt_id: UUID | None = Field(
        None, description="The receipt that was recorded already; nothing else is named then, and none is made"
    )

    @model_validator(mode="after")
    def _something_is_named(self) -> BankMatchIn:
        ids = [one.id for one in self.documents]
        if len(ids) != len(set(ids)):
            raise ValueError("Name each document once.")
        if self.receipt_id is not None:
            if ids or self.customer_id is not None:
                raise ValueError("A receipt says by itself what it paid and whose it is: name nothing else.")
        elif not ids and self.customer_id is None:
            raise ValueError("Name documents, a customer, or a receipt.")
        return self


class BankStatementQuery(ListQuery):
    """Which statements."""

    account_id: UUID | None = None
    sort: str = Field("-created_at", description="created_at; a minus in front turns it around")


class BankLineFilters(Query):
    """Which lines: every filter that is named must fit."""

    q: str | None = Field(None, max_length=120, description="Part of the name, the reference or the description")
    status: Literal["open", "matched", "ignored"] | None = None
    direction: Literal["in", "out"] | None = Field(None, description="Money that came in, or went out")
    account_id: UUID | None = None
    statement_id: UUID | None = None
    date_from: date | None = None
    date_to: date | None = Field(None, description="This day included")


class BankLineQuery(BankLineFilters, ListQuery):
    """Which lines, in which order, and which page of them."""

    sort: str = Field("-date", description="date; a minus in front turns it around")


class BankStatementOut(Schema):
    """A statement that was read."""

    id: UUID
    account_id: UUID
    account_name: str
    file_id: UUID
    format: str
    bank_account: str
    period_start: date | None
    period_end: date | None
    opening_balance: str | None
    closing_balance: str | None
    currency: str
    lines: int
    repeated: int
    created_at: str | None


class BankColumnOut(Schema):
    """A column of a table, and what is in it."""

    name: str
    type: str
    filled: int
    samples: list[str]


class BankQuestionOut(Schema):
    """What a table does not say by itself."""

    option: str
    text: str
    choices: list[dict[str, str]]
    suggestion: str


class BankProblemOut(Schema):
    """A row that cannot be read."""

    row: int
    detail: str


class BankSampleOut(Schema):
    """A line as it would be kept."""

    booked_on: date
    amount: str
    counterparty: str
    reference: str
    description: str


class BankTableOut(Schema):
    """How a table is read: its columns, what each is taken for and why, what is open, and the first lines."""

    format: str
    columns: list[BankColumnOut]
    mapping: dict[str, str]
    mapped_by: str = Field(description="`given`, `remembered` or `headers`")
    date_order: str | None
    decimal: str | None
    header_row: int
    rows: int
    notes: list[str]
    questions: list[BankQuestionOut]
    lines: int
    skipped: int
    sample: list[BankSampleOut]
    problems: list[BankProblemOut]


class BankReadOut(Schema):
    """What came of a file: the statements that brought something new, and for tables how it was read."""

    statements: list[BankStatementOut]
    added: int
    repeated: int
    skipped: int
    notes: list[str]
    table: BankTableOut | None = None


class BankLineOut(Schema):
    """A line of a statement."""

    id: UUID
    statement_id: UUID
    account_id: UUID
    account_name: str
    booked_on: date
    amount: str
    currency: str
    counterparty: str
    reference: str
    description: str
    external_id: str
    status: str
    receipt_id: UUID | None
    receipt_number: str | None
    is_linked: bool = Field(description="Whether the receipt was there before the match")
    customer_name: str | None
    version: int


class SuggestedDocument(Schema):
    """A document that a line may pay."""

    id: UUID
    number: str
    amount_due: str
    due_date: date


class BankSuggestionOut(Schema):
    """Documents of one customer that a line may pay, and why."""

    score: int
    why: list[str]
    customer_id: UUID
    customer_name: str
    documents: list[SuggestedDocument]


class BankReceiptSuggestionOut(Schema):
    """A receipt that is recorded already and that a line may be, and why."""

    score: int
    why: list[str]
    receipt_id: UUID
    number: str
    receipt_date: date
    amount: str
    currency: str
    customer_id: UUID
    customer_name: str


class BankSuggestionsOut(Schema):
    """The best suggestions first: what a line may pay, and the receipts that it may be already."""

    object: Literal["list"] = "list"
    data: list[BankSuggestionOut]
    receipts: list[BankReceiptSuggestionOut]
    has_more: bool = False
    next_cursor: str | None = None
