"""The vendors of a demo company with their rate cards: one for each billing model."""

from __future__ import annotations

from datetime import date
from typing import Any

from stdnum import luhn

from tracktok.trips.models import RateCard, Vendor
from tracktok.trips.schemas.incentives import IncentiveRuleIn
from tracktok.trips.schemas.rate_cards import RateCardIn, VersionIn
from tracktok.trips.schemas.vendors import VendorContactIn, VendorIn

from .incentives import create_incentive_rule
from .rate_cards import add_version, create_rate_card
from .vendors import create_vendor

_GST = {"percent": "5", "name": "GST"}
_NIGHT = {"starts": "22:00", "ends": "06:00"}
_BY_TRIP: dict[str, Any] = {
    "model": "trip",
    "per_trip": "120",
    "distance_slabs": {
        "mode": "graduated",
        "steps": [{"up_to": "10", "rate": "18"}, {"up_to": "25", "rate": "16"}, {"up_to": None, "rate": "14.50"}],
    },
    "minimum_fare": "220",
    "dead": {"rate": "9", "included": "3"},
    "night": {**_NIGHT, "amount": "100"},
    "waiting": {"rate": "2", "free_minutes": 10},
    "escort": "150",
    "no_show": {"percent": "50"},
    "cancelled": {"amount": "100", "deduct": True},
    "late": [{"after_minutes": 15, "amount": "50"}, {"after_minutes": 30, "percent": "25"}],
    "surcharges": [{"name": "Fuel", "percent": "3", "on": ["distance"]}],
    "tax": _GST,
}
_PACKAGES: dict[str, Any] = {
    "model": "package",
    "packages": {
        "options": [
            {"amount": "1400", "hours": "4", "distance": "40"},
            {"amount": "2400", "hours": "8", "distance": "80"},
            {"amount": "3500", "hours": "12", "distance": "120"},
        ],
        "extra_distance": "16",
        "extra_hour": "180",
    },
    "night": {**_NIGHT, "amount": "250"},
    "pass_through": {"markup_percent": "0"},
    "tax": _GST,
}
_HYBRID: dict[str, Any] = {
    "model": "hybrid",
    "monthly": {
        "fee": "38000", "per_vehicle": True, "included_trips": "44", "included_distance": "1800", "extra_trip": "250",
        "extra_distance": "13",
    },
    "per_trip": "60",
    "night": {**_NIGHT, "percent": "100"},
    "late": [{"after_minutes": 15, "amount": "100"}],
    "minimum_month": "90000",
    "tax": _GST,
}  # fmt: skip


def hire_vendors(today: date) -> dict[str, tuple[Vendor, RateCard]]:
    """Make three vendors with their cards, by billing model; the cards hold from a year ago, one with a new version."""
    begun = today.replace(year=today.year - 1, day=1)
    lately = date(today.year if today.month > 2 else today.year - 1, (today.month - 3) % 12 + 1, 1)
    told = (
        ("trip", "Sri Balaji Travels", "V-01", "AABCS4821", "Ravi Kumar", "City cabs", _BY_TRIP),
        ("package", "Nandi Car Rentals", "V-02", "AAHFN7734", "Deepa Nair", "Rentals", _PACKAGES),
        ("hybrid", "Metro Staff Transport", "V-03", "AAGCM2096", "Imran Sheikh", "Staff routes", _HYBRID),
    )
    made: dict[str, tuple[Vendor, RateCard]] = {}
    for model, name, code, pan, contact, card_name, terms in told:
        host = f"{name.split()[-2].lower()}.example"
        # Those of the story are not mailed its old statements: see `demo_trips.drive`.
        address = f"{contact.split()[0].lower()}@{host}"
        who = VendorContactIn(name=contact, role="Accounts", email=address, gets_statements=False)
        said = {
            "name": name, "code": code, "billing_model": model, "gstin": gstin_of(f"{pan}K"), "contacts": [who],
            "email": f"accounts@{host}", "phone": "+91 80 4123 4567", "address_line1": "7 Hosur Road",
            "city": "Bengaluru", "postal_code": "560030", "bank_name": "Canara Bank", "bank_account_name": name,
            "bank_account_number": f"30410200{code[-2:]}4417", "bank_ifsc": "CNRB0000304",
            "payment_terms_days": 15 if model == "trip" else 30,
        }  # fmt: skip
        vendor = create_vendor(VendorIn.model_validate(said))
        first = {"vendor_id": vendor.id, "name": card_name, "valid_from": begun, "note": "First contract"}
        card = create_rate_card(RateCardIn.model_validate({**first, "terms": terms}))
        made[model] = (vendor, card)
    dearer = {**_BY_TRIP, "per_trip": "130", "surcharges": [{"name": "Fuel", "percent": "4.5", "on": ["distance"]}]}
    version = {"valid_from": lately, "note": "Fuel went up", "terms": dearer}
    add_version(made["trip"][1], VersionIn.model_validate(version))
    _reward(begun)
    return made


def _reward(begun: date) -> None:
    for name, measure, period, ordinary, tiers, cap in (
        ("Extra trips", "trips", "monthly", "44", [("0", "150", "0"), ("20", "200", "1500")], "0"),
        ("Overtime", "hours", "weekly", "48", [("0", "120", "0")], "2400"),
    ):
        rule = {
            "name": name, "measure": measure, "period": period, "ordinary": ordinary, "cap": cap, "valid_from": begun,
            "tiers": [{"over": over, "rate": rate, "bonus": bonus} for over, rate, bonus in tiers],
        }  # fmt: skip
        create_incentive_rule(IncentiveRuleIn.model_validate(rule))


def gstin_of(pan: str, state: str = "29") -> str:
    """A GSTIN that belongs to a PAN, with its check character."""
    body = f"{state}{pan}1Z"
    return body + str(luhn.calc_check_digit(body, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


__all__ = ["gstin_of", "hire_vendors"]
