"""The JSON routes of vendors, rate cards, incentive rules, trips, statements and vendors' bills."""

from . import bills, incentives, rate_cards, statements, trips, vendors

APIS = (
    vendors.api, rate_cards.api, incentives.api, trips.api, statements.api, bills.bills_api, bills.disputes_api,
)  # fmt: skip
