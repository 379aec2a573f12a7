"""What is read about service types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, bindparam, func, or_, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.customers.models import ServiceType, TaxRate
from tracktok.customers.schemas.catalog import ServiceTypeQuery

COLUMNS = (
    ServiceType.id, ServiceType.name, ServiceType.code, ServiceType.description, ServiceType.hsn_sac,
    ServiceType.supply_kind, ServiceType.unit, ServiceType.unit_price, ServiceType.currency, ServiceType.tax_rate_id,
    TaxRate.name.label("tax_rate"), ServiceType.book_account_id, ServiceType.is_archived, ServiceType.deleted_at,
    ServiceType.version, ServiceType.created_at, ServiceType.updated_at,
)  # fmt: skip
SORTS = {"name": sort_by(ServiceType.name), "created_at": sort_by(ServiceType.created_at)}
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_ONE = select(ServiceType).where(ServiceType.id == bindparam("service_type_id"))
_ROWS = select(*COLUMNS).outerjoin(
    TaxRate, and_(TaxRate.tenant_id == ServiceType.tenant_id, TaxRate.id == ServiceType.tax_rate_id)
)
_SOME = select(ServiceType).where(ServiceType.id == _IDS.any_(), ServiceType.deleted_at.is_(None))
_CHOICES = (
    select(ServiceType.id, ServiceType.name, ServiceType.code, ServiceType.unit, ServiceType.hsn_sac)
    .where(ServiceType.deleted_at.is_(None), ServiceType.is_archived.is_(False))
    .order_by(func.lower(ServiceType.name), ServiceType.id)
    .limit(1000)
)
_BIN = (
    select(ServiceType.id, ServiceType.name, ServiceType.code, ServiceType.deleted_at)
    .where(ServiceType.deleted_at >= bindparam("since"))
    .order_by(ServiceType.deleted_at.desc(), ServiceType.id)
)
_ANY = select(ServiceType.id).limit(1)


def get_service_type(service_type_id: UUID, *, for_update: bool = False, deleted: bool = False) -> ServiceType:
    """A service type; with `deleted` one from the bin. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    given = {"service_type_id": service_type_id}
    found = db.session.execute(statement, given, execution_options=options).scalar_one_or_none()
    if found is None or (found.deleted_at is not None) != deleted:
        raise NotFound("There is no such service type.")
    return found


def get_service_row(service_type_id: UUID) -> Any:
    """A live service type as a row of COLUMNS. Raises NotFound."""
    statement = _ROWS.where(ServiceType.id == service_type_id, ServiceType.deleted_at.is_(None))
    found = db.session.execute(statement).one_or_none()
    if found is None:
        raise NotFound("There is no such service type.")
    return found


def get_service_types(ids: Iterable[UUID]) -> dict[UUID, ServiceType]:
    """The live service types among these, by id."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    return {one.id: one for one in db.session.execute(_SOME, {"ids": wanted}).scalars()}


def list_service_types(query: ServiceTypeQuery) -> Page:
    """One page of service types."""
    statement = _ROWS.where(ServiceType.deleted_at.is_(None))
    if query.archived is not None:
        statement = statement.where(ServiceType.is_archived == query.archived)
    if query.supply_kind is not None:
        statement = statement.where(ServiceType.supply_kind == query.supply_kind.value)
    if query.tax_rate_id is not None:
        statement = statement.where(ServiceType.tax_rate_id == query.tax_rate_id)
    if query.q:
        named = [
            column.icontains(query.q, autoescape=True)
            for column in (ServiceType.name, ServiceType.code, ServiceType.hsn_sac)
        ]
        statement = statement.where(or_(*named))
    return fetch_page(
        statement, sorts=SORTS, id_column=ServiceType.id, sort=query.sort, cursor=query.cursor, limit=query.limit
    )


def service_choices() -> Sequence[Any]:
    """(id, name, code, unit, hsn_sac) of the service types that may be sold."""
    return db.session.execute(_CHOICES).all()


def deleted_service_types(since: datetime) -> Sequence[Any]:
    """What was put into the bin since an instant, the latest first."""
    return db.session.execute(_BIN, {"since": since}).all()


def has_service_types() -> bool:
    """Whether any service type is there, deleted or not."""
    return db.session.execute(_ANY).first() is not None
