"""Customers from a file and back: columns guessed, bad rows named, duplicates, names that are made, undo."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import customers as make
from tests.factories.imports import begin, commit, undo, upload
from tests.factories.tenants import set_tier
from tracktok.customers.rules import imports as rules
from tracktok.imports.rules.cells import Bad

KA, MH = make.BUYER_KARNATAKA, make.BUYER_MAHARASHTRA
PLAIN = (
    "Customer Name,Customer Code,GSTIN,E-mail ID,Mobile No,Billing Address,City,PIN Code,State,Country,Credit Period,"
    "Credit Limit,Group,Contact Person\n"
    f"Bluepeak Foods,C-1,{KA},ap@bluepeak.example,+91 98450 12345,14 Residency Road,Bengaluru,560025,29-Karnataka,"
    'India,Net 30,"5,00,000.00",Schools,Meera Iyer\n'
    "Gulf Trading,,,,,Office 12,Dubai,,Dubai,United Arab Emirates,on receipt,,Corporate,\n"
    "Asha Rao,,,,98450 12345,7 Temple Street,Mysuru,570001,KA,,,,,\n"
)


def start(api: Any, text: str, **options: Any) -> dict[str, Any]:
    return begin(api, text, name="customers.csv", kind="customers", **options)


def customers(api: Any, **query: Any) -> list[dict[str, Any]]:
    answer = api.get("/customers/", query_string={"sort": "name", **query})
    assert answer.status_code == 200, answer.json
    return answer.json["data"]


def reasons(api: Any, found: dict[str, Any], status: str) -> list[tuple[int, str, str]]:
    rows = api.get(f"/imports/{found['id']}/rows?status={status}").json["data"]
    return [(row["row"], error["column"], error["message"]) for row in rows for error in row["errors"]]


def test_a_list_of_customers_is_read_mapped_and_written(company):
    api = company.owner.api()
    found = start(api, PLAIN)
    assert found["status"] == "ready", found["questions"]
    assert found["mapping"]["name"] == "Customer Name"
    assert found["mapping"]["payment_terms"] == "Credit Period"
    assert len(found["mapping"]) == 14
    assert [found[name] for name in ("rows", "valid", "invalid", "duplicates")] == [3, 3, 0, 0], found["errors"]
    done = commit(company, found)
    assert done["committed_rows"] == 3
    asha, blue, gulf = customers(api)
    assert (blue["gst_category"], blue["state_code"], blue["pan"], blue["currency"]) == (
        "registered", "29", "AAGCB7383J", "INR",
    )  # fmt: skip
    assert (blue["payment_terms_days"], blue["credit_limit"], blue["client_type"]) == (30, "500000.00", "Schools")
    assert (gulf["country"], gulf["gst_category"], gulf["address_line2"]) == ("AE", "overseas", "Dubai")
    assert (gulf["payment_terms_days"], gulf["client_type"]) == (0, "Corporate")
    assert (asha["state_code"], asha["gst_category"], asha["country"]) == ("29", "unregistered", "IN")
    contacts = api.get(f"/customers/{blue['id']}").json["contacts"]
    assert [one["name"] for one in contacts] == ["Meera Iyer"]
    assert len(customers(api, import_id=done["id"])) == 3
    assert "Bluepeak Foods" in company.owner.browser().get(f"/customers?import_id={done['id']}").text


def test_every_bad_row_is_named_with_its_reason(company):
    api = company.owner.api()
    found = start(
        api,
        "Name,GSTIN,State,Country,E-mail,PIN,Terms,GST Treatment,Currency\n"
        f"Good,{KA},,,,,,,\n"
        f",{MH},,,,,,,\n"
        "Check,29AAGCB7383J1Z9,,,,,,,\n"
        f"Elsewhere,{KA},Maharashtra,,,,,,\n"
        "Nowhere,,Atlantis,,,,,,\n"
        "Country,,,Narnia,,,,,\n"
        "Mail,,,,nobody,,,,\n"
        "Pin,,,,,12,,,\n"
        "Late,,,,,,some day,,\n"
        "Kind,,,,,,,business_gst,\n"
        "Money,,,,,,,,XYZ\n",
    )
    assert (found["valid"], found["invalid"]) == (1, 10), found["errors"]
    told = {(error["row"], error["column"]) for error in found["errors"]}
    assert told == {
        (3, "Name"), (4, "GSTIN"), (5, "GSTIN"), (6, "State"), (7, "Country"), (8, "E-mail"), (9, "PIN"), (10, "Terms"),
        (11, "GSTIN"), (12, "Currency"),
    }  # fmt: skip


def test_duplicates_are_found_by_code_gstin_and_name(company):
    api = company.owner.api()
    with company.owner.acting():
        make.make_customer(name="Depot", code="D-1", gstin=KA)
    text = f"Name,Code,GSTIN\nOther,d-1,\nAnother,,{KA}\nDEPOT,,\nNew,N,{MH}\nNewer,,{MH}\nnew,,\nLast,n,\n"
    found = start(api, text)
    assert (found["valid"], found["duplicates"]) == (1, 6)
    assert reasons(api, found, "duplicate") == [
        (2, "", "There is a customer with the code already: Depot."),
        (3, "", "There is a customer with the GSTIN already: Depot."),
        (4, "", "There is a customer with the name already: Depot."),
        (6, "", "The same GSTIN as row 5 of this file."),
        (7, "", "The same name as row 5 of this file."),
        (8, "", "The same code as row 5 of this file."),
    ]
    commit(company, found)
    assert [one["name"] for one in customers(api)] == ["Depot", "New"]
    again = start(api, text.replace("\nNew,N", "\nBrand new,B"), duplicates="import")
    done = commit(company, again)
    # A code is never had twice: those rows stay out.
    assert done["result"]["commit"]["written"] == 5
    assert [one["code"] for one in customers(api)].count("D-1") == 1


def test_names_that_are_not_known_are_made_left_out_or_refused(company):
    api = company.owner.api()
    text = "Name,Client type,Account manager\nA,Schools,Meera\nB,schools,\nC,corporate,Meera\n"
    found = start(api, text)
    commit(company, found)
    kinds = {one["name"]: one["customers"] for one in api.get("/client-types/").json["data"]}
    assert (kinds["Schools"], kinds["Corporate"]) == (2, 1)
    assert [one["customers"] for one in api.get("/account-managers/").json["data"]] == [2]
    text = (
        text.replace("Schools", "Museums").replace("schools", "museums").replace("\nA,", "\nD,").replace("\nB,", "\nE,")
    )
    empty = start(api, text.replace("\nC,", "\nF,"), unknown={"client_type": "empty", "account_manager": "create"})
    assert empty["valid"] == 3
    refused = start(api, text.replace("\nC,", "\nG,"), unknown={"client_type": "reject", "account_manager": "create"})
    assert (refused["valid"], refused["invalid"]) == (1, 2)


def test_undo_takes_back_what_nobody_has_used_or_changed(company):
    from tracktok.customers.signals import customers_in_use

    api = company.owner.api()
    done = commit(company, start(api, PLAIN))
    asha, blue, gulf = customers(api)
    api.patch(f"/customers/{asha['id']}", json={"city": "Hassan"})

    def billed(_sender, ids, **_):
        return [one for one in ids if str(one) == blue["id"]]

    with customers_in_use.connected_to(billed):
        back = undo(company, done)
    assert back["result"]["undo"] == {
        "removed": 1, "kept": 2, "kept_names": ["Asha Rao", "Bluepeak Foods"], "deleted_before": 0,
    }  # fmt: skip
    assert [one["name"] for one in customers(api)] == ["Asha Rao", "Bluepeak Foods"]
    assert api.post(f"/customers/{gulf['id']}/restore").status_code == 200


def test_a_plan_that_has_no_room_refuses_the_whole_import(company):
    set_tier(company, "basic")
    with company.owner.acting():
        for _ in range(48):
            make.make_customer()
    api = company.owner.api()
    found = start(api, PLAIN)
    answer = api.post(f"/imports/{found['id']}/commit")
    from tests.factories.imports import run_job

    run_job(company, answer.json["id"])
    assert api.get(f"/imports/{found['id']}").json["status"] == "failed"
    assert len(customers(api, limit=100)) == 48


@pytest.mark.rbac
@pytest.mark.parametrize(("role", "status"), [("admin", 201), ("analyst", 403), ("member", 403)])
def test_who_may_import_customers(company, role, status):
    assert upload(company.member(role).api(), PLAIN, "customers.csv", kind="customers").status_code == status


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Karnataka", "29"), ("29", "29"), ("7", "07"), ("29-Karnataka", "29"), ("Karnataka (29)", "29"), ("KA", "29"),
        ("tamil nadu", "33"), ("Orissa", "21"), ("Delhi", "07"), ("", ""), ("Atlantis", None),
    ],
)  # fmt: skip
def test_states_as_people_write_them(text, code):
    found = rules.read_state(text)
    assert isinstance(found, Bad) if code is None else found == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("India", "IN"), ("in", "IN"), ("United Arab Emirates", "AE"), ("UAE", "AE"), ("U.S.A.", "US"), ("Narnia", None)],
)
def test_countries_as_people_write_them(text, code):
    found = rules.read_country(text)
    assert isinstance(found, Bad) if code is None else found == code


@pytest.mark.parametrize(
    ("text", "days"),
    [("30", 30), ("Net 45", 45), ("60 days", 60), ("Due on receipt", 0), ("", None), ("whenever", Bad), ("99999", Bad)],
)
def test_terms_as_people_write_them(text, days):
    found = rules.read_terms(text)
    assert isinstance(found, Bad) if days is Bad else found == days
