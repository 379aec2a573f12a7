"""The routes /api/v1/number-patterns."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from flask import Response
from pydantic import Field

from tracktok.core.errors import Invalid
from tracktok.core.permissions import permits
from tracktok.customers.models import Company
from tracktok.customers.services import default_company
from tracktok.invoices import services
from tracktok.invoices.queries import parties
from tracktok.invoices.rules.numbering import DOCUMENT_PREFIXES, FIELDS
from tracktok.web.api import Api, Query, Schema, json_response

api = Api("number_patterns", __name__, prefix="/number-patterns", tag="Numbers")
Kind = Literal["invoice", "quote", "proforma", "credit_note", "debit_note", "receipt"]


class PatternQuery(Query):
    """Of which company."""

    company_id: UUID | None = Field(None, description="The default company when none is given")


class PatternIn(Schema):
    """How a company numbers its documents of a kind."""

    company_id: UUID | None = Field(None, description="The default company when none is given")
    kind: Kind
    pattern: str = Field(min_length=1, max_length=60, description=f"Text with fields: {', '.join(FIELDS)}")
    preview: bool = Field(False, description="Only say what the next number would be; keep nothing")


class PatternOut(Schema):
    """A pattern with the number that comes next."""

    company_id: UUID
    kind: Kind
    pattern: str
    is_default: bool
    next_number: str
    next_sequence: int
    fiscal_year: str
    remark: str


class PatternList(Schema):
    """The patterns of a company."""

    object: Literal["list"] = "list"
    data: list[PatternOut]
    has_more: bool
    next_cursor: str | None


def _company(company_id: UUID | None) -> Company:
    found = parties.find_company(company_id) if company_id else default_company()
    if found is None:
        raise Invalid.at("company_id", "There is no such company.", "not_found")
    return found


def _out(found: services.NumberPreview) -> dict[str, Any]:
    return {name: getattr(found, name) for name in PatternOut.model_fields}


def _today() -> date:
    return services.today()


@api.get("/", responses={200: PatternList})
@permits("invoices.read")
def list_patterns(query: PatternQuery) -> Response:
    """List how a company numbers each kind of document, with the numbers that come next."""
    company = _company(query.company_id)
    data = [_out(services.preview_number(company, kind, _today())) for kind in DOCUMENT_PREFIXES]
    return json_response({"object": "list", "data": data, "has_more": False, "next_cursor": None})


@api.put("/", responses={200: PatternOut})
@permits("companies.write")
def change(body: PatternIn) -> Response:
    """Give documents of a kind a pattern. The count goes on; a pattern that would collide is refused (409)."""
    company = _company(body.company_id)
    if body.preview:
        return json_response(_out(services.preview_number(company, body.kind, _today(), body.pattern)))
    return json_response(_out(services.change_pattern(company, body.kind, body.pattern, _today())))
