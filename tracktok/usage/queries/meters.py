"""Meters as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, bindparam, exists, func, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by, split_sort
from tracktok.core.prepared import Prepared
from tracktok.customers.models import Customer
from tracktok.usage.models import Meter, UsageEvent, UsageQuota
from tracktok.usage.schemas.meters import MeterQuery

SORTS = {"name": sort_by(Meter.name), "code": sort_by(Meter.code), "created_at": sort_by(Meter.created_at)}
COLUMNS = (
    Meter.id, Meter.code, Meter.name, Meter.description, Meter.unit, Meter.aggregation, Meter.unique_property,
    Meter.service_type_id, Meter.is_archived, Meter.version, Meter.created_at, Meter.updated_at,
)  # fmt: skip
_ONE = select(Meter).where(Meter.id == bindparam("meter_id"))
_WANTED = bindparam("customers", type_=ARRAY(Uuid()))
# With every event that is told: its meter, which of the customers named there are, and whether a quota may govern it.
_BY_CODE = Prepared(
    select(
        Meter.id, Meter.code, Meter.name, Meter.unit, Meter.aggregation, Meter.unique_property, Meter.is_archived,
        select(func.array_agg(Customer.id))
        .where(Customer.tenant_id == Meter.tenant_id, Customer.id == _WANTED.any_(), Customer.deleted_at.is_(None))
        .scalar_subquery()
        .label("customers"),
        exists(
            select(UsageQuota.id).where(UsageQuota.tenant_id == Meter.tenant_id, UsageQuota.meter_id == Meter.id)
        ).label("has_quotas"),
    ).where(Meter.code == bindparam("codes", type_=ARRAY(Text())).any_())
)  # fmt: skip
_BY_ID = select(*COLUMNS).where(Meter.id == bindparam("ids", type_=ARRAY(Uuid())).any_())
_CHOICES = select(*COLUMNS).where(~Meter.is_archived).order_by(Meter.name, Meter.id)
_USED = select(exists(select(UsageEvent.id).where(UsageEvent.meter_id == bindparam("meter_id"))))
_CODE_TAKEN = select(Meter.id).where(Meter.code == bindparam("code"))


def get_meter(meter_id: UUID, *, for_update: bool = False) -> Meter:
    """A meter. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"meter_id": meter_id}, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such meter.")
    return found


def by_codes(codes: Iterable[str], customers: Iterable[UUID] = ()) -> dict[str, Any]:
    """Meters by the codes that events name.

    Each row also says which of these customers there are (`customers`, or None), and whether there is a quota of the
    meter (`has_quotas`).
    """
    return {row.code: row for row in _BY_CODE.fetch({"codes": list(codes), "customers": list(customers)})}


def by_ids(ids: Iterable[UUID]) -> dict[UUID, Any]:
    """Meters by id."""
    return {row.id: row for row in db.session.execute(_BY_ID, {"ids": list(ids)})}


def choices() -> Sequence[Any]:
    """The meters that are in use, by name."""
    return db.session.execute(_CHOICES).all()


def is_code_taken(code: str) -> bool:
    """Whether a meter has this code."""
    return db.session.execute(_CODE_TAKEN, {"code": code}).first() is not None


def has_events(meter_id: UUID) -> bool:
    """Whether anything was recorded on a meter."""
    return bool(db.session.execute(_USED, {"meter_id": meter_id}).scalar_one())


@cache
def _list(sort: str, after: bool, archived: bool) -> Select[Any]:  # noqa: FBT001 - a shape
    statement = select(*COLUMNS).where(Meter.is_archived if archived else ~Meter.is_archived)
    return keyset(statement, sorts=SORTS, id_column=Meter.id, sort=sort, after=after)


def list_meters(query: MeterQuery) -> Page:
    """One page of meters."""
    parameters = page_parameters(sorts=SORTS, sort=query.sort, cursor=query.cursor, limit=query.limit)
    rows = db.session.execute(_list(query.sort, bool(query.cursor), query.archived), parameters).all()
    name, _ = split_sort(query.sort, SORTS)
    return make_page(rows, sort=query.sort, limit=query.limit, sort_key=name)
