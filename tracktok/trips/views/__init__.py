"""The pages of vendors, rate cards and incentive rules; of trips, statements and vendors' bills."""

from tracktok.web.records import record_page
from tracktok.web.saved import saved_list

from . import (
    bills,
    card_forms,
    employee_portal,
    incentives,
    mileage,
    palette,
    people,
    rate_cards,
    statements,
    trips,
    vendor_forms,
    vendor_portal,
    vendors,
)
from .blueprint import incentives as _incentives
from .blueprint import rate_cards as _rate_cards
from .blueprint import vendors as _vendors
from .trips_blueprint import blueprint as _trips

saved_list("trips", "trips.index", "trips.read", "Trips", sort="-trip_date")
record_page("vendors", "vendor", "vendors.show", "vendor_id")
record_page("rate_cards", "rate card", "rate_cards.show", "rate_card_id")
record_page("rate_card_versions", "version of a rate card")
record_page("incentive_rules", "incentive rule", "incentives.edit", "incentive_rule_id")
record_page("trips", "trip", "trips.show", "trip_id")
record_page("trip_statements", "statement", "trip_statements.show", "statement_id")
record_page("vendor_bills", "vendor bill", "vendor_bills.show", "bill_id")
record_page("employees", "employee", "employees.show", "employee_id")
record_page("mileage_rates", "mileage rate")
record_page("trip_disputes", "dispute", "vendor_bills.show_dispute", "dispute_id")

BLUEPRINTS = (
    _vendors,
    _rate_cards,
    _incentives,
    _trips,
    statements.blueprint,
    bills.blueprint,
    people.employees,
    vendor_portal.blueprint,
    employee_portal.blueprint,
)

__all__ = [
    "BLUEPRINTS",
    "bills",
    "card_forms",
    "employee_portal",
    "incentives",
    "mileage",
    "palette",
    "people",
    "rate_cards",
    "statements",
    "trips",
    "vendor_forms",
    "vendor_portal",
    "vendors",
]
