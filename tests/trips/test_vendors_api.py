"""Vendors by the API: what is filled in, what is refused and where, lists, contacts, papers, who may."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.documents import make_pdf
from tests.factories.imports import begin, commit, undo
from tests.factories.vendors import make_rate_card, make_vendor

GSTIN = "29AAGCB7383J1Z4"


def errors(answer: Any) -> dict[str, str]:
    """What is wrong, by field."""
    return {one["pointer"].lstrip("/"): one["detail"] for one in answer.json["errors"]}


def test_a_vendor_is_made_read_changed_archived_and_deleted(company):
    api = company.owner.api()
    made = api.post(
        "/vendors/",
        json={
            "name": " Sri Balaji Travels ", "code": "V-1", "billing_model": "hybrid", "gstin": "29 aagcb7383j 1z4",
            "bank_account_number": "5020 0012 3456", "bank_ifsc": "hdfc0001234", "payment_terms_days": 15,
            "contacts": [{"name": "Ravi Kumar", "email": "ravi@balaji.example"}],
        },
    )  # fmt: skip
    assert made.status_code == 201, made.json
    found = made.json
    assert made.headers["Location"] == f"/api/v1/vendors/{found['id']}"
    assert (found["name"], found["gstin"], found["pan"]) == ("Sri Balaji Travels", GSTIN, "AAGCB7383J")
    assert (found["state"], found["country"], found["currency"]) == ("Karnataka", "IN", "INR")
    assert (found["bank_account_number"], found["bank_ifsc"]) == ("502000123456", "HDFC0001234")
    assert found["contacts"][0]["name"] == "Ravi Kumar"
    path = f"/vendors/{found['id']}"
    etag = api.get(path).headers["ETag"]
    changed = api.patch(path, json={"phone": "+91 98450 12345", "is_archived": True}, headers={"If-Match": etag})
    assert changed.status_code == 200
    assert (changed.json["is_archived"], changed.json["gstin"]) == (True, GSTIN)
    assert changed.json["contacts"][0]["id"] == found["contacts"][0]["id"]
    assert api.patch(path, json={"phone": "1234"}, headers={"If-Match": etag}).status_code == 412
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    ("over", "field", "part"),
    [
        ({"name": ""}, "name", "required"),
        ({"billing_model": "weekly"}, "billing_model", "trip"),
        ({"gstin": "29AAGCB7383J1Z5"}, "gstin", "check character"),
        ({"gstin": GSTIN, "pan": "AAPFU0939F"}, "pan", ""),
        ({"gstin": GSTIN, "state_code": "27"}, "gstin", ""),
        ({"gstin": GSTIN, "country": "DE"}, "country", "India"),
        ({"pan": "AAPXU0939F"}, "pan", "fourth letter"),
        ({"country": "DE", "state_code": "29"}, "state_code", "abroad"),
        ({"country": "XX"}, "country", ""),
        ({"postal_code": "12"}, "postal_code", ""),
        ({"bank_ifsc": "HDFC1"}, "bank_ifsc", "HDFC0001234"),
        ({"email": "nobody"}, "email", "e-mail"),
        ({"payment_terms_days": -1}, "payment_terms_days", ""),
        ({"currency": "XXX"}, "currency", ""),
    ],
)
def test_what_is_wrong_is_said_at_its_field(company, over, field, part):
    answer = company.owner.api().post("/vendors/", json={"name": "Cabs", "billing_model": "trip", **over})
    assert answer.status_code == 422, answer.json
    assert field in errors(answer), answer.json
    assert part in errors(answer)[field]


def test_a_vendor_abroad_has_a_tax_id_and_no_state(company):
    body = {"name": "Taxi Wien", "billing_model": "trip", "country": "AT", "tax_id": "ATU12345678", "currency": "EUR"}
    answer = company.owner.api().post("/vendors/", json=body)
    assert answer.status_code == 201, answer.json
    assert (answer.json["state_code"], answer.json["state"], answer.json["currency"]) == ("", "", "EUR")


def test_names_and_codes_are_taken_once_whatever_their_case(company, other_company):
    api = company.owner.api()
    first = {"name": "Cabs", "code": "V-1", "billing_model": "trip"}
    assert api.post("/vendors/", json=first).status_code == 201
    again = api.post("/vendors/", json={**first, "name": "CABS", "code": ""})
    assert (again.status_code, again.json["code"], list(errors(again))) == (409, "name_taken", ["name"])
    again = api.post("/vendors/", json={**first, "name": "Other", "code": "v-1"})
    assert (again.status_code, again.json["code"], list(errors(again))) == (409, "code_taken", ["code"])
    assert other_company.owner.api().post("/vendors/", json=first).status_code == 201


def test_the_list_is_filtered_sorted_and_goes_on_by_its_cursor(company):
    with company.owner.acting():
        for name, model in (("Asha", "trip"), ("Bala", "package"), ("Chen", "trip"), ("Devi", "hybrid")):
            make_vendor(name=name, billing_model=model, city="Pune" if name == "Chen" else "")
    api = company.owner.api()

    def names(query: str) -> list[str]:
        return [one["name"] for one in api.get(f"/vendors/?{query}").json["data"]]

    assert names("sort=name") == ["Asha", "Bala", "Chen", "Devi"]
    assert names("sort=-name&billing_model=trip") == ["Chen", "Asha"]
    assert names("q=pun") == ["Chen"]
    assert names("q=%25") == []
    page = api.get("/vendors/?sort=name&limit=3&fields=name").json
    assert page["data"] == [{"name": "Asha"}, {"name": "Bala"}, {"name": "Chen"}]
    assert names(f"sort=name&limit=3&cursor={page['next_cursor']}") == ["Devi"]
    assert api.get("/vendors/?sort=city").status_code == 422


def test_a_vendor_with_a_card_is_archived_not_deleted(company):
    with company.owner.acting():
        vendor = make_vendor()
        make_rate_card(vendor)
    answer = company.owner.api().delete(f"/vendors/{vendor.id}")
    assert (answer.status_code, answer.json["code"]) == (409, "in_use")


def test_contacts_come_and_go(company):
    with company.owner.acting():
        path = f"/vendors/{make_vendor().id}/contacts"
    api = company.owner.api()
    made = api.post(path, json={"name": "Ravi", "role": "Dispatch"})
    assert made.status_code == 201
    one = f"{path}/{made.json['id']}"
    assert api.put(one, json={"name": "Ravi Kumar"}).json["role"] == ""
    assert [row["name"] for row in api.get(path).json["data"]] == ["Ravi Kumar"]
    assert api.delete(one).status_code == 204
    assert api.get(path).json["data"] == []


def test_papers_are_kept_opened_and_taken_off(company):
    with company.owner.acting():
        path = f"/vendors/{make_vendor().id}/files"
    api = company.owner.api()
    sent = {"files": (make_pdf(), "contract.pdf"), "label": "Contract 2026", "expires_on": "2026-12-31"}
    made = api.post(path, data=sent)
    assert made.status_code == 201, made.json
    paper = made.json["data"][0]
    assert (paper["filename"], paper["label"], paper["expires_on"]) == ("contract.pdf", "Contract 2026", "2026-12-31")
    assert company.member("analyst").browser().get(paper["url"]).status_code == 200
    assert company.member("member").browser().get(paper["url"]).status_code == 404
    assert api.post(path, data={"files": (make_pdf(), "again.pdf")}).status_code == 422
    assert api.post(path, data={}).status_code == 422
    assert api.delete(f"{path}/{paper['id']}").status_code == 204
    assert api.get(path).json["data"] == []


@pytest.mark.rbac
@pytest.mark.parametrize(("role", "read", "write"), [("admin", 200, 201), ("analyst", 200, 403), ("member", 403, 403)])
def test_who_may(company, role, read, write):
    api = company.member(role).api()
    assert api.get("/vendors/").status_code == read
    assert api.post("/vendors/", json={"name": "Cabs", "billing_model": "trip"}).status_code == write
    assert api.get("/rate-cards/").status_code == read
    assert api.get("/incentive-rules/").status_code == read


def test_vendors_are_imported_checked_and_taken_back(company):
    """A used vendor stays when the import is undone; a row that is wrong is named with its field."""
    api = company.owner.api()
    with company.owner.acting():
        make_vendor(name="Known Cabs")
    content = (
        "Vendor name,Vendor code,Contract type,GSTIN,State,Country,Payment terms,IFSC,Contact person\n"
        f"Sri Balaji,V-1,Fixed and variable,{GSTIN},,,Net 15,hdfc0001234,Ravi\n"
        "Nandi Rentals,V-2,rental,,29-Karnataka,India,,,\n"
        "Wrong GSTIN,V-3,trip,29AAGCB7383J1Z5,,,,,\n"
        "Wrong model,V-4,lottery,,,,,,\n"
        "known cabs,V-5,trip,,,,,,\n"
        "Taxi Wien,V-6,,,,Austria,on receipt,,\n"
    ).encode()
    found = begin(api, content, name="vendors.csv", kind="vendors")
    assert (found["valid"], found["invalid"], found["duplicates"]) == (3, 2, 1), found
    done = commit(company, found)
    assert done["committed_rows"] == 3
    listed = {one["name"]: one for one in api.get(f"/vendors/?import_id={done['id']}").json["data"]}
    assert set(listed) == {"Sri Balaji", "Nandi Rentals", "Taxi Wien"}
    balaji = listed["Sri Balaji"]
    assert (balaji["billing_model"], balaji["pan"], balaji["payment_terms_days"]) == ("hybrid", "AAGCB7383J", 15)
    assert (balaji["bank_ifsc"], balaji["state"]) == ("HDFC0001234", "Karnataka")
    assert (listed["Taxi Wien"]["country"], listed["Taxi Wien"]["payment_terms_days"]) == ("AT", 0)
    assert api.get(f"/vendors/{balaji['id']}").json["contacts"][0]["name"] == "Ravi"
    assert api.patch(f"/vendors/{balaji['id']}", json={"notes": "Used"}).status_code == 200
    undo(company, done)
    assert {one["name"] for one in api.get("/vendors/").json["data"]} == {"Sri Balaji", "Known Cabs"}
