"""Rate cards with several at once: one card for each scope, and no change of a version by which trips are priced."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event
from typing import Any

import pytest
from flask import Flask

from tests.factories.tenants import Company
from tests.factories.vendors import BY_TRIP, make_rate_card, make_vendor
from tests.races.test_customers import together
from tracktok.core.errors import DomainError
from tracktok.trips.queries.rate_cards import get_rate_card, get_version, versions_of
from tracktok.trips.schemas.rate_cards import RateCardIn, VersionIn
from tracktok.trips.services import rate_cards as services

pytestmark = pytest.mark.integration
DAY = date(2026, 3, 1)


def test_several_at_once_make_one_card_for_a_scope_and_one_version_for_a_day(app: Flask, company: Company):
    with company.owner.acting():
        vendor = make_vendor()
        card_id = make_rate_card(vendor, vehicle_class="SUV").id

    def new_card(number: int) -> Any:
        body = {"vendor_id": vendor.id, "name": f"Card {number}", "valid_from": DAY, "terms": BY_TRIP}
        return services.create_rate_card(RateCardIn.model_validate(body)).name

    def new_version(_: int) -> Any:
        body = VersionIn.model_validate({"valid_from": DAY, "terms": BY_TRIP})
        services.add_version(get_rate_card(card_id, for_update=True), body)
        return "added"

    assert sorted(got == "scope_taken" for got in together(app, company, new_card)) == [False] + [True] * 5
    assert sorted(together(app, company, new_version)) == ["added"] + ["version_taken"] * 5


def test_a_version_is_not_changed_under_those_who_price_by_it(app: Flask, company: Company):
    """Whoever edits has the row first: the pricing waits and reads what was saved. Afterwards no edit goes through."""
    with company.owner.acting():
        card = make_rate_card()
        version_id = versions_of([card.id])[card.id][0].id
    edited, priced = Event(), Event()
    dearer = VersionIn.model_validate({"valid_from": "2026-01-01", "terms": {**BY_TRIP, "per_trip": "150"}})

    def edit() -> str:
        with app.app_context(), company.owner.acting():
            version = get_version(card.id, version_id, for_update=True)
            services.change_version(get_rate_card(card.id, for_update=True), version, dearer)
            edited.set()
            priced.wait(0.5)  # the pricing is under way, and has to wait
        return "edited"

    def price() -> str:
        edited.wait(10)
        with app.app_context(), company.owner.acting():
            found = services.open_book(card.vendor_id, [(DAY, "", "", None)]).find(DAY)
            priced.set()
            assert found is not None
            return str(found.card.per_trip)

    with ThreadPoolExecutor(2) as pool:
        got = [pool.submit(edit), pool.submit(price)]
        assert [one.result(30) for one in got] == ["edited", "150"]
    with company.owner.acting(), pytest.raises(DomainError, match="Trips were priced by this version"):
        services.change_version(get_rate_card(card.id), get_version(card.id, version_id), dearer)
