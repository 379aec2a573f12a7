"""Usage as the API answers it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tracktok.core.money import format_amount, plain, round_amount
from tracktok.usage.queries.current import Current
from tracktok.usage.rules.pricing import Charge, Part
from tracktok.usage.services.recording import Candidate
from tracktok.web.api import instant


def part(one: Part) -> dict[str, Any]:
    """A part of a charge."""
    return {
        "label": one.label,
        "quantity": None if one.quantity is None else plain(one.quantity),
        "unit_price": None if one.unit_price is None else plain(one.unit_price),
        "per": one.per,
        "amount": plain(one.amount),
    }


def charge(found: Charge) -> dict[str, Any]:
    """A charge with its parts."""
    return {"amount": plain(found.amount), "breakdown": [part(one) for one in found.parts]}


def meter(row: Any) -> dict[str, Any]:
    """A meter."""
    plain_names = (
        "id", "code", "name", "description", "unit", "aggregation", "unique_property", "service_type_id",
        "is_archived", "version",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain_names},
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
    }


def usage(row: Any) -> dict[str, Any]:
    """A usage event."""
    return {
        "id": row.id,
        "event": row.code,
        "quantity": plain(row.quantity),
        "unit": row.unit,
        "user_id": row.user_id,
        "customer_id": row.customer_id,
        "timestamp": instant(row.occurred_at),
        "recorded_at": instant(row.recorded_at),
        "source": row.source,
        "event_id": row.event_id,
        "properties": row.properties,
    }


def recorded(one: Candidate) -> dict[str, Any]:
    """A usage event that was just recorded: as it would be read."""
    item = one.item
    return {
        "id": one.id,
        "event": one.meter.code,
        "quantity": plain(item.quantity),
        "unit": one.meter.unit,
        "user_id": item.user_id,
        "customer_id": item.customer_id,
        "timestamp": instant(one.at),
        "recorded_at": instant(one.recorded_at),
        "source": item.source,
        "event_id": one.event_id,
        "properties": item.properties,
    }


def quota(row: Any) -> dict[str, Any]:
    """A quota with its meter."""
    plain_names = ("id", "meter_id", "customer_id", "period", "percents", "quantities", "block", "version")
    return {
        **{name: getattr(row, name) for name in plain_names},
        "event": row.code,
        "limit": plain(row.limit_quantity),
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
    }


def price(row: Any) -> dict[str, Any]:
    """A price with its meter."""
    plain_names = (
        "id", "meter_id", "customer_id", "currency", "valid_from", "model", "config", "note", "version",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain_names},
        "event": row.code,
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
    }


def subscription(row: Any, meters: Sequence[UUID]) -> dict[str, Any]:
    """A subscription with its meters."""
    plain_names = (
        "id", "customer_id", "name", "currency", "period", "anchor_day", "anchor_month", "timezone", "start_date",
        "end_date", "prorate", "grace_hours", "finalize", "next_period", "problem", "version",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain_names},
        "meters": meters,
        "commitment": format_amount(row.commitment, row.currency),
        "cap": None if row.cap is None else format_amount(row.cap, row.currency),
        "next_bill_at": instant(row.next_bill_at),
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
    }


def current(now: Current) -> dict[str, Any]:
    """The present period of a subscription."""
    rated, currency = now.rated, now.rated.currency

    def amount(charge: Charge | None) -> str | None:
        return None if charge is None else format_amount(round_amount(charge.amount, currency), currency)

    return {
        "subscription_id": now.subscription.id,
        "period_start": rated.bounds.days.start,
        "period_end": rated.bounds.days.last,
        "currency": currency,
        "passed_percent": plain(now.passed_percent),
        "amount": None if rated.problem else format_amount(rated.amount, currency),
        "forecast_amount": None if rated.problem else format_amount(now.forecast_amount, currency),
        "lines": [
            {
                "meter_id": one.meter.id,
                "event": one.meter.code,
                "name": one.meter.name,
                "unit": one.meter.unit,
                "quantity": plain(one.usage.units),
                "amount": amount(one.charge),
                "breakdown": [part(each) for each in one.charge.parts] if one.charge else [],
                "forecast_quantity": plain((one.forecast_usage or one.usage).units),
                "forecast_amount": amount(one.forecast),
            }
            for one in rated.meters
        ],
    }
