"""Service types and tax rates: made, changed, deleted, brought back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select

from tracktok.audit.services import record
from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import FieldError, Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.models import ServiceType, SupplyKind, TaxRate, TaxRatePeriod, TaxRegime
from tracktok.customers.queries import taxes as tax_queries
from tracktok.customers.rules.catalog import LARGEST_PERCENT, TaxPart, hsn_sac_problem, part_code, percent_of
from tracktok.customers.rules.defaults import GST_BEGAN
from tracktok.customers.schemas.catalog import (
    ServiceTypeIn,
    TaxPeriodIn,
    TaxRateIn,
    TaxRatePatch,
)
from tracktok.customers.signals import service_type_deleting
from tracktok.ledger.models import BookAccount, BookType

from .companies import default_company
from .refusals import InUse, NameTaken, deleting, judged_by

DAYS_IN_BIN = 30
_SERVICE = {"uq_service_types_name": lambda: NameTaken("service type")}
_RATE = {"uq_tax_rates_name": lambda: NameTaken("tax rate")}
_PERIODS = TaxRatePeriod.__table__


# Service types -----------------------------------------------------------------------------------------------------


def create_service_type(body: ServiceTypeIn) -> ServiceType:
    """Make a service type. Raises NameTaken (409), Invalid (422)."""
    return _write_service(ServiceType(id=new_id()), body)


def change_service_type(service: ServiceType, body: ServiceTypeIn) -> ServiceType:
    """Change a service type, locked by the caller, as a whole."""
    return _write_service(service, body)


def patch_service_type(service: ServiceType, named: dict[str, Any]) -> ServiceType:
    """Change what is named of a service type."""
    values = {name: getattr(service, name) for name in ServiceTypeIn.model_fields}
    return _write_service(service, ServiceTypeIn.model_validate({**values, **named}))


def _write_service(service: ServiceType, body: ServiceTypeIn) -> ServiceType:
    _check_service(service, body)
    with judged_by(_SERVICE):
        for name, value in body:
            setattr(service, name, getattr(value, "value", value))
        service.currency = body.currency or preferences().currency
        db.session.add(service)
    db.session.refresh(service)
    return service


def _check_service(service: ServiceType, body: ServiceTypeIn) -> None:
    errors = []
    if problem := hsn_sac_problem(body.hsn_sac, goods=body.supply_kind == SupplyKind.goods):
        errors.append(FieldError("/hsn_sac", "invalid", problem))
    if body.tax_rate_id is not None and body.tax_rate_id != service.tax_rate_id:
        rate = select(TaxRate.id).where(TaxRate.id == body.tax_rate_id, TaxRate.is_archived.is_(False))
        if db.session.execute(rate).first() is None:
            errors.append(FieldError("/tax_rate_id", "not_found", "There is no such tax rate."))
    if body.book_account_id is not None and body.book_account_id != service.book_account_id:
        book = select(BookAccount.type).where(BookAccount.id == body.book_account_id)
        found = db.session.execute(book).scalar_one_or_none()
        if found is None:
            errors.append(FieldError("/book_account_id", "not_found", "There is no such account of the books."))
        elif found != BookType.income:
            errors.append(FieldError("/book_account_id", "invalid", "Choose an income account."))
    if errors:
        raise Invalid(errors[0].detail, errors=errors)
    same = select(ServiceType.id).where(
        func.lower(ServiceType.name) == body.name.lower(),
        ServiceType.deleted_at.is_(None),
        ServiceType.id != service.id,
    )
    if db.session.execute(same).first() is not None:
        raise NameTaken("service type")


def delete_service_type(service: ServiceType) -> None:
    """Put a service type, locked by the caller, into the bin for 30 days. Documents keep what they say of it."""
    service_type_deleting.send(service, service_type=service)
    service.deleted_at = clock.now()
    db.session.flush()


def restore_service_type(service: ServiceType) -> ServiceType:
    """Take a service type out of the bin. Raises NotFound after 30 days, NameTaken when its name is in use again."""
    if service.deleted_at is not None and service.deleted_at < clock.now() - timedelta(days=DAYS_IN_BIN):
        raise NotFound("There is no such service type.")
    with judged_by(_SERVICE):
        service.deleted_at = None
    db.session.refresh(service)
    return service


# Tax rates ---------------------------------------------------------------------------------------------------------


def create_tax_rate(body: TaxRateIn) -> TaxRate:
    """Make a tax rate. Raises NameTaken (409), Invalid (422)."""
    regime = body.regime or _usual_regime()
    rate = TaxRate(id=new_id(), regime=regime)
    _write_rate(rate, body)
    _write_periods(rate, _periods_in(body, regime))
    return rate


def change_tax_rate(rate: TaxRate, body: TaxRateIn) -> TaxRate:
    """Change a tax rate, locked by the caller, as a whole. Its regime stays what it is."""
    if body.regime is not None and body.regime != rate.regime:
        raise Invalid.at("regime", "The regime of a rate is fixed; make another rate.")
    _write_rate(rate, body)
    _write_periods(rate, _periods_in(body, rate.regime))
    db.session.refresh(rate)
    return rate


def patch_tax_rate(rate: TaxRate, body: TaxRatePatch) -> TaxRate:
    """Change what is named of a tax rate."""
    named = body.model_dump(include={"name", "description", "is_archived"}, exclude_unset=True, exclude_none=True)
    for name, value in named.items():
        setattr(rate, name, value)
    _check_rate_name(rate.name, rate.id)
    with judged_by(_RATE):
        db.session.add(rate)
    if body.periods is not None:
        _write_periods(rate, body.periods)
    db.session.refresh(rate)
    return rate


def _usual_regime() -> str:
    return TaxRegime.gst if default_company().country == "IN" else TaxRegime.generic


def _periods_in(body: TaxRateIn, regime: str) -> Sequence[TaxPeriodIn]:
    if body.periods is not None:
        return body.periods
    began = GST_BEGAN if regime == TaxRegime.gst else GST_BEGAN.replace(year=2000, month=1)
    return [TaxPeriodIn(valid_from=body.valid_from or began, percent=body.percent)]


def _check_rate_name(name: str, itself: UUID) -> None:
    same = select(TaxRate.id).where(func.lower(TaxRate.name) == name.lower(), TaxRate.id != itself)
    if db.session.execute(same).first() is not None:
        raise NameTaken("tax rate")


def _write_rate(rate: TaxRate, body: TaxRateIn) -> None:
    _check_rate_name(body.name, rate.id)
    with judged_by(_RATE):
        rate.name, rate.description, rate.is_archived = body.name, body.description, body.is_archived
        db.session.add(rate)
    db.session.refresh(rate)


def _write_periods(rate: TaxRate, periods: Sequence[TaxPeriodIn]) -> None:
    """Replace the periods of a rate. Documents keep the percent that they were issued with."""
    rows = sorted((_period(rate, one, number) for number, one in enumerate(periods)), key=lambda row: row["valid_from"])
    for number, (one, following) in enumerate(pairwise(rows)):
        if one["valid_from"] == following["valid_from"]:
            raise Invalid.at(f"periods/{number + 1}/valid_from", "Two periods begin on the same day.")
    before = [_told(row) for row in tax_queries.periods_of([rate.id]).get(rate.id, [])]
    after = [_told_values(row) for row in rows]
    if before == after:
        return
    mine = (_PERIODS.c.tenant_id == current_tenant_id()) & (_PERIODS.c.tax_rate_id == rate.id)
    db.session.execute(delete(_PERIODS).where(mine))  # type: ignore[arg-type]
    db.session.execute(insert(_PERIODS), rows)  # type: ignore[arg-type]
    if before:
        record("updated", "tax_rates", rate.id, rate.name, before={"periods": before}, after={"periods": after})


def _told(row: Any) -> str:
    return _told_values(row._mapping)  # noqa: SLF001


def _told_values(row: Any) -> str:
    text = f"{row['valid_from'].isoformat()}: {row['percent'].normalize():f} %"
    if row["cess_percent"]:
        text += f" + {row['cess_percent'].normalize():f} % cess"
    if row["cess_per_unit"]:
        text += f" + {row['cess_per_unit'].normalize():f} cess per unit"
    parts = ", ".join(f"{part['label']} {part['percent']}" for part in row["components"])
    return f"{text} ({parts})" if parts else text


def _period(rate: TaxRate, body: TaxPeriodIn, number: int) -> dict[str, Any]:
    at = f"periods/{number}"
    parts: list[TaxPart] = []
    if body.components and rate.regime == TaxRegime.gst:
        raise Invalid.at(f"{at}/components", "GST is split into its parts by itself; give the percent alone.")
    if (body.cess_percent or body.cess_per_unit) and rate.regime != TaxRegime.gst:
        raise Invalid.at(f"{at}/cess_percent", "Cess belongs to GST; name a further component instead.")
    for one in body.components:
        code = part_code(one.code or one.label, [part.code for part in parts])
        parts.append(TaxPart(code, one.label, one.percent, one.compound))
    percent = percent_of(parts) if parts else body.percent
    if percent is None or percent > LARGEST_PERCENT:
        raise Invalid.at(f"{at}/percent", "Give a percentage from 0 to 1,000.")
    if parts and body.percent is not None and body.percent != percent:
        raise Invalid.at(f"{at}/percent", f"The components come to {percent.normalize():f} %; leave the percent out.")
    return {
        "tenant_id": current_tenant_id(),
        "tax_rate_id": rate.id,
        "valid_from": body.valid_from,
        "percent": percent,
        "cess_percent": body.cess_percent,
        "cess_per_unit": body.cess_per_unit,
        "components": [
            {
                "code": part.code,
                "label": part.label,
                "percent": format(part.percent.normalize(), "f"),
                "compound": part.compound,
            }
            for part in parts
        ],
    }


def delete_tax_rate(rate: TaxRate) -> None:
    """Delete a tax rate that nothing uses. Raises InUse (409): archive it instead."""
    with deleting(InUse("Service types or documents use this rate. Archive it instead.")):
        db.session.delete(rate)
