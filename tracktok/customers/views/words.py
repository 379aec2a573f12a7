"""What pages say of customers, companies and taxes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from babel import Locale

from tracktok.core.context import preferences
from tracktok.customers.models import GstCategory
from tracktok.customers.rules.states import COUNTRIES, INDIA, state_label, state_name
from tracktok.web.filters import format_day, format_money, format_number

CATEGORIES = {one.value: one.label for one in GstCategory}
_FIELDS = {
    "client_type_id": "client type",
    "account_manager_id": "account manager",
    "price_list_id": "price list",
    "gstin": "GSTIN",
    "pan": "PAN",
    "gst_category": "GST category",
    "state_code": "State",
    "address_line1": "address",
    "address_line2": "address",
    "is_archived": "archived",
    "deleted_at": "the bin",
    "email": "e-mail",
}
_ACTIONS = {
    "created": ("made it", "plus", "green"),
    "updated": ("changed it", "pencil", "grey"),
    "deleted": ("deleted it", "trash", "red"),
    "restored": ("brought it back", "arrow-back-up", "blue"),
    "imported": ("imported it", "file-import", "green"),
}


def country_name(code: str) -> str:
    """A country in the words of the tenant's language."""
    return Locale.parse(preferences().locale).territories.get(code, code)


def country_choices() -> list[tuple[str, str]]:
    """(code, name) of all countries, by name."""
    names = Locale.parse(preferences().locale).territories
    return sorted(((code, names.get(code, code)) for code in COUNTRIES), key=lambda one: one[1].casefold())


def address_lines(row: Any) -> list[str]:
    """An address as it is written on an envelope."""
    city = " ".join(part for part in (row.city, row.postal_code) if part)
    state = state_name(row.state_code) if row.country == INDIA else ""
    country = country_name(row.country) if row.country else ""
    return [line for line in (row.address_line1, row.address_line2, city, state, country) if line]


def place(row: Any) -> str:
    """Where somebody is, in one line: the city and, in India, the State, else the country."""
    where = state_name(row.state_code) if row.country == INDIA else country_name(row.country)
    return ", ".join(part for part in (row.city, where) if part)


def terms(days: int | None) -> str:
    """When an invoice is due."""
    if days is None:
        return ""
    if days == 0:
        return "On receipt"
    return f"Within {days:,} {'day' if days == 1 else 'days'}"


def percent(value: Decimal | None) -> str:
    """A percentage with no more decimals than it has."""
    if value is None:
        return ""
    places = max(0, -int(value.normalize().as_tuple().exponent))
    return f"{format_number(value, places)} %"


def price(value: Decimal, currency: str) -> str:
    """A price per unit, with the currency's places or more."""
    places = -int(value.normalize().as_tuple().exponent)
    return format_number(value, max(places, 2)) + f" {currency}" if places > 2 else format_money(value, currency)


def rate_words(now: Any | None, periods: Sequence[Any]) -> str:
    """What a rate comes to now, and what it was or will be."""
    if not periods:
        return ""
    others = [one for one in periods if now is None or one.valid_from != now.valid_from]
    return "; ".join(f"{percent(one.percent)} from {format_day(one.valid_from)}" for one in others)


def components_text(components: Sequence[dict[str, Any]]) -> str:
    """The parts of a rate as they are typed: "State tax 5 + City tax 2 on top"."""
    return " + ".join(
        f"{one['label']} {format_number(Decimal(one['percent']), _places(one['percent']))}"
        f"{' on top' if one['compound'] else ''}"
        for one in components
    )


def _places(text: str) -> int:
    return max(0, -int(Decimal(text).normalize().as_tuple().exponent))


def happening(event: Any) -> tuple[str, str, str]:
    """(sentence, icon, tone) of a change."""
    if event.entity:
        return _part_happening(event)
    sentence, icon, tone = _ACTIONS.get(event.action, (f"{event.action} it", "point", "grey"))
    if event.action == "updated" and event.fields:
        names = sorted({_FIELDS.get(name, name.replace("_", " ")) for name, _, _ in event.fields})
        shown = ", ".join(names[:4]) + (" and more" if len(names) > 4 else "")
        sentence = f"changed {shown}"
    return sentence, icon, tone


_PARTS = {"customer_contacts": "the contact", "customer_addresses": "the address"}
_PART_ACTIONS = {"created": ("added", "plus", "green"), "deleted": ("removed", "trash", "red")}


def _part_happening(event: Any) -> tuple[str, str, str]:
    """A change of a contact or an address: "added the contact Asha Rao"."""
    what = f"{_PARTS.get(event.entity, 'the')} {event.name}".strip()
    if event.action in _PART_ACTIONS:
        verb, icon, tone = _PART_ACTIONS[event.action]
        return f"{verb} {what}", icon, tone
    names = sorted({_FIELDS.get(name, name.replace("_", " ")) for name, _, _ in event.fields})
    return f"changed {', '.join(names[:4]) or 'something'} of {what}", "pencil", "grey"


__all__ = [
    "CATEGORIES",
    "address_lines",
    "components_text",
    "country_choices",
    "country_name",
    "happening",
    "percent",
    "place",
    "price",
    "rate_words",
    "state_label",
    "terms",
]
