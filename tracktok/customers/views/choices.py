"""What the forms and filters of customers offer."""

from __future__ import annotations

from typing import Any

from tracktok.core.context import preferences
from tracktok.customers import queries, services
from tracktok.customers.models import CustomerKind, GstCategory, SupplyKind, TaxRegime
from tracktok.customers.rules.states import INDIA, state_choices
from tracktok.tenants.queries import currency_choices, locale_choices

from . import words

KINDS = [(one.value, one.label) for one in CustomerKind]
CATEGORIES = [
    (GstCategory.registered.value, GstCategory.registered.label, "Has a GSTIN"),
    (GstCategory.unregistered.value, GstCategory.unregistered.label, "A consumer or small business without a GSTIN"),
    (GstCategory.sez.value, GstCategory.sez.label, "In a special economic zone; has a GSTIN"),
    (GstCategory.overseas.value, GstCategory.overseas.label, "Outside India"),
]
SUPPLIES = [(one.value, one.label) for one in SupplyKind]
REGIMES = [(one.value, one.label) for one in TaxRegime]
UNITS = ("hour", "day", "month", "trip", "km", "job", "tonne", "kg", "piece")


def for_customer() -> dict[str, Any]:
    """What the form of a customer offers."""
    company = services.default_company()
    return {
        "company": company,
        "indian": company.country == INDIA,
        "client_types": [(row.id, row.name) for row in queries.client_type_choices()],
        "managers": [(row.id, row.name) for row in queries.manager_choices()],
        "price_lists": [(row.id, row.name, row.currency) for row in queries.price_list_choices()],
        "kinds": KINDS,
        "categories": CATEGORIES,
        "states": state_choices(),
        "countries": words.country_choices(),
        "currencies": currency_choices(),
        "languages": locale_choices(),
        "base": preferences().currency,
        "words": words,
    }


def for_filters() -> dict[str, Any]:
    """What the filters of the list offer."""
    return {
        "client_types": [("none", "No type"), *((row.id, row.name) for row in queries.client_type_choices())],
        "managers": [("none", "Nobody"), *((row.id, row.name) for row in queries.manager_choices())],
        "price_lists": [(row.id, row.name) for row in queries.price_list_choices()],
        "categories": [one[:2] for one in CATEGORIES],
        "states": state_choices(overseas=True),
    }
