"""The trail as pages, API and files: every filter, one record's history, words for people, how far it is sealed."""

from __future__ import annotations

import io
import re
import time
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import text

from tests.factories.expenses import make_category, make_expense, make_project
from tests.factories.tenants import Company
from tracktok.audit import queries
from tracktok.audit.models import AuditEvent
from tracktok.audit.rules import field_label, told_fields
from tracktok.audit.services import check_trail, record, seal_tenant
from tracktok.core import clock, jobs
from tracktok.core.db import db, transaction
from tracktok.core.tenancy import tenant_scope
from tracktok.expenses.models import Expense


@pytest.fixture
def trail(company: Company) -> Company:
    """A company where the owner made and changed an expense, an admin made a project, and the product did something."""
    with company.owner.acting():
        expense = make_expense(title="Diesel for Pune", category_id=make_category(name="Fuel").id)
        expense.amount, expense.category_id = "1250.50", make_category(name="Oil").id
        db.session.flush()
    with company.member("admin").acting():
        make_project(name="Bridge at Pune")
    with tenant_scope(company.id), transaction():
        record("swept", "expenses", None, label="Old drafts", after={"rows": 3})
    return company


def labels(company: Company, query: str) -> list[str]:
    answer = company.owner.api().get(f"/audit/{query}")
    assert answer.status_code == 200, answer.json
    return [one["label"] for one in answer.json["data"]]


def expense_id(company: Company) -> str:
    with company.owner.acting():
        return str(db.session.execute(db.select(Expense.id)).scalar_one())


def test_the_latest_is_first_and_pages_follow_one_another(trail: Company):
    seen, cursor = [], ""
    while True:
        answer = trail.owner.api().get(f"/audit/?limit=3{cursor}").json
        seen += [one["id"] for one in answer["data"]]
        if not answer["has_more"]:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    with trail.owner.acting():
        kept = [
            str(one) for one in db.session.execute(db.select(AuditEvent.id).order_by(AuditEvent.at.desc())).scalars()
        ]
    assert seen == kept
    assert list(reversed(seen)) == [
        one["id"] for one in trail.owner.api().get("/audit/?sort=at&limit=100").json["data"]
    ]


def test_each_filter_narrows_and_they_go_together(trail: Company):
    admin = trail.member("admin").person_id
    assert labels(trail, f"?actor_id={admin}") == ["Bridge at Pune"]
    assert labels(trail, "?actor_id=system&entity=expenses") == ["Old drafts"]
    assert labels(trail, "?entity=projects") == ["Bridge at Pune"]
    assert labels(trail, "?entity=expenses&action=updated") == ["Diesel for Pune"]
    assert labels(trail, "?action=swept") == ["Old drafts"]
    assert labels(trail, "?entity=projects&action=swept") == []
    assert labels(trail, f"?entity=expenses&entity_id={expense_id(trail)}") == ["Diesel for Pune"] * 2


def test_words_are_found_by_their_beginnings(trail: Company):
    assert sorted(set(labels(trail, "?q=pun"))) == ["Bridge at Pune", "Diesel for Pune"]
    assert labels(trail, "?q=bridge+pune") == ["Bridge at Pune"]
    assert labels(trail, "?q=une") == []
    assert labels(trail, "?q=%25") == labels(trail, "")


def test_common_words_are_compared_row_by_row(trail: Company, monkeypatch):
    monkeypatch.setattr("tracktok.audit.queries.trail.MOST_FOUND", 0)
    assert sorted(set(labels(trail, "?q=pun"))) == ["Bridge at Pune", "Diesel for Pune"]
    assert labels(trail, "?q=une") == []


def test_days_are_those_of_the_company(trail: Company):
    today = clock.today("Asia/Kolkata")
    assert labels(trail, f"?date_from={today}&action=swept") == ["Old drafts"]
    assert labels(trail, f"?date_to={today}&action=swept") == ["Old drafts"]
    assert labels(trail, f"?date_from={today + timedelta(days=1)}") == []
    assert labels(trail, f"?date_to={today - timedelta(days=1)}") == []


@pytest.mark.parametrize(
    "query", ["?actor_id=x", "?date_from=x", "?date_to=0", "?entity_id=1", "?sort=label", "?limit=0", "?cursor=x"]
)
def test_what_is_no_filter_is_refused(company: Company, query):
    assert company.owner.api().get(f"/audit/{query}").status_code == 422


def test_an_entry_says_who_what_and_from_where(trail: Company):
    api = trail.owner.api()
    found = api.get("/audit/?entity=expenses&action=updated").json["data"][0]
    one = api.get(f"/audit/{found['id']}").json
    assert one == found
    assert one["actor"] == {"kind": "person", "id": str(trail.owner.person_id), "name": trail.owner.email}
    assert one["before"]["amount"] == "100.00"
    assert one["after"]["amount"] == "1250.50"


@pytest.mark.rbac
def test_only_owners_and_admins_read_it(trail: Company):
    for role, status in (("owner", 200), ("admin", 200), ("analyst", 403), ("member", 403)):
        assert trail.member(role).api().get("/audit/").status_code == status
        assert trail.member(role).browser().get("/audit").status_code == status
    page = trail.member("analyst").browser().get(f"/expenses/{expense_id(trail)}").text
    assert "entity_id=" not in page


@pytest.mark.tenancy
def test_another_company_has_a_trail_of_its_own(trail: Company, other_company: Company):
    event = trail.owner.api().get("/audit/").json["data"][0]
    assert other_company.owner.api().get(f"/audit/{event['id']}").status_code == 404
    assert labels(other_company, "?q=pune") == []
    assert labels(other_company, f"?entity=expenses&entity_id={expense_id(trail)}") == []
    page = other_company.owner.browser().get("/audit").text
    assert "Pune" not in page
    assert str(trail.owner.person_id) not in page


def test_the_page_tells_fields_in_words(trail: Company):
    browser = trail.owner.browser()
    listed = browser.get("/audit?entity=expenses&action=updated").text
    assert "Diesel for Pune" in listed
    assert "Amount, Category" in listed
    event = trail.owner.api().get("/audit/?entity=expenses&action=updated").json["data"][0]
    page = browser.get(f"/audit/{event['id']}").text
    cells = re.sub(r"<[^>]+>|\s+", " ", page)
    assert re.search(r"Category\s+Fuel\s+Oil", cells)
    assert "1,250.50" in cells
    assert "Not sealed yet" in cells
    assert event["request_id"] in page


def test_a_membership_is_called_after_its_person(company: Company):
    other = company.member("analyst")
    answer = company.owner.api().patch(f"/people/{other.membership_id}", json={"role": "member"})
    assert answer.status_code == 200, answer.json
    page = company.owner.browser().get("/audit?entity=memberships&action=updated").text
    assert "Analyst Person" in page
    with company.owner.acting():
        event = queries.list_events(queries.trail.AuditQuery(entity="memberships", action="updated")).rows[0]
        (told,) = queries.tell([event])
    assert [(one.label, one.before, one.after) for one in told.changes] == [("Role", "Analyst", "Member")]


def test_a_records_history_is_linked_from_its_page_and_back(trail: Company):
    browser, record_id = trail.owner.browser(), expense_id(trail)
    href = f"/audit?entity=expenses&amp;entity_id={record_id}"
    assert href in browser.get(f"/expenses/{record_id}").text
    page = browser.get(href.replace("&amp;", "&")).text
    assert "History of Diesel for Pune" in page
    assert f'href="/expenses/{record_id}"' in page


def test_odd_addresses_give_a_page_and_say_what_was_left_out(trail: Company):
    page = trail.owner.browser().get("/audit?date_from=neverday&entity=projects")
    assert page.status_code == 200
    assert "This filter is left out" in page.text
    assert "Bridge at Pune" in page.text
    assert "No entry matches" in trail.owner.browser().get("/audit?q=zzzz").text


def test_files_hold_what_the_filters_leave(trail: Company):
    answer = trail.owner.browser().get("/audit/export.csv?entity=expenses")
    lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert lines[0].startswith("When (Asia/Kolkata),Who,")
    assert sum("Diesel for Pune" in line for line in lines) == 2
    assert not any("Bridge" in line for line in lines)
    assert trail.owner.api().get("/audit/?format=csv&entity=expenses").get_data() == answer.get_data()
    sheet = openpyxl.load_workbook(
        io.BytesIO(trail.owner.browser().get("/audit/export.xlsx?q=bridge").get_data())
    ).active
    assert [row[5] for row in sheet.iter_rows(values_only=True)] == ["Record", "Bridge at Pune"]


def settle_and_seal(company: Company) -> None:
    waits = text(
        "SELECT count(*) FROM audit_events"
        " WHERE transaction_id >= transaction_number(pg_snapshot_xmin(pg_current_snapshot()))"
    )
    with tenant_scope(company.id):
        until = time.monotonic() + 60
        while db.session.execute(waits).scalar_one():
            db.session.rollback()
            assert time.monotonic() < until
            time.sleep(0.05)
        seal_tenant()


def test_the_page_says_how_far_it_is_sealed_and_verified(trail: Company):
    api, browser = trail.owner.api(), trail.owner.browser()
    assert api.get("/audit/seal").json["state"] == "waiting"
    assert "Not sealed yet" in browser.get("/audit").text
    settle_and_seal(trail)
    sealed = api.get("/audit/seal").json
    assert (sealed["state"], sealed["waiting"], sealed["verified_seal"]) == ("sealed", 0, None)
    assert api.get("/audit/?limit=1").json["data"][0]["seal"] == sealed["seals"]
    assert browser.post("/audit/verify").status_code == 303
    with tenant_scope(trail.id):
        job_id = db.session.execute(text("SELECT id FROM jobs WHERE kind = 'audit.verify'")).scalar_one()
        assert jobs.execute(job_id)
    verified = api.get("/audit/seal").json
    assert (verified["state"], verified["verified_seal"], verified["faults"]) == ("verified", sealed["seals"], [])
    assert "the chain was found unbroken" in browser.get("/audit").text
    with tenant_scope(trail.id), transaction():
        assert check_trail(whole=False) is None  # nothing new


def test_a_broken_chain_is_told_until_the_whole_is_sound(trail: Company):
    settle_and_seal(trail)
    with tenant_scope(trail.id), transaction():
        db.session.execute(
            text(
                "INSERT INTO audit_seals (tenant_id, id, number, from_transaction, to_transaction, events,"
                " previous_hash, hash) SELECT tenant_id, gen_random_uuid(), number + 2, to_transaction,"
                " to_transaction + 1, 9, hash,"
                " hash FROM audit_seals ORDER BY number DESC LIMIT 1"
            )
        )
    with tenant_scope(trail.id), transaction():
        assert {one["kind"] for one in check_trail(whole=False).faults} == {"missing", "removed"}
    assert trail.owner.api().get("/audit/seal").json["state"] == "broken"
    assert "not as it was sealed" in trail.owner.browser().get("/audit").text
    with tenant_scope(trail.id), transaction():
        assert check_trail(whole=False).from_seal == 1  # a broken trail is never passed over


@pytest.mark.parametrize(
    ("name", "label"),
    [("category_id", "Category"), ("is_billable", "Billable"), ("expense_date", "Expense date"), ("used_at", "Used"),
     ("id", "Id"), ("at", "At")],
)  # fmt: skip
def test_fields_have_names_for_people(name, label):
    assert field_label(name) == label


def test_only_what_differs_is_told():
    assert told_fields({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == [("b", 2, 3), ("c", None, 4)]
    assert told_fields(None, {"id": "x", "a": 1}) == [("a", None, 1)]
    assert told_fields({"a": 1}, None) == [("a", 1, None)]
    assert told_fields({"p": "(hidden)"}, {"p": "(changed)"}) == [("p", "(hidden)", "(changed)")]
