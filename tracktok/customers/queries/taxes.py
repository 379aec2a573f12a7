"""What is read about tax rates: the rates, their periods, what they come to on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from tracktok.core.db import db
from tracktok.core.errors import Invalid, NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.core.tenancy import TENANT
from tracktok.customers.models import TaxRate, TaxRatePeriod
from tracktok.customers.schemas.catalog import TaxRateQuery
from tracktok.web.filters import format_day


class TaxOn(NamedTuple):
    """What a tax rate comes to on a day. `components` as in `TaxRatePeriod`, their percents as text."""

    tax_rate_id: UUID
    name: str
    regime: str
    is_archived: bool
    valid_from: date
    percent: Decimal
    cess_percent: Decimal
    cess_per_unit: Decimal
    components: list[dict[str, Any]]


COLUMNS = (
    TaxRate.id, TaxRate.name, TaxRate.regime, TaxRate.description, TaxRate.is_archived, TaxRate.version,
    TaxRate.created_at, TaxRate.updated_at,
)  # fmt: skip
SORTS = {"name": sort_by(TaxRate.name), "created_at": sort_by(TaxRate.created_at)}
_ONE = select(TaxRate).where(TaxRate.id == bindparam("tax_rate_id"))
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_ON = (
    select(
        TaxRate.id, TaxRate.name, TaxRate.regime, TaxRate.is_archived, TaxRatePeriod.valid_from, TaxRatePeriod.percent,
        TaxRatePeriod.cess_percent, TaxRatePeriod.cess_per_unit, TaxRatePeriod.components,
    )
    .join(
        TaxRatePeriod, and_(TaxRatePeriod.tenant_id == TaxRate.tenant_id, TaxRatePeriod.tax_rate_id == TaxRate.id)
    )
    .where(TaxRatePeriod.tenant_id == TENANT, TaxRatePeriod.valid_from <= bindparam("day", type_=Date))
    .ext(distinct_on(TaxRate.id))
    .order_by(TaxRate.id, TaxRatePeriod.valid_from.desc())
)  # fmt: skip
_ON_SOME = _ON.where(TaxRate.id == _IDS.any_())
_PERIODS = (
    select(TaxRatePeriod.__table__)
    .where(TaxRatePeriod.tenant_id == TENANT, TaxRatePeriod.tax_rate_id == _IDS.any_())
    .order_by(TaxRatePeriod.tax_rate_id, TaxRatePeriod.valid_from)
)
_ANY = select(TaxRate.id).limit(1)


def get_tax_rate(tax_rate_id: UUID, *, for_update: bool = False) -> TaxRate:
    """A tax rate. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"tax_rate_id": tax_rate_id}, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such tax rate.")
    return found


def list_tax_rates(query: TaxRateQuery) -> Page:
    """One page of tax rates."""
    statement = select(*COLUMNS)
    if query.archived is not None:
        statement = statement.where(TaxRate.is_archived == query.archived)
    if query.regime is not None:
        statement = statement.where(TaxRate.regime == query.regime)
    if query.q:
        statement = statement.where(TaxRate.name.icontains(query.q, autoescape=True))
    return fetch_page(
        statement, sorts=SORTS, id_column=TaxRate.id, sort=query.sort, cursor=query.cursor, limit=query.limit
    )


def taxes_on(ids: Iterable[UUID], day: date) -> dict[UUID, TaxOn]:
    """What tax rates come to on a day, by id; without those that are not there or have not begun."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    rows = db.session.execute(_ON_SOME, {"ids": wanted, "day": day})
    return {row.id: TaxOn(*row) for row in rows}


def tax_on(tax_rate_id: UUID, day: date) -> TaxOn:
    """What a tax rate comes to on a day. Raises Invalid at `tax_rate_id` for one that is not there or has not begun."""
    found = taxes_on([tax_rate_id], day).get(tax_rate_id)
    if found is not None:
        return found
    rate = db.session.execute(_ONE, {"tax_rate_id": tax_rate_id}).scalar_one_or_none()
    if rate is None:
        raise Invalid.at("tax_rate_id", "There is no such tax rate.", "not_found")
    raise Invalid.at("tax_rate_id", f"{rate.name} does not hold yet on {format_day(day)}.")


def all_taxes_on(day: date) -> Sequence[TaxOn]:
    """What every tax rate comes to on a day, by name; without those that have not begun."""
    return sorted((TaxOn(*row) for row in db.session.execute(_ON, {"day": day})), key=lambda one: one.name.lower())


def periods_of(ids: Iterable[UUID]) -> Mapping[UUID, list[Any]]:
    """The periods of tax rates, the earliest first."""
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in db.session.execute(_PERIODS, {"ids": list(ids)}):
        found[row.tax_rate_id].append(row)
    return found


def has_tax_rates() -> bool:
    """Whether any tax rate is there."""
    return db.session.execute(_ANY).first() is not None


_BY_NAME = select(TaxRate.id).where(func.lower(TaxRate.name) == bindparam("name"))


def find_tax_rate(name: str) -> UUID | None:
    """A tax rate by its name, whatever its case."""
    return db.session.execute(_BY_NAME, {"name": name.lower()}).scalar_one_or_none()
