"""What is read about the companies that bill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.customers.models import Company
from tracktok.customers.schemas.companies import CompanyQuery

SORTS = {"legal_name": sort_by(Company.legal_name), "created_at": sort_by(Company.created_at)}
_ONE = select(Company).where(Company.id == bindparam("company_id"))
_DEFAULT = select(Company).where(Company.is_default.is_(True))
_COLUMNS = tuple(column for column in Company.__table__.columns if column.name != "tenant_id")
_CHOICES = (
    select(Company.id, Company.legal_name, Company.is_default, Company.tax_regime, Company.gstin)
    .where(Company.is_archived.is_(False))
    .order_by(Company.is_default.desc(), func.lower(Company.legal_name))
)
_ANY = select(Company.id).limit(1)


def get_company(company_id: UUID, *, for_update: bool = False) -> Company:
    """A company that bills. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"company_id": company_id}, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such company.")
    return found


def find_default_company(*, for_update: bool = False) -> Company | None:
    """The company that bills where none is named; None until it is made (`services.default_company` makes it)."""
    statement = _DEFAULT.with_for_update() if for_update else _DEFAULT
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    return db.session.execute(statement, execution_options=options).scalar_one_or_none()


def list_companies(query: CompanyQuery) -> Page:
    """One page of companies."""
    statement = select(Company)
    if query.archived is not None:
        statement = statement.where(Company.is_archived == query.archived)
    if query.q:
        named = [
            column.icontains(query.q, autoescape=True)
            for column in (Company.legal_name, Company.trade_name, Company.gstin)
        ]
        statement = statement.where(or_(*named))
    columns = [getattr(Company, column.name) for column in _COLUMNS]
    return fetch_page(
        statement.with_only_columns(*columns), sorts=SORTS, id_column=Company.id, sort=query.sort,
        cursor=query.cursor, limit=query.limit,
    )  # fmt: skip


def company_choices() -> Sequence[Any]:
    """(id, legal_name, is_default, tax_regime, gstin) of the companies that may bill, the default first."""
    return db.session.execute(_CHOICES).all()


def has_companies() -> bool:
    """Whether any company is there."""
    return db.session.execute(_ANY).first() is not None
