"""Vendors and rate cards, made through the services. Call these inside `company.owner.acting()`."""

from __future__ import annotations

import io
import secrets
from datetime import date
from typing import Any
from uuid import UUID

from werkzeug.datastructures import FileStorage

from tests.factories.documents import make_pdf
from tracktok.trips.models import IncentiveRule, RateCard, Vendor
from tracktok.trips.queries.rate_cards import versions_of
from tracktok.trips.schemas.incentives import IncentiveRuleIn
from tracktok.trips.schemas.rate_cards import RateCardIn
from tracktok.trips.schemas.vendors import VendorContactIn, VendorIn
from tracktok.trips.services import incentives, rate_cards, vendors

BY_TRIP: dict[str, Any] = {"model": "trip", "per_trip": "100", "per_distance": "12"}


def make_vendor(**over: Any) -> Vendor:
    """A vendor that is paid by trip."""
    values = {"name": f"Vendor {secrets.token_hex(4)}", "billing_model": "trip", **over}
    return vendors.create_vendor(VendorIn(**values))


def make_rate_card(vendor: Vendor | None = None, terms: dict[str, Any] | None = None, **over: Any) -> RateCard:
    """A card from the beginning of 2026: 100 a trip and 12 a kilometre."""
    vendor_id = (vendor or make_vendor()).id
    values = {
        "vendor_id": vendor_id,
        "name": f"Card {secrets.token_hex(4)}",
        "valid_from": date(2026, 1, 1),
        "terms": terms or BY_TRIP,
        **over,
    }
    return rate_cards.create_rate_card(RateCardIn(**values))


def make_incentive_rule(**over: Any) -> IncentiveRule:
    """150 for each trip beyond 44 in a month."""
    values = {
        "name": f"Rule {secrets.token_hex(4)}", "measure": "trips", "ordinary": "44", "valid_from": date(2026, 1, 1),
        "tiers": [{"over": "0", "rate": "150"}], **over,
    }  # fmt: skip
    return incentives.create_incentive_rule(IncentiveRuleIn(**values))


def make_vendor_ids() -> dict[str, UUID]:
    """One of each, by the names of the parameters in addresses."""
    vendor = make_vendor()
    card = make_rate_card(vendor)
    contact = vendors.add_contact(vendor, VendorContactIn(name="Ravi"))
    stream = io.BytesIO(make_pdf().read() + secrets.token_bytes(8))
    paper = vendors.attach_files(vendor, [FileStorage(stream, "contract.pdf")])[0]
    return {
        "vendor_id": vendor.id,
        "rate_card_id": card.id,
        "rate_card_version_id": versions_of([card.id])[card.id][0].id,
        "vendor_contact_id": contact.id,
        "vendor_file_id": paper.id,
        "incentive_rule_id": make_incentive_rule().id,
    }
