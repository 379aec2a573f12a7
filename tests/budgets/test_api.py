"""Budgets through the API: as a finance lead sees them."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import func, select

from tests.factories.budgets import make_budget
from tests.factories.expenses import make_account, make_category, make_expense, make_project
from tests.factories.tenants import Company
from tracktok.budgets import services
from tracktok.budgets.models import BudgetAlert
from tracktok.budgets.tasks import KIND
from tracktok.core import jobs, schedule
from tracktok.core.db import db
from tracktok.core.tenancy import tenant_scope
from tracktok.notifications.models import Notification

NOON = "2026-11-21T06:30:00Z"  # noon in India


@pytest.fixture(autouse=True)
def _on_a_day_in_november():
    with time_machine.travel(NOON, tick=False):
        yield


def period(company: Company, budget_id) -> dict:
    return company.owner.api().get(f"/budgets/{budget_id}").json["current_period"]


def make(company: Company, **body) -> dict:
    values = {"name": "All", "amount": "5000.00", "period": "monthly", "start_date": "2026-01-01", **body}
    answer = company.owner.api().post("/budgets/", json=values)
    assert answer.status_code == 201, answer.json
    return answer.json


def test_the_body_of_the_specification_works(company: Company):
    answer = company.owner.api().post(
        "/budgets/",
        json={
            "name": "Office",
            "amount": "5000.00",
            "period": "monthly",
            "start_date": "2026-01-01",
            "end_date": "2026-12-31",
            "alert_threshold": 80,
            "alert_enabled": True,
        },
    )
    assert answer.status_code == 201
    body = answer.json
    assert (body["amount"], body["alert_threshold"], body["alert_thresholds"]) == ("5000.00", 80, [80])
    assert body["current_period"] == {
        "start": "2026-11-01",
        "end": "2026-11-30",
        "limit": "5000.00",
        "spent": "0.00",
        "committed": "0.00",
        "remaining": "5000.00",
        "percent": 0.0,
        "forecast": "0.00",
        "breach_date": None,
        "status": "ok",
    }
    assert answer.headers["ETag"] == '"1"'


def test_spent_committed_and_remaining_follow_the_expenses(company: Company):
    with company.owner.acting():
        make_expense(amount="1000.00", expense_date=date(2026, 11, 1))
        make_expense(amount="500.00", expense_date=date(2026, 11, 30), status="approved")
        make_expense(amount="77.00", expense_date=date(2026, 11, 2), status="draft")
        make_expense(amount="300.00", expense_date=date(2026, 10, 31))
        make_expense(amount="-200.00", expense_date=date(2026, 11, 3))
    budget = make(company)
    now = budget["current_period"]
    assert (now["spent"], now["committed"], now["remaining"], now["percent"]) == ("800.00", "500.00", "3700.00", 26.0)
    history = company.owner.api().get(f"/budgets/{budget['id']}/periods?limit=2").json
    assert [one["spent"] for one in history["data"]] == ["800.00", "300.00"]
    assert history["has_more"] is True
    older = company.owner.api().get(f"/budgets/{budget['id']}/periods?cursor={history['next_cursor']}").json
    assert [one["start"] for one in older["data"]][-1] == "2026-01-01"
    assert older["has_more"] is False


def test_scopes_count_what_falls_into_them_and_no_more(company: Company):
    with company.owner.acting():
        parent = make_category()
        child = make_category(parent_id=parent.id)
        project, account = make_project(), make_account()
        make_expense(amount="1.00", category_id=parent.id)
        make_expense(amount="2.00", category_id=child.id, project_id=project.id)
        make_expense(amount="4.00", project_id=project.id, account_id=account.id, tags=["night"])
        make_expense(amount="8.00", category_id=child.id, tags=["night"], status="approved")
        ids = {"category": parent.id, "child": child.id, "project": project.id, "account": account.id}
    night = next(row["id"] for row in company.owner.api().get("/tags/").json["data"] if row["name"] == "night")
    expected = {
        "category": ({"category_id": str(ids["category"])}, "3.00", "8.00"),
        "child": ({"category_id": str(ids["child"])}, "2.00", "8.00"),
        "project": ({"project_id": str(ids["project"])}, "6.00", "0.00"),
        "account": ({"account_id": str(ids["account"])}, "4.00", "0.00"),
        "tag": ({"tag_id": night}, "4.00", "8.00"),
        "both": ({"category_id": str(ids["category"]), "project_id": str(ids["project"])}, "2.00", "0.00"),
        "tag in category": ({"tag_id": night, "category_id": str(ids["category"])}, "0.00", "8.00"),
    }
    for name, (scope, spent, committed) in expected.items():
        now = make(company, name=name, **scope)["current_period"]
        assert (now["spent"], now["committed"]) == (spent, committed), name
    listed = company.owner.api().get("/budgets/?limit=100").json["data"]
    assert {row["name"]: row["current_period"]["spent"] for row in listed} == {
        name: spent for name, (_, spent, _) in expected.items()
    }


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"amount": "0"}, "/amount"),
        ({"amount": "-5"}, "/amount"),
        ({"amount": "1.005"}, "/amount"),
        ({"amount": "99999999999999999.00"}, "/amount"),
        ({"name": " "}, "/name"),
        ({"period": "daily"}, "/period"),
        ({"end_date": "2025-01-01"}, "/end_date"),
        ({"start_date": "2026-02-30"}, "/start_date"),
        ({"alert_threshold": 0}, "/alert_threshold"),
        ({"category_id": "00000000-0000-7000-8000-000000000000"}, "/category_id"),
        ({"unknown": 1}, "/unknown"),
    ],
)
def test_bad_input_is_refused_at_its_field(company: Company, change, pointer):
    body = {"name": "B", "amount": "10.00", "start_date": "2026-01-01", **change}
    answer = company.owner.api().post("/budgets/", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_another_companys_things_are_not_there(company: Company, other_company: Company):
    theirs = make(other_company)["id"]
    with other_company.owner.acting():
        category = make_category().id
    api = company.owner.api()
    for method, path in (
        ("GET", ""), ("PUT", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/periods"), ("GET", "/alerts"),
        ("GET", "/transfers"), ("POST", "/snooze"),
        ("POST", "/restore"),
    ):  # fmt: skip
        body = {"name": "x", "amount": "1", "start_date": "2026-01-01"} if method == "PUT" else {}
        if path == "/snooze":
            body = {"until": None}
        assert api.open(method, f"/budgets/{theirs}{path}", json=body).status_code == 404, (method, path)
    mine = make(company)["id"]
    answer = api.post(f"/budgets/{mine}/transfers", json={"to_budget_id": theirs, "amount": "1.00"})
    assert answer.status_code == 404
    answer = api.post(
        "/budgets/", json={"name": "x", "amount": "1.00", "start_date": "2026-01-01", "category_id": str(category)}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("role", "read", "write"), [("owner", 200, 201), ("admin", 200, 201), ("analyst", 200, 403), ("member", 403, 403)]
)
def test_who_may_read_and_write(company: Company, role, read, write):
    api = company.member(role).api()
    assert api.get("/budgets/").status_code == read
    body = {"name": "B", "amount": "10.00", "start_date": "2026-01-01"}
    assert api.post("/budgets/", json=body).status_code == write


def test_a_name_is_given_once_and_free_again_after_deletion(company: Company):
    first = make(company, name="Fuel")
    api = company.owner.api()
    body = {"name": "fuel", "amount": "1.00", "start_date": "2026-01-01"}
    assert api.post("/budgets/", json=body).status_code == 409
    assert api.delete(f"/budgets/{first['id']}").status_code == 204
    assert api.get(f"/budgets/{first['id']}").status_code == 404
    assert api.post("/budgets/", json=body).status_code == 201
    assert api.post(f"/budgets/{first['id']}/restore").status_code == 409


def test_a_stale_change_is_refused(company: Company):
    budget = make(company)
    api = company.owner.api()
    path = f"/budgets/{budget['id']}"
    assert api.patch(path, json={"amount": "6000.00"}, headers={"If-Match": '"1"'}).status_code == 200
    assert api.patch(path, json={"amount": "7000.00"}, headers={"If-Match": '"1"'}).status_code == 412
    assert api.get(path).json["amount"] == "6000.00"


def test_transfers_move_what_is_left_between_present_periods(company: Company):
    one, two = make(company, name="One", amount="1000.00"), make(company, name="Two", amount="1000.00")
    api = company.owner.api()
    path = f"/budgets/{one['id']}/transfers"
    answer = api.post(path, json={"to_budget_id": two["id"], "amount": "250.00", "note": "Tyres"})
    assert (answer.status_code, answer.json["from_period_start"]) == (201, "2026-11-01")
    assert (period(company, one["id"])["limit"], period(company, two["id"])["limit"]) == ("750.00", "1250.00")
    assert [row["amount"] for row in api.get(f"/budgets/{two['id']}/transfers").json["data"]] == ["250.00"]
    assert api.post(path, json={"to_budget_id": two["id"], "amount": "750.01"}).status_code == 409
    assert api.post(path, json={"to_budget_id": one["id"], "amount": "1.00"}).status_code == 422


def test_a_warning_comes_with_the_expense_that_passes_a_budget(company: Company):
    make(company, amount="100.00", enforcement="warn")
    body = {"amount": "60.00", "title": "Taxi", "expense_date": "2026-11-20"}
    api = company.owner.api()
    assert api.post("/expenses/", json=body).json["warnings"] == []
    warned = api.post("/expenses/", json={**body, "title": "Another"}).json["warnings"]
    assert [one["code"] for one in warned] == ["budget_passed"]
    assert "₹120.00" in warned[0]["detail"]


def test_a_blocking_budget_lets_nothing_pass_and_nothing_is_written(company: Company):
    budget = make(company, amount="100.00", enforcement="block")
    body = {"amount": "60.00", "title": "Taxi", "expense_date": "2026-11-20"}
    api = company.owner.api()
    first = api.post("/expenses/", json=body)
    assert first.status_code == 201
    refused = api.post("/expenses/", json={**body, "title": "Another"})
    assert (refused.status_code, refused.json["code"]) == (409, "budget_exceeded")
    assert refused.json["budget_id"] == budget["id"]
    assert api.patch(f"/expenses/{first.json['id']}", json={"amount": "100.00"}).status_code == 200
    assert api.patch(f"/expenses/{first.json['id']}", json={"amount": "100.01"}).status_code == 409
    assert period(company, budget["id"])["spent"] == "100.00"
    assert len(api.get("/expenses/").json["data"]) == 1


@pytest.mark.races
def test_two_expenses_at_once_cannot_both_find_room(app, company: Company):
    budget = make(company, amount="100.00", enforcement="block")
    headers, statuses = company.owner.headers, []

    def post(number: int) -> None:
        with app.app_context():
            answer = app.test_client().post(
                "/api/v1/expenses/",
                json={"amount": "30.00", "title": f"Taxi {number}", "expense_date": "2026-11-20"},
                headers=headers,
            )
            statuses.append(answer.status_code)

    threads = [threading.Thread(target=post, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] * 3 + [409] * 5
    assert period(company, budget["id"])["spent"] == "90.00"


def alerts(company: Company) -> list[int]:
    with tenant_scope(company.id):
        return list(db.session.execute(select(BudgetAlert.threshold).order_by(BudgetAlert.threshold)).scalars())


def told(company: Company) -> list[str]:
    with tenant_scope(company.id):
        return list(
            db.session.execute(
                select(Notification.title)
                .where(Notification.person_id == company.owner.person_id)
                .order_by(Notification.id)
            ).scalars()
        )


def test_an_expense_that_passes_a_threshold_raises_its_alert_once(company: Company):
    company.member("admin")
    make(company, name="Fuel", amount="100.00", alert_thresholds=[50, 80, 100])
    with company.owner.acting():
        make_expense(amount="49.00", expense_date=date(2026, 11, 20))
    assert alerts(company) == []
    with company.owner.acting():
        make_expense(amount="35.00", expense_date=date(2026, 11, 20))
    assert alerts(company) == [50, 80]
    api = company.owner.api()
    listed = api.get(f"/budgets/{api.get('/budgets/').json['data'][0]['id']}/alerts").json["data"]
    assert {(row["threshold"], row["used"]) for row in listed} == {(50, "84.00"), (80, "84.00")}
    assert told(company) == ["Fuel has passed 80 %"]
    with company.owner.acting():
        make_expense(amount="1.00", expense_date=date(2026, 11, 20))
    assert told(company) == ["Fuel has passed 80 %"]
    with tenant_scope(company.id):
        from tracktok.core.tables import OutboxMessage

        written = db.session.execute(select(func.count()).where(OutboxMessage.kind == "mail")).scalar_one()
    assert written == 2, "one mail to the owner, one to the admin"


def test_a_budget_that_sleeps_or_is_silent_raises_nothing(company: Company):
    sleeping = make(company, name="Sleeping", amount="10.00")
    api = company.owner.api()
    assert api.post(f"/budgets/{sleeping['id']}/snooze", json={"until": "2026-11-21"}).status_code == 200
    assert api.post(f"/budgets/{sleeping['id']}/snooze", json={"until": "2026-11-20"}).status_code == 422
    make(company, name="Silent", amount="10.00", alert_enabled=False)
    with company.owner.acting():
        make_expense(amount="100.00", expense_date=date(2026, 11, 20))
    assert alerts(company) == []
    with time_machine.travel("2026-11-22T06:30:00Z", tick=False), company.owner.acting():
        assert services.check_all() == 2, "the sleeper wakes: 80 and 100"


def test_last_months_expense_raises_no_alert(company: Company):
    make(company, amount="10.00")
    with company.owner.acting():
        make_expense(amount="100.00", expense_date=date(2026, 10, 20))
    assert alerts(company) == []


def test_the_daily_look_runs_once_a_day_at_nine_of_the_tenant(app, company: Company):
    from sqlalchemy import update

    from tracktok.core.db import transaction
    from tracktok.tenants.models import Tenant

    with tenant_scope(company.id), transaction():
        db.session.execute(update(Tenant).where(Tenant.id == company.id).values(created_at="2026-01-01"))

    def runs() -> int:
        with tenant_scope(company.id):
            from tracktok.core.tables import Job

            return db.session.execute(select(func.count()).where(Job.kind == KIND)).scalar_one()

    with time_machine.travel("2026-11-21T03:25:00Z", tick=False):  # 08:55 in India
        schedule.tick.run()
        before = runs()
    with time_machine.travel("2026-11-21T03:30:00Z", tick=False):
        for _ in range(3):
            schedule.tick.run()
    assert runs() == before + 1


@pytest.mark.races
def test_two_workers_and_a_killed_one_tell_everybody_once(app, company: Company):
    with company.owner.acting():
        make_expense(amount="95.00", expense_date=date(2026, 11, 20))
        make_budget(name="Fuel", amount="100.00")
        job_id, _ = jobs.start(KIND, {"run_date": "2026-11-21"}, run_key="alerts")
    # A worker that died in the middle: it had raised the alert and written the mail, and was killed before the commit.
    with tenant_scope(company.id):
        assert services.check_all() == 1
        db.session.rollback()
    done: list[bool] = []

    def work() -> None:
        with app.app_context(), tenant_scope(company.id):
            done.append(jobs.execute(job_id))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done.count(True) == 1
    assert alerts(company) == [80]
    assert told(company) == ["Fuel has passed 80 %"]


def test_figures_equal_the_rows_after_any_changes(company: Company):
    with company.owner.acting():
        category, project = make_category().id, make_project().id
    scopes = [{}, {"category_id": str(category)}, {"project_id": str(project)},
              {"category_id": str(category), "project_id": str(project)}]  # fmt: skip
    budgets = [make(company, name=f"B{n}", **scope)["id"] for n, scope in enumerate(scopes)]
    api = company.owner.api()
    ids = []
    for number in range(12):
        body = {
            "amount": f"{number * 7 + 1}.25",
            "title": f"E{number}",
            "expense_date": f"2026-11-{number + 1:02}",
            "status": ["paid", "approved", "draft"][number % 3],
        }
        if number % 2:
            body["category_id"] = str(category)
        if number % 4 > 1:
            body["project_id"] = str(project)
        ids.append(api.post("/expenses/", json=body).json["id"])
    api.delete(f"/expenses/{ids[3]}")
    api.patch(f"/expenses/{ids[6]}", json={"amount": "500.00", "category_id": str(category)})
    api.patch(f"/expenses/{ids[9]}", json={"expense_date": "2026-10-05"})
    rows = api.get("/expenses/?limit=100").json["data"]
    for budget, scope in zip(budgets, scopes, strict=True):
        fitting = [
            row
            for row in rows
            if row["expense_date"].startswith("2026-11") and all(row[name] == value for name, value in scope.items())
        ]
        now = period(company, budget)
        for status, name in (("paid", "spent"), ("approved", "committed")):
            total = sum((Decimal(row["base_amount"]) for row in fitting if row["status"] == status), Decimal(0))
            assert Decimal(now[name]) == total, (scope, name)
