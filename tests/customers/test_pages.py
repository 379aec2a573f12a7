"""The pages of customers and of the settings of billing, as a person uses them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader

from tests.factories import customers as make
from tests.factories.tenants import make_company
from tracktok.customers import queries, services

KA = make.BUYER_KARNATAKA
FORM = {"name": "Bluepeak Foods", "kind": "business", "country": "IN", "currency": "INR"}


def text(answer: Any) -> str:
    """What stands on a page, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


def test_a_customer_is_added_shown_changed_and_deleted(company):
    browser = company.owner.browser()
    assert "No customers yet" in text(browser.get("/customers"))
    assert browser.get("/customers/new").status_code == 200
    made = browser.post(
        "/customers", data={**FORM, "gstin": KA, "custom_fields": "Route: North\n", "payment_terms_days": ""}
    )
    assert made.status_code == 303, text(made)
    here = made.headers["Location"]
    page = text(browser.get(here))
    for words in ("Bluepeak Foods", KA, "Karnataka (29)", "Route North", "Within 30 days, as usual", "Registered"):
        assert words in page, words
    listed = browser.get("/customers?q=blue")
    assert "Bluepeak Foods" in text(listed)
    form = browser.get(f"{here}/edit").get_data(as_text=True)
    assert 'value="Bluepeak Foods"' in form
    assert "Route: North" in form
    saved = browser.post(f"{here}/edit", data={**FORM, "version": "1", "gstin": KA, "city": "Mysuru"})
    assert saved.status_code == 303, text(saved)
    stale = browser.post(f"{here}/edit", data={**FORM, "version": "1", "city": "Hassan"})
    assert (stale.status_code, "Somebody else has changed this" in text(stale)) == (412, True)
    history = text(browser.get(f"{here}?tab=history"))
    assert "made it" in history
    assert "changed city" in history
    assert browser.post(f"{here}/delete").headers["Location"].endswith("/customers")
    assert "Bluepeak Foods" in text(browser.get("/customers/bin"))
    assert browser.post(f"{here}/restore").headers["Location"].endswith(here)


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(company):
    browser = company.owner.browser()
    answer = browser.post("/customers", data={**FORM, "gstin": KA[:-1] + "9", "email": "x", "custom_fields": "oops"})
    assert answer.status_code == 422
    body = answer.get_data(as_text=True)
    for field in ("email", "custom_fields"):
        assert f'id="{field}-error"' in body, field
    again = browser.post("/customers", data={**FORM, "gstin": KA[:-1] + "9"})
    assert 'id="gstin-error"' in again.get_data(as_text=True)
    assert "check character" in text(again)
    assert KA[:-1] + "9" in again.get_data(as_text=True)


def test_a_gstin_entered_later_changes_what_follows_from_it(company):
    browser = company.owner.browser()
    here = browser.post("/customers", data=FORM).headers["Location"]
    form = browser.get(f"{here}/edit").get_data(as_text=True)
    assert re.search(r'<option value="unregistered"[^>]*selected', form) is None
    saved = browser.post(f"{here}/edit", data={**FORM, "gst_category": "", "gstin": KA})
    assert saved.status_code == 303, text(saved)
    assert "Karnataka (29)" in text(browser.get(here))


def test_a_gstin_is_explained_while_it_is_typed(company):
    browser = company.owner.browser()
    assert "Karnataka (29) · PAN AAGCB7383J · company" in text(browser.get(f"/customers/gstin?gstin={KA}"))
    assert "15 characters" in text(browser.get("/customers/gstin?gstin=29A"))
    assert text(browser.get("/customers/gstin?gstin=")).endswith("") is True


def test_contacts_and_addresses_have_forms(company):
    browser = company.owner.browser()
    with company.owner.acting():
        customer_id = make.make_customer(name="Bluepeak").id
    here = f"/customers/{customer_id}"
    assert browser.get(f"{here}/contacts/new").status_code == 200
    made = browser.post(
        f"{here}/contacts", data={"name": "Asha Rao", "email": "asha@example.com", "gets_documents": "true"}
    )
    assert made.headers["Location"].endswith("tab=people")
    page = text(browser.get(f"{here}?tab=people"))
    assert "Asha Rao" in page
    assert "documents and reminders" not in page
    assert browser.post(f"{here}/contacts", data={"name": ""}).status_code == 422
    assert (
        browser.post(f"{here}/addresses", data={"label": "Depot", "country": "IN", "postal_code": "1"}).status_code
        == 422
    )
    browser.post(f"{here}/addresses", data={"label": "Depot", "country": "IN", "city": "Hosur", "state_code": "33"})
    assert "Tamil Nadu (33)" in text(browser.get(f"{here}?tab=people"))
    with company.owner.acting():
        contact, place = queries.contacts_of(customer_id)[0], queries.addresses_of(customer_id)[0]
    assert browser.get(f"{here}/contacts/{contact.id}").status_code == 200
    assert browser.post(f"{here}/addresses/{place.id}", data={"label": "Depot 2", "country": "IN"}).status_code == 303
    assert browser.post(f"{here}/contacts/{contact.id}/delete").status_code == 303
    assert "No contacts yet" in text(browser.get(f"{here}?tab=people"))


def test_many_are_changed_at_once_or_none(company):
    from tracktok.core.errors import Conflict
    from tracktok.customers.signals import customer_deleting

    browser = company.owner.browser()
    with company.owner.acting():
        ids = [str(make.make_customer(name=f"Many {number}").id) for number in range(3)]
        kind = queries.client_type_choices()[0]
    browser.post("/customers/bulk", data={"ids": ids, "action": "set_client_type", "client_type_id": str(kind.id)})
    assert text(browser.get(f"/customers?client_type_id={kind.id}")).count("Many ") >= 3
    browser.post("/customers/bulk", data={"ids": ids[:1], "action": "archive"})
    assert "Many 0" not in text(browser.get("/customers"))
    assert "Many 0" in text(browser.get("/customers?archived=true"))

    def refuse(sender, **_):
        if sender.name == "Many 2":
            raise Conflict("Many 2 has invoices.")

    with customer_deleting.connected_to(refuse):
        answer = browser.post("/customers/bulk", data={"ids": ids, "action": "delete"}, follow_redirects=True)
    assert "Many 2 has invoices." in answer.get_data(as_text=True)
    assert "Many 1" in text(browser.get("/customers"))


def test_areas_above_add_cards_tabs_buttons_and_balances(app, company, monkeypatch):
    from decimal import Decimal

    from tracktok.customers.services import cards

    for name in ("_cards", "_tabs", "_actions"):
        monkeypatch.setattr(cards, name, {})
    monkeypatch.setattr(cards, "_balances", [])
    with company.owner.acting():
        customer_id = make.make_customer(name="Bluepeak").id
    drawn = DictLoader({"test_card.html": "<p>{{ card_values.words }} of {{ customer.name }}</p>"})
    monkeypatch.setattr(app, "jinja_loader", ChoiceLoader([app.jinja_loader, drawn]))
    services.provide_card(services.Card("Open", "test_card.html", lambda _row: {"words": "Invoices"}, "customers.read"))
    services.provide_tab(services.Tab("Invoices", "customers.new_contact", "customers.read", lambda _id: 7))
    services.provide_action(services.Action("New invoice", "customers.new_address", "file-plus", "customers.write"))
    services.provide_balances("customers.read", lambda ids: {one: Decimal(1250) for one in ids})
    page = text(company.owner.browser().get(f"/customers/{customer_id}"))
    assert "Invoices 7" in page
    assert "Invoices of Bluepeak" in page
    assert "New invoice" in page
    assert "1,250" in page
    assert "1,250" in text(company.owner.browser().get("/customers"))
    assert "New invoice" not in text(company.member("analyst").browser().get(f"/customers/{customer_id}"))


def test_the_palette_and_searching_fields_find_customers(company):
    with company.owner.acting():
        make.make_customer(name="Bluepeak Foods", code="C-7")
    browser = company.owner.browser()
    assert browser.get("/customers/find?q=c-7").json[0]["label"] == "Bluepeak Foods"
    assert "Bluepeak Foods" in browser.get("/palette?q=blue").get_data(as_text=True)


def test_companies_and_their_tax(company):
    browser = company.owner.browser()
    page = text(browser.get("/settings/companies"))
    assert "No tax is charged until a GSTIN is entered" in page
    with company.owner.acting():
        own = services.default_company()
    address = f"/settings/companies/{own.id}"
    form = {"legal_name": "Acme", "country": "IN", "hsn_digits": "6", "payment_terms_days": "15", "round_off": "true"}
    assert browser.get(address).status_code == 200
    wrong = browser.post(address, data={**form, "gstin": "29ABCDE1234F1Z5", "bank_ifsc": "X"})
    assert wrong.status_code == 422
    assert 'id="bank_ifsc-error"' in wrong.get_data(as_text=True)
    saved = browser.post(address, data={**form, "gstin": make.KARNATAKA, "tax_regime": "", "is_body_corporate": "true"})
    assert saved.status_code == 303, text(saved)
    page = text(browser.get("/settings/companies"))
    assert make.KARNATAKA in page
    assert "Karnataka (29)" in page
    assert browser.get("/settings/companies/new").status_code == 200
    browser.post("/settings/companies", data={**form, "legal_name": "Acme Cabs"})
    with company.owner.acting():
        other = next(one for one in queries.company_choices() if not one.is_default)
    browser.post(f"/settings/companies/{other.id}/default")
    refused = browser.post(f"/settings/companies/{other.id}/delete", follow_redirects=True)
    assert "default company cannot be deleted" in refused.get_data(as_text=True)
    assert browser.post(f"{address}/delete").status_code == 303


def test_a_tax_rate_has_lines(company):
    browser = company.owner.browser()
    assert "12 % from" in text(browser.get("/settings/tax-rates"))
    assert browser.get("/settings/tax-rates/new").status_code == 200
    lines = {
        "periods-0-valid_from": "22/09/2025", "periods-0-percent": "40",
        "periods-3-valid_from": "01/07/2017", "periods-3-percent": "28", "periods-3-cess_percent": "12,5",
    }  # fmt: skip
    wrong = browser.post(
        "/settings/tax-rates", data={"name": "Cars", "regime": "gst", **lines, "periods-0-percent": "x"}
    )
    assert 'id="periods-0-percent-error"' in wrong.get_data(as_text=True)
    assert browser.post("/settings/tax-rates", data={"name": "Cars", "regime": "gst"}).status_code == 422
    lines["periods-3-cess_percent"] = "12.5"
    made = browser.post("/settings/tax-rates", data={"name": "Cars", "regime": "gst", **lines})
    assert made.status_code == 303, text(made)
    assert "28 % from 01/07/2017" in text(browser.get("/settings/tax-rates"))
    with company.owner.acting():
        rate = next(one for one in queries.all_taxes_on(date(2026, 1, 1)) if one.name == "Cars")
    address = f"/settings/tax-rates/{rate.tax_rate_id}"
    assert 'value="12.50"' in browser.get(address).get_data(as_text=True)
    assert browser.post(f"{address}/delete").status_code == 303


def test_a_rate_of_several_taxes(app_context):
    elsewhere = make_company(currency="USD", locale="en_US")
    browser = elsewhere.owner.browser()
    data = {"name": "Sales tax", "regime": "generic", "periods-0-valid_from": "01/01/2026"}
    wrong = browser.post("/settings/tax-rates", data={**data, "periods-0-components": "State"})
    assert 'id="periods-0-components-error"' in wrong.get_data(as_text=True)
    made = browser.post("/settings/tax-rates", data={**data, "periods-0-components": "State 5 + City tax 2.5 on top"})
    assert made.status_code == 303, text(made)
    page = text(browser.get("/settings/tax-rates"))
    assert "7.625 %" in page
    assert "State 5 + City tax 2.5 on top" in page


def test_service_types_and_price_lists(company):
    browser = company.owner.browser()
    page = text(browser.get("/settings/service-types"))
    assert "Cab hire with driver" in page
    assert "996601" in page
    data = {"name": "Airport drop", "supply_kind": "passenger_transport", "unit_price": "1,249.50", "currency": "INR"}
    assert browser.get("/settings/service-types/new").status_code == 200
    assert browser.post("/settings/service-types", data={**data, "hsn_sac": "1"}).status_code == 422
    assert browser.post("/settings/service-types", data=data).status_code == 303
    assert "1,249.50" in text(browser.get("/settings/service-types?q=airport"))
    with company.owner.acting():
        service = next(one for one in queries.service_choices() if one.name == "Airport drop")
    address = f"/settings/service-types/{service.id}"
    assert browser.get(address).status_code == 200
    assert "No price lists yet" in text(browser.get("/settings/price-lists"))
    row = {"items-1-service_type_id": str(service.id), "items-1-unit_price": "999", "items-1-valid_from": "01/04/2026"}
    more = browser.post("/settings/price-lists", data={"name": "Contract", "currency": "INR", "then": "more", **row})
    assert more.get_data(as_text=True).count('id="items-') > 40
    wrong = browser.post(
        "/settings/price-lists", data={"name": "Contract", "currency": "INR", "items-0-unit_price": "5"}
    )
    assert "Choose what the price is for" in text(wrong)
    assert browser.post("/settings/price-lists", data={"name": "Contract", "currency": "INR", **row}).status_code == 303
    with company.owner.acting():
        listed = queries.price_list_choices()[0]
    page = text(browser.get(f"/settings/price-lists/{listed.id}"))
    assert "Airport drop" in page
    assert "999.00" in page
    assert 'value="999"' in browser.get(f"/settings/price-lists/{listed.id}/edit").get_data(as_text=True)
    assert browser.post(f"{address}/delete").status_code == 303
    assert "no longer sold" in text(browser.get(f"/settings/price-lists/{listed.id}/edit"))
    assert browser.post(f"{address}/restore").status_code == 303
    assert (
        browser.post(f"/settings/price-lists/{listed.id}/delete").headers["Location"].endswith("/settings/price-lists")
    )


def test_client_types_and_managers(company):
    browser = company.owner.browser()
    assert "Corporate" in text(browser.get("/settings/client-types"))
    assert browser.get("/settings/client-types/new").status_code == 200
    assert browser.post("/settings/client-types", data={"name": "corporate"}).status_code == 409
    assert browser.post("/settings/client-types", data={"name": "Schools"}).status_code == 303
    assert browser.get("/settings/account-managers/new").status_code == 200
    assert browser.post("/settings/account-managers", data={"name": "Meera"}).status_code == 303
    assert "Meera" in text(browser.get("/settings/client-types"))


@pytest.mark.rbac
@pytest.mark.parametrize(
    ("role", "sees", "changes"), [("admin", 200, 200), ("analyst", 200, 403), ("member", 403, 403)]
)
def test_who_may_open_what(company, role, sees, changes):
    browser = company.member(role).browser()
    for path in ("/customers", "/settings/companies", "/settings/tax-rates", "/settings/service-types",
                 "/settings/price-lists", "/settings/client-types", "/customers/export.csv"):  # fmt: skip
        assert browser.get(path).status_code == sees, path
    for path in ("/customers/new", "/settings/companies/new", "/settings/tax-rates/new", "/customers/bin"):
        assert browser.get(path).status_code == changes, path
    if sees == 200:
        assert ("New customer" in text(browser.get("/customers"))) is (changes == 200)
