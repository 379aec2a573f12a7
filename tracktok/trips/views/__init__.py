"""The pages of vendors, rate cards and incentive rules."""

from tracktok.web.records import record_page

from . import card_forms, incentives, palette, rate_cards, vendor_forms, vendors
from .blueprint import incentives as _incentives
from .blueprint import rate_cards as _rate_cards
from .blueprint import vendors as _vendors

record_page("vendors", "vendor", "vendors.show", "vendor_id")
record_page("rate_cards", "rate card", "rate_cards.show", "rate_card_id")
record_page("rate_card_versions", "version of a rate card")
record_page("incentive_rules", "incentive rule", "incentives.edit", "incentive_rule_id")

BLUEPRINTS = (_vendors, _rate_cards, _incentives)

__all__ = [
    "BLUEPRINTS",
    "card_forms",
    "incentives",
    "palette",
    "rate_cards",
    "vendor_forms",
    "vendors",
]
