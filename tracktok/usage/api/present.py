"""Usage as the API answers it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tracktok.usage.rules.pricing import Charge, Part
from tracktok.web.api import instant


def plain(value: Decimal) -> str:
    """A number without noughts behind it and without an exponent."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


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
