"""Every read of vendors, rate cards and incentives."""

from .incentives import get_incentive_rule, list_incentive_rules, rules_holding
from .rate_cards import (
    card_book,
    cards_of,
    get_rate_card,
    get_rate_card_row,
    get_version,
    list_rate_cards,
    version_on,
    versions_of,
)
from .vendors import find_vendors, get_vendor, list_vendors, names_of

__all__ = [
    "card_book",
    "cards_of",
    "find_vendors",
    "get_incentive_rule",
    "get_rate_card",
    "get_rate_card_row",
    "get_vendor",
    "get_version",
    "list_incentive_rules",
    "list_rate_cards",
    "list_vendors",
    "names_of",
    "rules_holding",
    "version_on",
    "versions_of",
]
