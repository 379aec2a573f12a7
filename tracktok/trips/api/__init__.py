"""The JSON routes of vendors, rate cards and incentive rules."""

from . import incentives, rate_cards, vendors

APIS = (vendors.api, rate_cards.api, incentives.api)
