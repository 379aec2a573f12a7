"""Customers by the API: what is filled in, what is refused and where, lists, the bin, who may."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.factories import customers as make
from tests.factories.tenants import Company, set_tier

KA, MH = make.BUYER_KARNATAKA, make.BUYER_MAHARASHTRA


def errors(answer: Any) -> dict[str, str]:
    """What is wrong, by field."""
    return {one["pointer"].lstrip("/"): one["detail"] for one in answer.json["errors"]}


def new(company: Company, **over: Any) -> dict[str, Any]:
    """A customer made by the API."""
    answer = company.owner.api().post("/customers/", json={"name": "Bluepeak Foods", **over})
    assert answer.status_code == 201, answer.json
    made: dict[str, Any] = answer.json
    return made


def test_a_customer_is_made_read_changed_and_deleted(company):
    api = company.owner.api()
    made = api.post(
        "/customers/",
        json={
            "name": "  Bluepeak Foods Pvt Ltd ",
            "code": "C-1",
            "email": "ap@bluepeak.example",
            "gstin": "29 aagcb7383j 1z4",
            "address_line1": "14 Residency Road",
            "city": "Bengaluru",
            "postal_code": "560025",
            "credit_limit": "500000",
            "custom_fields": {"Route": "North", "Score": 7},
        },
    )
    assert made.status_code == 201
    assert made.headers["Location"] == f"/api/v1/customers/{made.json['id']}"
    found = made.json
    assert (found["name"], found["gstin"], found["pan"]) == ("Bluepeak Foods Pvt Ltd", KA, "AAGCB7383J")
    assert (found["gst_category"], found["state_code"], found["state"]) == ("registered", "29", "Karnataka")
    assert (found["country"], found["currency"], found["credit_limit"]) == ("IN", "INR", "500000.00")
    assert found["warnings"] == []
    assert found["custom_fields"] == {"Route": "North", "Score": 7}
    path = f"/customers/{found['id']}"
    assert api.get(path).json == {name: value for name, value in found.items() if name != "warnings"}
    etag = api.get(path).headers["ETag"]
    patched = api.patch(path, json={"phone": "+91 98450 12345"}, headers={"If-Match": etag})
    assert patched.status_code == 200
    assert patched.json["gstin"] == KA
    assert api.patch(path, json={"phone": "1234"}, headers={"If-Match": etag}).status_code == 412
    replaced = api.put(path, json={"name": "Bluepeak"})
    assert (replaced.json["gstin"], replaced.json["gst_category"], replaced.json["phone"]) == ("", "unregistered", "")
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    back = api.post(f"{path}/restore")
    assert (back.status_code, back.json["deleted_at"]) == (200, None)
    assert api.get(path).status_code == 200


FILLED_IN = [
    ({"gstin": KA}, {"gst_category": "registered", "state_code": "29", "country": "IN"}),
    ({"gstin": KA, "gst_category": "sez"}, {"gst_category": "sez", "state_code": "29"}),
    ({"state_code": "27"}, {"gst_category": "unregistered", "state_code": "27"}),
    ({"state_code": "Karnataka"}, {"state_code": "29"}),
    ({"state_code": "7"}, {"state_code": "07"}),
    ({"country": "ae", "currency": "aed"}, {"gst_category": "overseas", "state_code": "96", "currency": "AED"}),
    ({"country": "US", "gst_category": "overseas"}, {"country": "US", "state_code": "96"}),
    ({"country": "SG", "state_code": "96"}, {"gst_category": "overseas", "state_code": "96"}),
    ({"gst_category": "unregistered", "pan": "aapfu 0939f"}, {"pan": "AAPFU0939F"}),
]


def test_what_is_left_out_is_filled_in(company):
    for said, told in FILLED_IN:
        found = new(company, **said)
        assert {name: found[name] for name in told} == told


CONTRADICTIONS = [
    ({"name": " "}, "name", "required"),
    ({"gstin": "29ABCDE1234F1Z5"}, "gstin", "check character"),
    ({"gstin": "29AAGCB7383J1Z"}, "gstin", "15 characters"),
    ({"gst_category": "registered"}, "gstin", "enter it"),
    ({"gst_category": "sez"}, "gstin", "SEZ"),
    ({"gstin": KA, "gst_category": "unregistered"}, "gst_category", "registered"),
    ({"gstin": KA, "state_code": "27"}, "gstin", "Karnataka"),
    ({"gstin": KA, "pan": "AAPFU0939F"}, "pan", "AAGCB7383J"),
    ({"gstin": KA, "country": "AE"}, "country", "India"),
    ({"gst_category": "overseas"}, "country", "country"),
    ({"gst_category": "overseas", "country": "IN"}, "country", "outside India"),
    ({"gst_category": "overseas", "country": "US", "state_code": "29"}, "state_code", "overseas"),
    ({"gst_category": "unregistered", "country": "US"}, "gst_category", "overseas"),
    ({"country": "XX"}, "country", "two-letter"),
    ({"country": "IN", "state_code": "96"}, "state_code", "State"),
    ({"state_code": "28"}, "state_code", "no longer"),
    ({"pan": "ABC"}, "pan", "10 characters"),
    ({"postal_code": "056002"}, "postal_code", "PIN"),
    ({"email": "ap@bluepeak"}, "email", "e-mail"),
    ({"phone": "call me"}, "phone", "phone"),
    ({"website": "not a site"}, "website", "www"),
    ({"currency": "XYZ"}, "currency", "ISO 4217"),
    ({"credit_limit": "10.005"}, "credit_limit", "2 decimal"),
    ({"credit_limit": "-1"}, "credit_limit", "0"),
    ({"payment_terms_days": 9999}, "payment_terms_days", "3650"),
    ({"language": "xx_YY"}, "language", "locale"),
    ({"client_type_id": "0191d5a0-0000-7000-8000-000000000000"}, "client_type_id", "no such client type"),
    ({"custom_fields": {"a": [1]}}, "custom_fields", "holds text"),
    ({"contacts": [{"name": "A", "email": "nope"}]}, "contacts/0/email", "e-mail"),
    ({"addresses": [{"label": "Depot", "postal_code": "12"}]}, "addresses/0/postal_code", "PIN"),
]


def test_what_contradicts_itself_is_refused_at_its_field(company):
    api = company.owner.api()
    for said, field, words in CONTRADICTIONS:
        answer = api.post("/customers/", json={"name": "Bluepeak Foods", **said})
        assert answer.status_code == 422, said
        assert words in errors(answer)[field], answer.json
    assert api.get("/customers/").json["data"] == []


def test_a_new_gstin_tells_state_and_category_anew(company):
    api = company.owner.api()
    path = f"/customers/{new(company, gstin=KA)['id']}"
    moved = api.patch(path, json={"gstin": MH}).json
    assert (moved["state_code"], moved["pan"], moved["gst_category"]) == ("27", "AAPFU0939F", "registered")
    without = api.patch(path, json={"gstin": ""}).json
    assert (without["state_code"], without["pan"], without["gst_category"]) == ("27", "", "unregistered")
    abroad = api.patch(path, json={"country": "AE"}).json
    assert (abroad["state_code"], abroad["gst_category"]) == ("96", "overseas")
    home = api.patch(path, json={"country": "IN", "gstin": KA}).json
    assert (home["state_code"], home["gst_category"]) == ("29", "registered")


def test_two_customers_with_one_gstin_are_told_not_refused(company):
    new(company, name="First", code="F1", gstin=KA)
    second = new(company, name="Second", gstin=KA)
    assert [one["code"] for one in second["warnings"]] == ["duplicate_gstin"]
    assert "First (F1)" in second["warnings"][0]["detail"]
    third = new(company, name="second", state_code="29", postal_code="110001")
    assert {one["code"] for one in third["warnings"]} == {"duplicate_name", "postal_code"}
    again = company.owner.api().patch(f"/customers/{second['id']}", json={"phone": "080 123"}).json
    assert again["warnings"] == []


def test_a_code_is_had_once(company):
    api = company.owner.api()
    first = new(company, code="c-1")
    taken = api.post("/customers/", json={"name": "Other", "code": "C-1"})
    assert (taken.status_code, taken.json["code"], list(errors(taken))) == (409, "code_taken", ["code"])
    assert api.delete(f"/customers/{first['id']}").status_code == 204
    second = new(company, name="Other", code="C-1")
    assert api.post(f"/customers/{first['id']}/restore").status_code == 409
    assert api.patch(f"/customers/{second['id']}", json={"code": ""}).status_code == 200
    assert api.post(f"/customers/{first['id']}/restore").status_code == 200


def test_contacts_and_addresses_come_with_the_customer_and_alone(company):
    api = company.owner.api()
    made = new(
        company,
        contacts=[{"name": "Asha Rao", "email": "asha@bluepeak.example"}, {"name": "Ravi"}],
        addresses=[{"label": "Depot", "city": "Hosur", "state_code": "33", "postal_code": "635109"}],
    )
    path = f"/customers/{made['id']}"
    assert [one["name"] for one in made["contacts"]] == ["Asha Rao", "Ravi"]
    added = api.post(f"{path}/contacts", json={"name": "Meera", "gets_reminders": False})
    assert added.status_code == 201
    assert api.get(f"{path}/contacts").json["data"][-1]["gets_reminders"] is False
    one = f"{path}/contacts/{added.json['id']}"
    assert api.put(one, json={"name": "Meera Iyer"}).json["gets_reminders"] is True
    kept = api.patch(path, json={"phone": "080 2222"}).json
    assert len(kept["contacts"]) == 3
    replaced = api.put(path, json={"name": "Bluepeak", "contacts": [{"name": "Ravi"}]}).json
    assert [(contact["name"], contact["id"]) for contact in replaced["contacts"]] == [
        ("Ravi", made["contacts"][1]["id"])
    ]
    assert len(replaced["addresses"]) == 1
    assert api.delete(one).status_code == 404
    depot = f"{path}/addresses/{made['addresses'][0]['id']}"
    assert api.put(depot, json={"label": "Depot", "country": "AE", "state_code": "33"}).json["state_code"] == ""
    assert errors(api.put(depot, json={"label": "Depot", "state_code": "00"})) != {}
    assert api.delete(depot).status_code == 204
    assert api.get(f"{path}/addresses").json["data"] == []
    other = new(company, name="Other", contacts=[{"name": "Theirs"}])
    assert api.delete(f"{path}/contacts/{other['contacts'][0]['id']}").status_code == 404


def test_lists_are_filtered_sorted_and_paged(company):
    api = company.owner.api()
    kind = api.post("/client-types/", json={"name": "Schools"}).json
    new(company, name="Alpha", gstin=KA, client_type_id=kind["id"], city="Mysuru")
    new(company, name="Beta 100%", country="AE", email="Pay@Beta.example")
    new(company, name="Gamma", is_archived=True)

    def names(query: str) -> list[str]:
        answer = api.get(f"/customers/?{query}")
        assert answer.status_code == 200, answer.json
        return [one["name"] for one in answer.json["data"]]

    assert names("") == ["Gamma", "Beta 100%", "Alpha"]
    assert names("sort=name") == ["Alpha", "Beta 100%", "Gamma"]
    assert names("q=mysu") == ["Alpha"]
    assert names("q=100%25") == ["Beta 100%"]
    assert names("q=100_") == []
    assert names("gst_category=overseas") == ["Beta 100%"]
    assert names(f"client_type_id={kind['id']}") == ["Alpha"]
    assert names("client_type_id=none&sort=name") == ["Beta 100%", "Gamma"]
    assert names("archived=false&sort=name") == ["Alpha", "Beta 100%"]
    assert names("email=pay@beta.EXAMPLE") == ["Beta 100%"]
    assert names(f"gstin={KA.lower()}&state_code=29") == ["Alpha"]
    first = api.get("/customers/?sort=name&limit=2").json
    assert first["has_more"] is True
    new(company, name="Aardvark")
    assert names(f"sort=name&limit=2&cursor={first['next_cursor']}") == ["Gamma"]
    assert api.get("/customers/?fields=name,code&limit=1").json["data"] == [{"name": "Aardvark", "code": ""}]
    assert api.get("/customers/?fields=secret").status_code == 422
    assert api.get("/customers/?sort=gstin").status_code == 422


def test_the_list_as_a_file(company):
    api = company.owner.api()
    new(company, name="=HYPERLINK(1)", gstin=KA, credit_limit="1000.5")
    new(company, name="Other", country="AE")
    answer = api.get("/customers/?format=csv&q=hyper")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert len(rows) == 1
    assert (rows[0]["Name"], rows[0]["State"], rows[0]["Credit limit"]) == ("'=HYPERLINK(1)", "Karnataka", "1000.50")
    sheet = api.get("/customers/?format=xlsx")
    assert sheet.data[:2] == b"PK"
    assert "customers-" in sheet.headers["Content-Disposition"]


def test_the_limit_of_the_plan(company):
    set_tier(company, "basic")
    with company.owner.acting():
        for _ in range(49):
            make.make_customer()
    new(company)
    answer = company.owner.api().post("/customers/", json={"name": "Too many"})
    assert (answer.status_code, answer.json["limit"], answer.json["used"]) == (402, 50, 50)
    assert "upgrade_url" in answer.json


@pytest.mark.rbac
@pytest.mark.parametrize(
    ("role", "reads", "writes"), [("owner", 200, 201), ("admin", 200, 201), ("analyst", 200, 403), ("member", 403, 403)]
)
def test_who_may_see_and_change(company, role, reads, writes):
    api = company.member(role).api()
    for path in ("/customers/", "/client-types/", "/service-types/", "/tax-rates/", "/companies/", "/gst-settings/"):
        assert api.get(path).status_code == reads, path
    assert api.post("/customers/", json={"name": "New"}).status_code == writes
    assert api.post("/tax-rates/", json={"name": "New", "percent": "3"}).status_code == writes
    assert api.put("/gst-settings/", json={"round_off": True}).status_code == (200 if writes == 201 else 403)


@pytest.mark.tenancy
def test_others_see_nothing(company, other_company):
    made = new(company, code="C-9", contacts=[{"name": "Asha"}])
    theirs = other_company.owner.api()
    assert theirs.get(f"/customers/{made['id']}").status_code == 404
    assert theirs.get("/customers/?q=Bluepeak").json["data"] == []
    assert new(other_company, code="C-9", gstin=KA)["warnings"] == []
    kind = company.owner.api().get("/client-types/").json["data"][0]
    refused = theirs.post("/customers/", json={"name": "X", "client_type_id": kind["id"]})
    assert (refused.status_code, list(errors(refused))) == (422, ["client_type_id"])


def test_every_change_is_in_the_trail(company):
    made = new(company, contacts=[{"name": "Asha"}])
    company.owner.api().patch(f"/customers/{made['id']}", json={"city": "Mysuru"})
    from sqlalchemy import select

    from tracktok.audit.models import AuditEvent
    from tracktok.core.db import db
    from tracktok.core.tenancy import tenant_scope

    with tenant_scope(company.id):
        rows = db.session.execute(
            select(AuditEvent.action, AuditEvent.entity, AuditEvent.label).where(
                AuditEvent.entity.in_(["customers", "customer_contacts"])
            )
        ).all()
    assert {tuple(row) for row in rows} == {
        ("created", "customers", "Bluepeak Foods"),
        ("updated", "customers", "Bluepeak Foods"),
        ("created", "customer_contacts", "Asha"),
    }
