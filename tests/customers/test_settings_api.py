"""Companies, GST settings, tax rates, service types, price lists, client types and account managers by the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import customers as make
from tests.factories.tenants import make_company

KA = make.KARNATAKA


def errors(answer: Any) -> dict[str, str]:
    """What is wrong, by field."""
    return {one["pointer"].lstrip("/"): one["detail"] for one in answer.json["errors"]}


# GST settings ------------------------------------------------------------------------------------------------------


def test_gst_settings_of_the_default_company(company):
    api = company.owner.api()
    before = api.get("/gst-settings").json
    assert (before["tax_regime"], before["registered"], before["gstin"]) == ("none", False, "")
    answer = api.put(
        "/gst-settings",
        json={
            "gstin": KA,
            "legal_name": "Acme Logistics Pvt Ltd",
            "state_code": "29",
            "registered": True,
            "round_off": True,
            "lut": False,
        },
    )
    assert answer.status_code == 200, answer.json
    after = answer.json
    assert (after["tax_regime"], after["state"], after["pan"]) == ("gst", "Karnataka", "AABCI5678G")
    assert (after["legal_name"], after["round_off"], after["is_body_corporate"]) == (
        "Acme Logistics Pvt Ltd",
        True,
        True,
    )
    assert api.get("/gst-settings").json == after
    lut = api.put("/gst-settings", json={"lut": True, "lut_reference": "AD290326000123X", "hsn_digits": 6}).json
    assert (lut["gstin"], lut["lut"], lut["hsn_digits"], lut["round_off"]) == (KA, True, 6, True)
    stale = api.put("/gst-settings", json={"lut": False}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    gone = api.put("/gst-settings", json={"gstin": ""}).json
    assert (gone["tax_regime"], gone["registered"], gone["lut"], gone["state_code"]) == ("none", False, False, "29")


WRONG_SETTINGS = [
    ({"gstin": "29ABCDE1234F1Z5"}, "gstin"),
    ({"gstin": KA, "state_code": "27"}, "state_code"),
    ({"gstin": KA, "pan": "AAPFU0939F"}, "pan"),
    ({"gstin": KA, "registered": False}, "registered"),
    ({"registered": True}, "gstin"),
    ({"lut": True}, "lut"),
    ({"state_code": "96"}, "state_code"),
    ({"hsn_digits": 5}, "hsn_digits"),
    ({"legal_name": ""}, "legal_name"),
]


def test_gst_settings_that_contradict_are_refused(company):
    api = company.owner.api()
    for said, field in WRONG_SETTINGS:
        answer = api.put("/gst-settings", json=said)
        assert answer.status_code == 422, said
        assert field in errors(answer), said
    assert api.get("/gst-settings").json["version"] == 1


def test_gst_settings_of_another_company(company, other_company):
    api = company.owner.api()
    second = api.post("/companies/", json={"legal_name": "Acme Cabs", "gstin": make.BUYER_MAHARASHTRA}).json
    assert (second["tax_regime"], second["state_code"], second["is_default"]) == ("gst", "27", False)
    assert api.get(f"/gst-settings?company_id={second['id']}").json["state"] == "Maharashtra"
    assert api.put(f"/gst-settings?company_id={second['id']}", json={"round_off": True}).json["round_off"] is True
    assert api.get("/gst-settings").json["round_off"] is False
    theirs = other_company.owner.api()
    assert theirs.get(f"/gst-settings?company_id={second['id']}").status_code == 404
    assert theirs.put(f"/gst-settings?company_id={second['id']}", json={"round_off": False}).status_code == 404


def test_an_individual_is_no_body_corporate(company):
    answer = company.owner.api().put("/gst-settings", json={"gstin": "27AAPFU0939F1ZV", "is_body_corporate": False})
    assert answer.json["is_body_corporate"] is False


# Companies ---------------------------------------------------------------------------------------------------------

COMPANY = {
    "legal_name": "Acme Cabs LLP",
    "bank_name": "HDFC Bank",
    "bank_account_number": "5010 0123 4567",
    "bank_ifsc": "hdfc0001234",
    "upi_id": "acme.cabs@hdfcbank",
    "payment_terms_days": 15,
}


def test_companies_are_made_changed_and_deleted(company):
    api = company.owner.api()
    made = api.post("/companies/", json=COMPANY)
    assert made.status_code == 201, made.json
    found = made.json
    assert (found["org_code"], found["bank_ifsc"], found["bank_account_number"]) == (
        "ACME",
        "HDFC0001234",
        "501001234567",
    )
    path = f"/companies/{found['id']}"
    assert len(api.get("/companies/").json["data"]) == 2
    assert api.patch(path, json={"city": "Pune", "postal_code": "411001"}).json["bank_name"] == "HDFC Bank"
    taken = api.put(path, json={"legal_name": api.get("/gst-settings").json["legal_name"].upper()})
    assert (taken.status_code, list(errors(taken))) == (409, ["legal_name"])
    assert api.post(f"{path}/default").json["is_default"] is True
    assert api.delete(path).json["code"] == "default_company"
    assert api.patch(path, json={"is_archived": True}).status_code == 409
    other = next(one for one in api.get("/companies/").json["data"] if not one["is_default"])
    assert api.delete(f"/companies/{other['id']}").status_code == 204


WRONG_COMPANIES = [
    ({"bank_ifsc": "HDFC1234"}, "bank_ifsc"),
    ({"bank_swift": "HDFC"}, "bank_swift"),
    ({"bank_account_number": "DE89370400440532013001"}, "bank_account_number"),
    ({"upi_id": "acme"}, "upi_id"),
    ({"org_code": "A-1"}, "org_code"),
    ({"tax_regime": "gst"}, "gstin"),
    ({"gstin": KA, "tax_regime": "generic"}, "tax_regime"),
    ({"gstin": KA, "country": "DE"}, "country"),
    ({"country": "ZZ"}, "country"),
    ({"postal_code": "1"}, "postal_code"),
]


def test_what_is_wrong_with_a_company_is_named(company):
    api = company.owner.api()
    for said, field in WRONG_COMPANIES:
        answer = api.post("/companies/", json={"legal_name": "Acme", **said})
        assert answer.status_code == 422, said
        assert field in errors(answer), said
    assert len(api.get("/companies/").json["data"]) == 1


def test_a_company_elsewhere_has_a_tax_id(app_context):
    elsewhere = make_company(currency="EUR", locale="de_DE")
    answer = elsewhere.owner.api().post(
        "/companies/",
        json={"legal_name": "Beispiel GmbH", "country": "DE", "tax_id": "DE129273398", "postal_code": "10115",
              "bank_account_number": "DE89 3704 0044 0532 0130 00"},
    )  # fmt: skip
    assert answer.status_code == 201, answer.json
    assert (answer.json["tax_regime"], answer.json["tax_id"]) == ("generic", "DE129273398")
    assert answer.json["bank_account_number"] == "DE89370400440532013000"


# Tax rates ---------------------------------------------------------------------------------------------------------


def test_tax_rates_have_periods(company):
    api = company.owner.api()
    simple = api.post("/tax-rates/", json={"name": "GST 3 %", "percent": "3"}).json
    assert (simple["regime"], simple["percent"], len(simple["periods"])) == ("gst", "3", 1)
    assert simple["periods"][0]["valid_from"] == "2017-07-01"
    periods = [
        {"valid_from": "2025-09-22", "percent": "40", "cess_percent": "0"},
        {"valid_from": "2017-07-01", "percent": "28", "cess_percent": "12.5", "cess_per_unit": "4.25"},
    ]
    made = api.post("/tax-rates/", json={"name": "Cars", "periods": periods}).json
    assert [one["valid_from"] for one in made["periods"]] == ["2017-07-01", "2025-09-22"]
    assert (made["periods"][0]["cess_percent"], made["periods"][0]["cess_per_unit"]) == ("12.5", "4.25")
    assert made["percent"] == "40"
    path = f"/tax-rates/{made['id']}"
    renamed = api.patch(path, json={"name": "Motor cars"}).json
    assert (renamed["name"], len(renamed["periods"])) == ("Motor cars", 2)
    assert api.put(path, json={"name": "Motor cars", "percent": "28"}).json["percent"] == "28"
    assert [one["name"] for one in api.get("/tax-rates/?q=motor").json["data"]] == ["Motor cars"]
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


WRONG_RATES = [
        ({"name": "gst 5 %", "percent": "5"}, 409, "name"),
        ({"name": "X"}, 422, ""),
        ({"name": "X", "percent": "-1"}, 422, "percent"),
        ({"name": "X", "percent": "1", "periods": [{"valid_from": "2020-01-01", "percent": "1"}]}, 422, ""),
        ({"name": "X", "periods": [{"valid_from": "2020-01-01"}]}, 422, "periods/0"),
        (
            {"name": "X", "periods": [{"valid_from": "2020-01-01", "percent": "1"}] * 2},
            422,
            "periods/1/valid_from",
        ),
        (
            {"name": "X", "periods": [{"valid_from": "2020-01-01", "components": [{"label": "A", "percent": "1"}]}]},
            422,
            "periods/0/components",
        ),
        (
            {"name": "X", "regime": "generic", "periods": [{"valid_from": "2020-01-01", "percent": "3",
             "components": [{"label": "A", "percent": "1"}]}]},
            422,
            "periods/0/percent",
        ),
        (
            {"name": "X", "regime": "generic", "periods": [{"valid_from": "2020-01-01", "percent": "3",
             "cess_percent": "1"}]},
            422,
            "periods/0/cess_percent",
        ),
    ]  # fmt: skip


def test_what_is_wrong_with_a_tax_rate_is_named(company):
    api = company.owner.api()
    for said, status, field in WRONG_RATES:
        answer = api.post("/tax-rates/", json=said)
        assert answer.status_code == status, said
        assert field in errors(answer), said
    assert len(api.get("/tax-rates/").json["data"]) == 4


def test_a_rate_in_use_is_not_deleted(company):
    api = company.owner.api()
    rate = api.get("/tax-rates/?q=transport").json["data"][0]
    answer = api.delete(f"/tax-rates/{rate['id']}")
    assert (answer.status_code, answer.json["code"]) == (409, "in_use")
    assert api.patch(f"/tax-rates/{rate['id']}", json={"is_archived": True}).json["is_archived"] is True
    refused = api.post("/service-types/", json={"name": "New", "tax_rate_id": rate["id"]})
    assert list(errors(refused)) == ["tax_rate_id"]


# Service types -----------------------------------------------------------------------------------------------------


def test_service_types_are_made_changed_deleted_and_brought_back(company):
    api = company.owner.api()
    rate = api.get("/tax-rates/?q=5 %25").json["data"][0]
    made = api.post(
        "/service-types/",
        json={"name": "Airport drop", "hsn_sac": "996412", "supply_kind": "passenger_transport", "unit": "trip",
              "unit_price": "1249.5", "tax_rate_id": rate["id"]},
    )  # fmt: skip
    assert made.status_code == 201, made.json
    found = made.json
    assert (found["unit_price"], found["currency"], found["tax_rate"], found["tax_percent"]) == (
        "1249.50", "INR", "GST 5 %", "5",
    )  # fmt: skip
    path = f"/service-types/{found['id']}"
    assert api.patch(path, json={"unit_price": "0.0125"}).json["unit_price"] == "0.0125"
    assert api.patch(path, json={"description": "By car"}).json["unit_price"] == "0.0125"
    assert [one["name"] for one in api.get("/service-types/?q=airport").json["data"]] == ["Airport drop"]
    assert api.get("/service-types/?supply_kind=goods").json["data"] == []
    assert api.post("/service-types/", json={"name": "AIRPORT drop"}).status_code == 409
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    api.post("/service-types/", json={"name": "Airport drop"})
    assert api.post(f"{path}/restore").status_code == 409
    again = api.get("/service-types/?q=airport").json["data"][0]
    assert api.delete(f"/service-types/{again['id']}").status_code == 204
    assert api.post(f"{path}/restore").json["name"] == "Airport drop"


WRONG_SERVICES = [
    ({"hsn_sac": "8703"}, "hsn_sac"),
    ({"hsn_sac": "9964", "supply_kind": "goods"}, "hsn_sac"),
    ({"hsn_sac": "99A"}, "hsn_sac"),
    ({"unit_price": "-1"}, "unit_price"),
    ({"unit_price": "1.00001"}, "unit_price"),
    ({"currency": "RUPEE"}, "currency"),
    ({"supply_kind": "magic"}, "supply_kind"),
    ({"book_account_id": "0191d5a0-0000-7000-8000-000000000000"}, "book_account_id"),
]


def test_what_is_wrong_with_a_service_type_is_named(company):
    api = company.owner.api()
    for said, field in WRONG_SERVICES:
        answer = api.post("/service-types/", json={"name": "New", **said})
        assert answer.status_code == 422, said
        assert field in errors(answer), said
    assert api.get("/service-types/?q=New").json["data"] == []


# Price lists -------------------------------------------------------------------------------------------------------


def test_price_lists_hold_prices_for_a_time(company):
    api = company.owner.api()
    cab, trip = (api.get(f"/service-types/?q={name}").json["data"][0]["id"] for name in ("cab hire", "taxi"))
    items = [
        {"service_type_id": cab, "unit_price": "2100", "valid_from": "2026-04-01", "valid_to": "2027-03-31"},
        {"service_type_id": trip, "unit_price": "14.75"},
    ]
    made = api.post("/price-lists/", json={"name": "Contract", "items": items})
    assert made.status_code == 201, made.json
    assert [one["unit_price"] for one in made.json["items"]] == ["2100.00", "14.75"]
    path = f"/price-lists/{made.json['id']}"
    customer = api.post("/customers/", json={"name": "Bluepeak", "price_list_id": made.json["id"]}).json
    assert api.get(path).json["customers"] == 1
    assert api.delete(path).json["code"] == "in_use"
    api.patch(f"/customers/{customer['id']}", json={"price_list_id": None})
    both = [{**items[0], "valid_to": "2026-01-01"}, {**items[0], "service_type_id": made.json["id"]}]
    wrong = api.patch(path, json={"items": [*both, items[0]]})
    assert set(errors(wrong)) == {"items/0/valid_to", "items/1/service_type_id", "items/2/valid_from"}
    assert api.patch(path, json={"items": []}).json["items"] == []
    assert api.delete(path).status_code == 204


# Client types and account managers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "member"), [("/client-types", "client_type_id"), ("/account-managers", "account_manager_id")]
)
def test_groups_are_deleted_only_while_no_customer_is_in_them(company, path, member):
    api = company.owner.api()
    made = api.post(f"{path}/", json={"name": "North"}).json
    assert api.post(f"{path}/", json={"name": "NORTH"}).status_code == 409
    customer = api.post("/customers/", json={"name": "Bluepeak", member: made["id"]}).json
    one = f"{path}/{made['id']}"
    assert api.get(one).json["customers"] == 1
    refused = api.delete(one)
    assert (refused.status_code, refused.json["code"]) == (409, "in_use")
    assert api.patch(one, json={"name": "South"}).json["name"] == "South"
    assert api.get(f"/customers/{customer['id']}").json[member.removesuffix("_id")] == "South"
    api.patch(f"/customers/{customer['id']}", json={member: None})
    assert api.delete(one).status_code == 204


def test_an_account_manager_may_be_a_person_of_the_company(company, other_company):
    api = company.owner.api()
    made = api.post("/account-managers/", json={"name": "Olga", "person_id": str(company.owner.person_id)})
    assert made.status_code == 201
    refused = api.post("/account-managers/", json={"name": "X", "person_id": str(other_company.owner.person_id)})
    assert list(errors(refused)) == ["person_id"]
