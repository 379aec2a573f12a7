"""The pages of vendors, rate cards and incentive rules, as a person uses them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.factories.documents import make_pdf
from tests.factories.vendors import BY_TRIP, make_incentive_rule, make_rate_card, make_vendor
from tracktok.trips.queries.rate_cards import versions_of
from tracktok.trips.services.rate_cards import mark_used

GSTIN = "29AAGCB7383J1Z4"
VENDOR = {"name": "Sri Balaji", "billing_model": "trip", "country": "IN", "currency": "INR", "payment_terms_days": "15"}
HTMX = {"HX-Request": "true"}
CARD = {
    "name": "City", "model": "trip", "valid_from": "2026-01-01", "currency": "INR", "distance_unit": "km",
    "per_trip": "100", "distance_slabs-mode": "graduated", "distance_slabs-steps-0-up_to": "10",
    "distance_slabs-steps-0-rate": "15", "distance_slabs-steps-1-up_to": "", "distance_slabs-steps-1-rate": "12.50",
    "distance_slabs-steps-2-up_to": "", "distance_slabs-steps-2-rate": "", "hour_slabs-mode": "graduated",
    "night-starts": "22:00", "night-ends": "06:00", "night-amount": "1,250", "waiting-per": "minute",
    "waiting-rate": "",
    "pass_through-tolls": "true", "pass_through-parking": "true", "pass_through-markup_percent": "",
    "late-0-after_minutes": "15", "late-0-amount": "50", "surcharges-0-on": "distance,dead",
    "surcharges-0-name": "Fuel", "surcharges-0-percent": "3",
    "tax-name": "GST", "tax-percent": "5", "tax-exempt": ["tolls", "parking"],
    "packages-options-0-amount": "999",  # hidden for this model: not read
}  # fmt: skip
WORKED = {"trip-distance": "18.4", "trip-start": "21:30", "trip-end": "22:40", "trip-tolls": "85"}


def text(answer: Any) -> str:
    """What stands on a page, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


def test_a_vendor_is_added_shown_changed_archived_and_deleted(company):
    browser = company.owner.browser()
    assert "No vendors yet" in text(browser.get("/vendors/"))
    assert browser.get("/vendors/new").status_code == 200
    made = browser.post("/vendors/", data={**VENDOR, "gstin": GSTIN})
    assert made.status_code == 303, text(made)
    here = made.headers["Location"]
    page = text(browser.get(here))
    for words in ("Sri Balaji", GSTIN, "Karnataka", "Within 15 days", "Trips of this vendor cannot be priced yet"):
        assert words in page, words
    assert "Sri Balaji" in text(browser.get("/vendors/?q=balaji"))
    assert "No vendor matches" in text(browser.get("/vendors/?q=nobody"))
    saved = browser.post(f"{here}/edit", data={**VENDOR, "version": "1", "gstin": GSTIN, "city": "Mysuru"})
    assert saved.status_code == 303, text(saved)
    stale = browser.post(f"{here}/edit", data={**VENDOR, "version": "1", "city": "Hassan"})
    assert (stale.status_code, "Somebody else has changed this" in text(stale)) == (412, True)
    assert "made it" in text(browser.get(f"{here}?tab=history"))
    assert browser.post(f"{here}/archive").status_code == 303
    assert "“Sri Balaji” archived" in text(browser.get(here))
    assert "Sri Balaji" not in text(browser.get("/vendors/"))
    assert browser.post(f"{here}/unarchive").status_code == 303
    assert browser.post(f"{here}/delete").headers["Location"].endswith("/vendors/")
    assert browser.get(here).status_code == 404


def test_what_is_wrong_with_a_vendor_stands_at_its_field(company):
    answer = company.owner.browser().post("/vendors/", data={**VENDOR, "gstin": GSTIN[:-1] + "9", "name": "Kept"})
    assert answer.status_code == 422
    body = answer.get_data(as_text=True)
    assert 'id="gstin-error"' in body
    assert 'value="Kept"' in body


def test_contacts_and_papers_of_a_vendor(company):
    browser = company.owner.browser()
    with company.owner.acting():
        here = f"/vendors/{make_vendor(name='Balaji').id}"
    assert browser.post(f"{here}/contacts", data={"name": "Ravi", "gets_statements": "true"}).status_code == 303
    assert "Ravi" in text(browser.get(here))
    sent = {"files": (make_pdf(), "contract.pdf"), "label": "Contract", "expires_on": "2020-01-31"}
    assert browser.post(f"{here}/files", data=sent).status_code == 303
    page = text(browser.get(f"{here}?tab=files"))
    assert "Contract" in page
    assert "Ran out" in page
    wrong = browser.post(f"{here}/files", data={"label": "x"})
    assert (wrong.status_code, "Choose one file at least" in text(wrong)) == (422, True)
    assert "Ran out" in text(browser.get("/vendors/"))


@pytest.fixture
def vendor_id(company) -> str:
    with company.owner.acting():
        return str(make_vendor(name="Balaji").id)


def test_a_card_is_made_by_its_form_and_says_what_it_pays(company, vendor_id):
    browser = company.owner.browser()
    assert "Worked trip" in text(browser.get(f"/rate-cards/new?vendor_id={vendor_id}"))
    made = browser.post("/rate-cards/", data={**CARD, **WORKED, "vendor_id": vendor_id})
    assert made.status_code == 303, text(made)
    page = text(browser.get(made.headers["Location"]))
    for words in (
        "100.00 a trip", "to 10 km: 15.00 a km; over 10: 12.50 a km", "1,250.00 a night, 22:00 to 06:00",
        "more than 15 min: 50.00 is taken off", "3 % of distance and dead kilometres", "5 % on top", "In force",
    ):  # fmt: skip
        assert words in page, words
    stored = company.owner.api().get(f"/rate-cards/{made.headers['Location'].rpartition('/')[2]}").json["versions"][0]
    assert "packages" not in stored["terms"]
    assert stored["terms"]["surcharges"] == [{"name": "Fuel", "percent": "3", "on": ["distance", "dead"]}]
    assert text(browser.get("/rate-cards/")).count("City") == 1


def test_the_worked_trip_follows_what_is_typed(company, vendor_id):
    answer = company.owner.browser().post("/rate-cards/preview", data={**CARD, **WORKED}, headers=HTMX)
    assert answer.status_code == 200
    page = text(answer)
    # 100 + 150 + 8.4 x 12.5 = 355; night 1,250; fuel 3% of 255; toll 85; 5% of 1,612.65.
    for words in (
        "Distance, 0 to 10 km",
        "150.00",
        "105.00",
        "1,250.00",
        "7.65",
        "85.00",
        "1,697.65",
        "80.63",
        "1,778.28",
    ):
        assert words in page, (words, page)


def test_an_error_is_told_at_its_field_while_it_is_typed(company, vendor_id):
    wrong = {**CARD, **WORKED, "per_trip": "ten", "late-0-percent": "5", "trip-end": "later"}
    wrong["live"] = ["per_trip", "late-0-percent", "night-starts"]
    body = company.owner.browser().post("/rate-cards/preview", data=wrong, headers=HTMX).get_data(as_text=True)
    live = dict(re.findall(r'id="live-([^"]+)"[^>]*>(.*?)</div>', body, re.DOTALL))
    assert "Write a number such as" in live["per_trip"]
    assert live["night-starts"].strip() == ""
    fixed = {**wrong, "per_trip": "10"}
    body = company.owner.browser().post("/rate-cards/preview", data=fixed, headers=HTMX).get_data(as_text=True)
    live = dict(re.findall(r'id="live-([^"]+)"[^>]*>(.*?)</div>', body, re.DOTALL))
    assert live["per_trip"].strip() == ""
    assert "not both" in live["late-0-percent"]


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"per_trip": "ten"}, "per_trip"),
        ({"distance_slabs-steps-0-up_to": ""}, "distance_slabs-steps-0-up_to"),
        ({"night-amount": ""}, "night-amount"),
        ({"night-starts": ""}, "night-starts"),
        ({"late-0-amount": ""}, "late-0-amount"),
        ({"name": ""}, "name"),
        ({"vendor_id": ""}, "vendor_id"),
        ({"valid_from": "soon"}, "valid_from"),
        ({"model": "hybrid"}, "monthly-fee"),
    ],
)
def test_what_is_wrong_with_a_card_stands_at_its_field(company, vendor_id, over, field):
    answer = company.owner.browser().post("/rate-cards/", data={**CARD, "vendor_id": vendor_id, **over})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.get_data(as_text=True)


def test_a_package_card_and_a_hybrid_card_by_their_forms(company, vendor_id):
    browser = company.owner.browser()
    base = {"vendor_id": vendor_id, "valid_from": "2026-01-01", "currency": "INR", "distance_unit": "km"}
    package = {
        **base, "name": "Rental", "model": "package", "packages-options-0-hours": "8",
        "packages-options-0-distance": "80",
        "packages-options-0-amount": "2200", "packages-extra_distance": "14", "packages-extra_hour": "150",
        "per_trip": "100",
    }  # fmt: skip
    made = browser.post("/rate-cards/", data=package)
    assert made.status_code == 303, text(made)
    assert "Package 8 h / 80 km 2,200.00" in text(browser.get(made.headers["Location"]))
    hybrid = {
        **base, "name": "Cab by month", "model": "hybrid", "vehicle_class": "SUV", "monthly-fee": "45000",
        "monthly-included_distance": "2000", "monthly-extra_distance": "14", "monthly-prorate": "true",
        "per_trip": "50", "minimum_month": "50000",
    }  # fmt: skip
    made = browser.post("/rate-cards/", data=hybrid)
    assert made.status_code == 303, text(made)
    page = text(browser.get(made.headers["Location"]))
    assert "2,000 km, then 14.00 a km" in page
    assert "The month beside its trips" in page
    empty = browser.post("/rate-cards/", data={**base, "name": "None", "model": "package", "trip_type": "drop"})
    assert (empty.status_code, "Add a package such as 8 h / 80 km" in text(empty)) == (422, True)


def test_more_lines_are_added_without_losing_what_was_typed(company, vendor_id):
    answer = company.owner.browser().post("/rate-cards/", data={**CARD, "vendor_id": vendor_id, "then": "more"})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'name="late-1-amount"' in body
    assert 'value="12.50"' in body


def test_versions_are_added_changed_compared_and_taken_away(company):
    browser = company.owner.browser()
    with company.owner.acting():
        card = make_rate_card(terms={**BY_TRIP, "tax": {"percent": "5", "exempt": []}}, name="City")
        first = versions_of([card.id])[card.id][0].id
    here = f"/rate-cards/{card.id}"
    form = browser.get(f"{here}/versions/new").get_data(as_text=True)
    assert 'name="per_distance" value="12"' in re.sub(r'id="per_distance" ', "", form)
    assert not re.search(r'id="tolls-tax-exempt"[^>]*checked', form)
    sent = {
        "model": "trip",
        "currency": "INR",
        "valid_from": "2026-04-01",
        "note": "Fuel",
        "per_trip": "100",
        "per_distance": "13.5",
    }
    assert browser.post(f"{here}/versions", data=sent).status_code == 303
    again = browser.post(f"{here}/versions", data=sent)
    assert (again.status_code, "begins on this day already" in text(again)) == (409, True)
    compared = text(browser.get(f"{here}/compare"))
    assert "For each km or mile 12 13.5" in compared
    assert browser.get(f"{here}/versions/{first}/edit").status_code == 200
    with company.owner.acting():
        mark_used([first])
    refused = browser.post(f"{here}/versions/{first}/edit", data={**sent, "valid_from": "2026-01-01"})
    assert (refused.status_code, "Trips were priced by this version" in text(refused)) == (409, True)
    page = text(browser.get(here))
    assert "it stays as it is" in page
    assert "Fuel" in page
    with company.owner.acting():
        newest = versions_of([card.id])[card.id][0].id
    assert browser.post(f"{here}/versions/{newest}/delete").status_code == 303
    with company.owner.acting():
        assert len(versions_of([card.id])[card.id]) == 1


def test_a_card_is_copied_archived_and_its_scope_changed(company, vendor_id):
    browser = company.owner.browser()
    with company.owner.acting():
        here = f"/rate-cards/{make_rate_card(name='City').id}"
    copied = browser.post(f"{here}/copy", data={"vendor_id": vendor_id, "valid_from": "2026-02-01", "name": "Copy"})
    assert copied.status_code == 303, text(copied)
    assert "Balaji" in text(browser.get(copied.headers["Location"]))
    taken = browser.post(f"{here}/copy", data={"vendor_id": vendor_id, "valid_from": "2026-02-01", "name": "Other"})
    assert taken.status_code == 409
    edited = browser.post(f"{here}/edit", data={"name": "City SUV", "vehicle_class": "SUV", "version": "1"})
    assert edited.status_code == 303, text(edited)
    assert "SUV" in text(browser.get(here))
    assert browser.post(f"{here}/archive").status_code == 303
    assert "archived" in text(browser.get(here))
    assert "City SUV" not in text(browser.get("/rate-cards/"))
    assert "City SUV" in text(browser.get("/rate-cards/?archived=true"))
    assert browser.post(f"{here}/unarchive").status_code == 303
    assert browser.post(f"{here}/delete").status_code == 303
    assert browser.get(here).status_code == 404


def test_the_page_of_a_card_prices_the_trip_of_its_address(company):
    with company.owner.acting():
        here = f"/rate-cards/{make_rate_card().id}"
    headers = {**HTMX, "HX-Target": "worked"}
    answer = company.owner.browser().get(f"{here}?trip-distance=10&trip-start=10:00&trip-end=11:00", headers=headers)
    assert "220.00" in text(answer)
    assert "<html" not in answer.get_data(as_text=True)


def test_incentive_rules_by_their_form(company):
    browser = company.owner.browser()
    assert "No incentive rules yet" in text(browser.get("/incentives/"))
    sent = {
        "name": "Extra pickups", "measure": "trips", "period": "monthly", "ordinary": "44", "currency": "INR",
        "tiers-0-over": "0", "tiers-0-rate": "150", "tiers-1-over": "20", "tiers-1-bonus": "2,000",
        "valid_from": "2026-01-01", "done": "66",
    }  # fmt: skip
    assert "5,000.00" in text(browser.post("/incentives/preview", data=sent, headers=HTMX))
    made = browser.post("/incentives/", data=sent)
    assert made.status_code == 303, text(made)
    listed = text(browser.get("/incentives/"))
    assert "over 0: 150.00 each" in listed
    assert "2,000.00 once" in listed
    wrong = browser.post("/incentives/", data={**sent, "name": "Other", "tiers-1-over": "0"})
    assert (wrong.status_code, 'id="tiers-1-over-error"' in wrong.get_data(as_text=True)) == (422, True)
    with company.owner.acting():
        rule = make_incentive_rule(name="Hours", measure="hours")
    assert 'value="Hours"' in browser.get(f"/incentives/{rule.id}/edit").get_data(as_text=True)
    assert (
        browser.post(f"/incentives/{rule.id}/edit", data={**sent, "name": "Hours 2", "version": "1"}).status_code == 303
    )
    assert browser.post(f"/incentives/{rule.id}/delete").status_code == 303
    assert "deleted" in text(browser.get("/vendors/"))
    assert "Hours 2" not in text(browser.get("/incentives/"))


@pytest.mark.rbac
def test_an_analyst_reads_and_a_member_sees_nothing_of_it(company):
    with company.owner.acting():
        card = make_rate_card(name="City")
    analyst, member = company.member("analyst").browser(), company.member("member").browser()
    page = text(analyst.get(f"/rate-cards/{card.id}"))
    assert "New version" not in page
    for path in ("/vendors/", f"/vendors/{card.vendor_id}", "/rate-cards/", f"/rate-cards/{card.id}", "/incentives/"):
        assert analyst.get(path).status_code == 200
        assert member.get(path).status_code == 403
    assert analyst.get("/vendors/new").status_code == 403
    assert "Rate cards" not in text(member.get("/expenses"))
