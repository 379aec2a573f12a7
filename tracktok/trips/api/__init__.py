"""The JSON routes of vendors, rate cards, incentive rules, trips, statements and vendors' bills."""

from . import bills, incentives, mileage, people, portals, rate_cards, statements, trips, vendors

APIS = (
    vendors.api, rate_cards.api, incentives.api, trips.api, statements.api, bills.bills_api, bills.disputes_api,
    mileage.api, people.employees,
    portals.vendor_api, portals.employee_api,
)  # fmt: skip
