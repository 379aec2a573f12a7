"""Rows as the API answers them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from tracktok.core.money import format_amount
from tracktok.customers.rules.states import state_name
from tracktok.trips.models import RateCardVersion
from tracktok.trips.rules.incentives import Incentive
from tracktok.trips.rules.priced import part_json
from tracktok.trips.services.pricing import Priced
from tracktok.web.api import instant

_VENDOR = (
    "id", "name", "code", "billing_model", "email", "phone", "gstin", "pan", "tax_id", "state_code", "address_line1",
    "address_line2", "city", "postal_code", "country", "bank_name", "bank_account_name", "bank_account_number",
    "bank_ifsc", "bank_swift", "upi_id", "currency", "payment_terms_days", "notes", "import_id", "is_archived",
)  # fmt: skip
_CONTACT = ("id", "name", "role", "email", "phone", "gets_statements")
_CARD = (
    "id", "vendor_id", "vendor", "name", "billing_model", "currency", "vehicle_class", "trip_type", "project_id",
    "is_archived",
)  # fmt: skip
_RULE = (
    "id", "name", "measure", "period", "currency", "trip_type", "project_id", "valid_from", "valid_to", "is_archived",
)  # fmt: skip


def stamps(row: Any) -> dict[str, Any]:
    """The members that everything has which can be changed."""
    return {"version": row.version, "created_at": instant(row.created_at), "updated_at": instant(row.updated_at)}


def vendor(row: Any) -> dict[str, Any]:
    """A vendor of a list."""
    return {**{name: getattr(row, name) for name in _VENDOR}, "state": state_name(row.state_code), **stamps(row)}


def contact(row: Any) -> dict[str, Any]:
    """A person at a vendor."""
    return {**{name: getattr(row, name) for name in _CONTACT}, "created_at": instant(row.created_at)}


def paper(row: Any) -> dict[str, Any]:
    """A paper of a vendor."""
    plain = ("id", "file_id", "filename", "content_type", "size", "label", "expires_on")
    return {
        **{name: getattr(row, name) for name in plain},
        "url": f"/files/{row.file_id}",
        "created_at": instant(row.created_at),
    }


def rate_card(row: Any) -> dict[str, Any]:
    """A rate card of a list."""
    return {**{name: getattr(row, name) for name in _CARD}, **stamps(row)}


def versions(rows: Sequence[RateCardVersion]) -> list[dict[str, Any]]:
    """The versions of a card, the newest first, each with its last day."""
    out = []
    following: date | None = None
    for row in rows:
        out.append(version(row, following - timedelta(days=1) if following else None))
        following = row.valid_from
    return out


def version(row: RateCardVersion, valid_to: date | None) -> dict[str, Any]:
    """A version of a card."""
    return {
        "id": row.id,
        "rate_card_id": row.rate_card_id,
        "valid_from": row.valid_from,
        "valid_to": valid_to,
        "terms": row.terms,
        "note": row.note,
        "used": row.used_at is not None,
        **stamps(row),
    }


def price(priced: Priced) -> dict[str, Any]:
    """A price with its trace."""
    found, currency = priced.price, priced.price.currency
    by = priced.version
    return {
        "parts": [part_json(part, currency) for part in found.parts],
        **{name: format_amount(getattr(found, name), currency) for name in ("amount", "tax", "total", "passed_on")},
        "currency": currency,
        "rate_card_id": by.rate_card_id if by else None,
        "version_id": by.id if by else None,
        "valid_from": by.valid_from if by else None,
    }


def incentive_rule(row: Any) -> dict[str, Any]:
    """An incentive rule."""
    return {**{name: getattr(row, name) for name in _RULE}, **row.terms, **stamps(row)}


def incentive(paid: Incentive) -> dict[str, Any]:
    """What a rule pays."""
    return {
        "parts": [part_json(part, paid.currency) for part in paid.parts],
        "amount": format_amount(paid.amount, paid.currency),
        "currency": paid.currency,
    }
