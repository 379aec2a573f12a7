"""Numbers that were given, and the patterns they were made by."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Date, Text, Uuid, bindparam, func, select

from tracktok.core.db import db
from tracktok.core.tenancy import TENANT
from tracktok.invoices.models import NumberPattern, NumberSeries, Receipt, SalesDocument

_COMPANY, _KIND = bindparam("company_id", type_=Uuid()), bindparam("kind", type_=Text())
_YEAR, _NUMBER = bindparam("fiscal_year", type_=Date()), bindparam("number", type_=Text())
_PATTERN = select(NumberPattern).where(NumberPattern.company_id == _COMPANY, NumberPattern.kind == _KIND)
_LAST = select(NumberSeries.last_value).where(
    NumberSeries.tenant_id == TENANT,
    NumberSeries.company_id == _COMPANY,
    NumberSeries.kind == _KIND,
    NumberSeries.fiscal_year == _YEAR,
)
_TAKEN = {
    False: select(SalesDocument.id).where(
        SalesDocument.company_id == _COMPANY,
        SalesDocument.fiscal_year == _YEAR,
        func.upper(SalesDocument.number) == func.upper(_NUMBER),
        SalesDocument.number.is_not(None),
    ),
    True: select(Receipt.id).where(
        Receipt.company_id == _COMPANY, Receipt.fiscal_year == _YEAR, func.upper(Receipt.number) == func.upper(_NUMBER)
    ),
}


def find_pattern(company_id: UUID, kind: str, *, for_update: bool = False) -> NumberPattern | None:
    """The pattern that a company gave its documents of a kind, or None."""
    statement = _PATTERN.with_for_update() if for_update else _PATTERN
    return db.session.execute(statement, {"company_id": company_id, "kind": kind}).scalar_one_or_none()


def last_value(company_id: UUID, kind: str, fiscal_year: date) -> int:
    """The last sequence that was given in a fiscal year; 0 before the first."""
    values = {"company_id": company_id, "kind": kind, "fiscal_year": fiscal_year}
    return db.session.execute(_LAST, values).scalar_one_or_none() or 0


def is_taken(company_id: UUID, fiscal_year: date, number: str, *, receipts: bool = False) -> bool:
    """Whether a document (or receipt) of a company and fiscal year has this number, whatever the case."""
    values = {"company_id": company_id, "fiscal_year": fiscal_year, "number": number}
    return db.session.execute(_TAKEN[receipts], values).first() is not None
