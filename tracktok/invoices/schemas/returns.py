"""Returns and e-invoices in and out."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, field_validator

from tracktok.web.api import Query, Schema


class ReturnQuery(Query):
    """Which return."""

    month: date = Field(description="The month, as 2026-11", examples=["2026-11"])
    company_id: UUID | None = Field(None, description="Of this company; the default one without it")
    format: Literal["json", "portal", "xlsx"] = Field(
        "json", description="json: to read; portal: the file for the GST portal; xlsx: a sheet for each section"
    )

    @field_validator("month", mode="before")
    @classmethod
    def _first_day(cls, given: Any) -> Any:
        if isinstance(given, str) and len(given) == 7:
            return f"{given}-01"
        return given

    @field_validator("month")
    @classmethod
    def _of_the_month(cls, given: date) -> date:
        if not 2017 <= given.year <= 2199:
            raise ValueError("GST began in July 2017.")
        return given.replace(day=1)


class RefusedOut(Schema):
    """A document that the portal would refuse."""

    document_id: UUID
    number: str
    reason: str


class ReturnOut(Schema):
    """GSTR-1 of a month. Sections are lists of rows; amounts are decimal strings in rupees."""

    gstin: str
    month: str
    sections: dict[str, list[dict[str, Any]]]
    totals: dict[str, str] = Field(description="taxable, igst, cgst, sgst, cess: of all documents, notes taken off")
    refused: list[RefusedOut]


class IrnIn(Schema):
    """What the invoice registration portal answered."""

    irn: str = Field(min_length=64, max_length=64)
    ack_number: str = Field("", max_length=30)
    ack_date: str = Field("", max_length=30)
    signed_qr: str = Field("", max_length=4000, description="The signed QR code's text, a JWT")


class AnswerForm(Schema):
    """The portal's answer as it is pasted into the form."""

    answer: str = Field(min_length=1, max_length=40_000, title="The portal's answer")
