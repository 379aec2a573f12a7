"""The monthly report: its figures, its PDF, and that it comes once."""

from __future__ import annotations

import io
import threading
from datetime import date

import pypdf
import pytest
import time_machine
from sqlalchemy import func, select, update

from tests.factories.budgets import make_budget
from tests.factories.expenses import make_category, make_expense, make_project
from tests.factories.tenants import Company
from tracktok.core import jobs, schedule
from tracktok.core.db import db, transaction
from tracktok.core.tables import Job, OutboxMessage
from tracktok.core.tenancy import tenant_scope
from tracktok.reports.models import Report
from tracktok.reports.services import monthly
from tracktok.tenants.models import Tenant


def fill(company: Company) -> None:
    with company.owner.acting():
        fuel, tolls, project = (
            make_category(name="Diesel"),
            make_category(name="Motorway"),
            make_project(name="Shuttle"),
        )
        make_expense(amount="1000.00", expense_date=date(2026, 10, 1), category_id=fuel.id, title="Tank")
        make_expense(amount="234.56", expense_date=date(2026, 10, 31), category_id=tolls.id, project_id=project.id)
        make_expense(amount="65.44", expense_date=date(2026, 10, 15), status="approved")
        make_expense(amount="999.00", expense_date=date(2026, 10, 15), status="draft")
        make_expense(amount="500.00", expense_date=date(2026, 9, 30), category_id=fuel.id)
        make_expense(amount="700.00", expense_date=date(2026, 11, 1), category_id=fuel.id)
        make_budget(name="All of it", amount="2000.00")


def run(app, company: Company, job_id) -> bool:
    with app.app_context(), tenant_scope(company.id):
        return jobs.execute(job_id)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_a_report_on_demand_is_made_with_progress_and_says_the_months_figures(app, company: Company):
    fill(company)
    with time_machine.travel("2026-11-21T06:30:00Z", tick=False):
        api = company.owner.api()
        asked = api.post("/reports/", json={"month": "2026-10-20"})
        assert (asked.status_code, asked.json["status"], asked.json["month"]) == (202, "queued", "2026-10-01")
        with tenant_scope(company.id):
            job_id = db.session.execute(select(Report.job_id)).scalar_one()
        assert run(app, company, job_id)
        done = api.get(f"/reports/{asked.json['id']}").json
    assert (done["status"], done["progress"]) == ("done", 100)
    answer = company.owner.browser().get(done["file_url"])
    assert answer.content_type == "application/pdf"
    text = text_of(answer.data)
    for expected in ("October 2026", "₹1,300.00", "₹1,234.56", "₹65.44", "₹500.00", "Diesel", "Motorway", "Shuttle",
                     "All of it", "₹2,000.00", "Uncategorised", "Page 1 of"):  # fmt: skip
        assert expected in text, expected
    assert "999" not in text, "drafts are in no report"
    assert company.member("analyst").browser().get(done["file_url"]).status_code == 200
    assert company.member("member").browser().get(done["file_url"]).status_code == 404


def test_names_in_hindi_are_drawn_in_a_font_that_has_them(app, company: Company):
    with company.owner.acting():
        make_expense(title="प्रिया शर्मा को भुगतान", amount="500.00", expense_date=date(2026, 2, 10))
        report_id, job_id = (row := monthly.ask_for_report(date(2026, 2, 3))).id, row.job_id
    assert run(app, company, job_id)
    done = company.owner.api().get(f"/reports/{report_id}").json
    pages = pypdf.PdfReader(io.BytesIO(company.owner.browser().get(done["file_url"]).data)).pages
    fonts = {font.get_object()["/BaseFont"] for page in pages for font in page["/Resources"]["/Font"].values()}
    assert any("Devanagari" in name for name in fonts), fonts


def test_an_empty_month_has_a_report_too(app, company: Company):
    with company.owner.acting():
        row = monthly.ask_for_report(date(2026, 2, 3))
        report_id, job_id = row.id, row.job_id
    assert run(app, company, job_id)
    done = company.owner.api().get(f"/reports/{report_id}").json
    assert "Nothing was spent" in text_of(company.owner.browser().get(done["file_url"]).data)


@pytest.mark.parametrize(("month", "status"), [("2999-01-01", 422), ("1900-01-01", 422), ("x", 422), (None, 202)])
def test_a_month_must_have_begun(company: Company, month, status):
    assert company.owner.api().post("/reports/", json={"month": month}).status_code == status


@pytest.mark.parametrize(("role", "status"), [("owner", 202), ("admin", 202), ("analyst", 202), ("member", 403)])
def test_who_may_ask(company: Company, role, status):
    assert company.member(role).api().post("/reports/", json={}).status_code == status


def test_another_companys_report_is_not_there(company: Company, other_company: Company):
    theirs = other_company.owner.api().post("/reports/", json={}).json["id"]
    assert company.owner.api().get(f"/reports/{theirs}").status_code == 404
    assert company.owner.browser().get(f"/reports/{theirs}/progress").status_code == 404


def count(company: Company, statement) -> int:
    with tenant_scope(company.id):
        return db.session.execute(statement).scalar_one()


def test_the_scheduled_report_comes_on_the_first_at_six_once(app, company: Company):
    fill(company)
    company.member("admin")
    with tenant_scope(company.id), transaction():
        db.session.execute(update(Tenant).where(Tenant.id == company.id).values(created_at="2026-01-01"))
    runs = select(func.count()).where(Job.kind == monthly.KIND)
    with time_machine.travel("2026-11-01T00:25:00Z", tick=False):  # 05:55 in India
        schedule.tick.run()
        before = count(company, runs)
    with time_machine.travel("2026-11-01T00:30:00Z", tick=False):
        schedule.tick.run()
        schedule.tick.run()
        assert count(company, runs) == before + 1
        with tenant_scope(company.id):
            job_id = db.session.execute(
                select(Job.id).where(Job.kind == monthly.KIND, Job.payload["run_date"].astext == "2026-11-01")
            ).scalar_one()
        done: list[bool] = []
        threads = [threading.Thread(target=lambda: done.append(run(app, company, job_id))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert done.count(True) == 1
    assert count(company, select(func.count()).where(Report.run_key == "monthly:2026-10")) == 1
    assert count(company, select(func.count()).where(OutboxMessage.kind == "mail")) == 2


def test_a_worker_that_is_killed_before_the_commit_leaves_nothing_and_the_next_does_it(app, company: Company):
    fill(company)
    with company.owner.acting():
        job_id, _ = jobs.start(monthly.KIND, {"run_date": "2026-11-01"}, run_key="monthly")
    with tenant_scope(company.id):
        monthly.make_scheduled(date(2026, 11, 1), jobs.JobRun(job_id, {}, None))
        db.session.rollback()  # killed here
    assert count(company, select(func.count()).select_from(Report)) == 0
    assert run(app, company, job_id)
    assert count(company, select(func.count()).select_from(Report)) == 1
    assert count(company, select(func.count()).where(OutboxMessage.kind == "mail")) == 1
