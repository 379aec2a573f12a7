"""Which documents a list holds, and what they come to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from tracktok.web.api import ListQuery, Query, Schema

from .documents import Currency, DocumentRow


class DocumentFilters(Query):
    """Which documents: every filter that is named must fit."""

    q: str | None = Field(None, max_length=120, description="Part of the number, the reference or the customer's name")
    status: str | None = Field(None, max_length=20, description="A status, `open` (issued or part paid) or `overdue`")
    customer_id: UUID | None = None
    company_id: UUID | None = None
    date_from: date | None = None
    date_to: date | None = Field(None, description="This day included")
    due_from: date | None = None
    due_to: date | None = None
    amount_from: Decimal | None = Field(None, max_digits=16, decimal_places=4, description="Of the total")
    amount_to: Decimal | None = Field(None, max_digits=16, decimal_places=4)
    currency: Currency | None = None
    original_id: UUID | None = Field(None, description="Notes of an invoice, or the invoice of a quote")
    reminder: Literal["due"] | None = Field(
        None, description="`due`: a level of reminders has come for it that was not sent"
    )


class DocumentQuery(DocumentFilters, ListQuery):
    """Which documents, in which order, and which page of them."""

    sort: str = Field("-date", description="date, due_date, total, created_at; a minus in front turns it around")
    totals: bool = Field(False, description="1: with what all that fit come to, by currency")
    format: Literal["json", "csv", "xlsx"] = Field("json", description="csv or xlsx: a file of all that fit")


class CurrencyTotals(Schema):
    """What the documents of one currency come to."""

    currency: str
    count: int
    total: str
    amount_paid: str
    amount_due: str


class TotalsOut(Schema):
    """What the documents that fit come to."""

    count: int
    base_currency: str
    base_total: str
    by_currency: list[CurrencyTotals]


class DocumentListOut(Schema):
    """A page of documents."""

    object: Literal["list"] = "list"
    data: list[DocumentRow]
    has_more: bool
    next_cursor: str | None
    totals: TotalsOut | None = None
