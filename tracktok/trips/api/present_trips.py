"""Trips as the API answers them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tracktok.core.money import format_amount
from tracktok.trips.queries.trips import Summary
from tracktok.trips.rules.cards import plain
from tracktok.trips.rules.priced import part_json
from tracktok.trips.rules.rating import parts_of
from tracktok.trips.rules.trips import shown_id
from tracktok.trips.services.rerating import Rerated, WhatIf
from tracktok.trips.services.trips import Item
from tracktok.web.api import instant

_SAME = (
    "id", "vendor_id", "vendor", "trip_date", "timezone", "type", "status", "vehicle", "vehicle_class", "driver",
    "employees", "route", "origin", "destination", "site", "customer_id", "project_id", "waiting_minutes",
    "late_minutes", "passengers", "escort", "notes", "currency", "period", "version",
)  # fmt: skip


def trip(row: Any) -> dict[str, Any]:
    """A row of a list, or one trip with its price."""
    told = row.currency

    def money(amount: Decimal | None) -> str | None:
        return None if amount is None or told is None else format_amount(amount, told)

    return {
        **{name: getattr(row, name) for name in _SAME},
        "external_id": shown_id(row.external_id),
        "started_at": instant(row.started_at),
        "ended_at": instant(row.ended_at),
        "distance_km": plain(row.distance_km),
        "odometer_start": _number(row.odometer_start),
        "odometer_end": _number(row.odometer_end),
        "dead_km": plain(row.dead_km),
        "tolls": plain(row.tolls),
        "parking": plain(row.parking),
        "billed_amount": _number(row.billed_amount),
        "amount": money(row.amount),
        "tax": money(row.tax),
        "total": money(row.total),
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def charge(row: Any) -> dict[str, Any]:
    """A billing row with its trace."""
    return {
        **{name: getattr(row, name) for name in ("id", "version_id", "period", "currency", "reason")},
        **{name: format_amount(getattr(row, name), row.currency) for name in ("amount", "tax", "total")},
        "parts": [part_json(part, row.currency) for part in parts_of(row.trace)],
        "created_at": instant(row.created_at),
        "superseded_at": instant(row.superseded_at),
    }


def item(place: int, one: Item) -> dict[str, Any]:
    """What became of one trip of a batch."""
    return {
        "index": place,
        "status": one.status,
        "id": one.id,
        "errors": [{"pointer": error.pointer, "code": error.code, "detail": error.detail} for error in one.errors],
    }


def summary(found: Summary) -> dict[str, Any]:
    """Totals of what fits."""
    return {
        "trips": found.trips,
        "priced": found.priced,
        "distance_km": None if found.distance_km is None else plain(found.distance_km),
        "totals": [
            {
                "currency": one.currency,
                "trips": one.trips,
                **{name: format_amount(getattr(one, name), one.currency) for name in ("amount", "tax", "total")},
            }
            for one in found.totals
        ],
    }


def what_if(found: WhatIf) -> dict[str, Any]:
    """A comparison with another card."""
    return {
        "trips": found.trips,
        "changed": found.changed,
        "totals": [
            {
                "currency": one.currency,
                **{name: format_amount(getattr(one, name), one.currency) for name in ("now", "then", "difference")},
            }
            for one in found.totals
        ],
        "differences": [
            {
                **{name: getattr(one, name) for name in ("trip_id", "trip_date", "currency")},
                "external_id": shown_id(one.external_id),
                "now": None if one.now is None else format_amount(one.now, one.currency),
                "then": None if one.then is None else format_amount(one.then, one.currency),
                "difference": format_amount(one.difference, one.currency),
            }
            for one in found.differences
        ],
    }


def rerated(done: Rerated) -> dict[str, Any]:
    """What pricing again did, or the job that does it."""
    return {
        "trips": done.trips,
        "superseded": done.superseded,
        "adjusted": done.adjusted,
        "job_id": done.job_id,
        "status_url": f"/api/v1/jobs/{done.job_id}" if done.job_id else None,
    }
