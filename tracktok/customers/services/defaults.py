"""What a company finds for its billing when it begins: tax rates, service types, client types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update

from tracktok.audit.services import record
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.models import ClientType, ServiceType, TaxRate, TaxRatePeriod
from tracktok.customers.queries import groups, service_types, taxes
from tracktok.customers.rules import defaults as rules
from tracktok.customers.rules.states import INDIA


def make_defaults(country: str, currency: str) -> None:
    """Make what is not there yet of default tax rates, service types and client types."""
    indian = country == INDIA
    made: dict[str, int] = {}
    if not taxes.has_tax_rates():
        rates = rules.GST_RATES if indian else rules.rates_elsewhere(country)
        made["tax_rates"] = len(rates)
        ids = _make_rates(rates)
    else:
        ids = {}
    if not service_types.has_service_types():
        services = rules.TRANSPORT_SERVICES if indian else rules.PLAIN_SERVICES
        made["service_types"] = len(services)
        _make_services(services, ids, currency)
    if not groups.has_client_types():
        made["client_types"] = len(rules.CLIENT_TYPES)
        _insert(ClientType, [{"name": name, "description": about} for name, about in rules.CLIENT_TYPES])
    if any(made.values()):
        record("created", "companies", current_tenant_id(), label="Defaults of billing", after=made)


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    tenant_id = current_tenant_id()
    if rows:
        db.session.execute(insert(model.__table__), [{"tenant_id": tenant_id, "id": new_id(), **row} for row in rows])


def _make_rates(rates: Iterable[rules.DefaultRate]) -> dict[str, UUID]:
    ids = {rate.name: new_id() for rate in rates}
    _insert(
        TaxRate,
        [
            {"id": ids[rate.name], "name": rate.name, "regime": rate.regime, "description": rate.description}
            for rate in rates
        ],
    )
    periods = [
        {
            "tenant_id": current_tenant_id(),
            "tax_rate_id": ids[rate.name],
            "valid_from": since,
            "percent": percent,
            "components": [],
        }
        for rate in rates
        for since, percent in rate.periods
    ]
    if periods:
        db.session.execute(insert(TaxRatePeriod.__table__), periods)  # type: ignore[arg-type]
    return ids


def _make_services(services: Iterable[rules.DefaultService], rates: dict[str, UUID], currency: str) -> None:
    _insert(
        ServiceType,
        [
            {
                "name": one.name,
                "description": one.description,
                "hsn_sac": one.hsn_sac,
                "supply_kind": one.supply_kind,
                "unit": one.unit,
                "unit_price": 0,
                "currency": currency,
                "tax_rate_id": rates.get(one.rate),
            }
            for one in services
        ],
    )


def redenominate(before: str, after: str) -> None:
    """Service types without a price that were in one currency are in another."""
    db.session.execute(
        update(ServiceType)
        .where(ServiceType.currency == before, ServiceType.unit_price == 0)
        .values(currency=after, version=ServiceType.version + 1)
    )
