"""The demo companies: what a visitor finds in them, and that their books are sound."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from tests.invoices.books import check_receivables
from tracktok.core import clock, context
from tracktok.core.context import SYSTEM
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.tables import Job, OutboxMessage
from tracktok.core.tenancy import door, tenant_scope
from tracktok.customers.models import Customer
from tracktok.customers.services import default_company
from tracktok.expenses.models import Account
from tracktok.invoices.models import Receipt, RecurringInvoice, Reminder, SalesDocument
from tracktok.invoices.queries import reminders
from tracktok.reports.rules.demo import acme_sales
from tracktok.reports.rules.demo.acme import ACME
from tracktok.reports.rules.demo.acme_sales import ACME_SALES
from tracktok.reports.rules.demo.shapes import months_back
from tracktok.reports.rules.demo.studio import DEMO
from tracktok.reports.services import demo
from tracktok.tenants.models import Tenant

TODAY = date(2026, 11, 25)


def _of_its_own(story):
    """The story as another company with its own people, shortened: the last months of sales, little spending."""
    word = new_id().hex[-8:]
    people = tuple(replace(one, email=f"{one.role}@{word}.test") for one in story.people)

    def lately(day):
        return [one for one in story.sales.write(day) if one.day >= months_back(day, 6)]

    return replace(
        story,
        subdomain=f"d{word}",
        people=people,
        write=lambda day: story.write(day)[-300:],
        sales=replace(story.sales, write=lately),
    )


def _enter(subdomain):
    with door("test"):
        return db.session.execute(select(Tenant.id).where(Tenant.subdomain == subdomain)).scalar_one()


@pytest.fixture(scope="module")
def seeded(app):
    """Both demo companies; (id of Acme, id of Demo Studio)."""
    acme, studio = _of_its_own(ACME), _of_its_own(DEMO)
    with app.app_context():
        assert demo.seed([acme, studio]) == [acme.subdomain, studio.subdomain]
        assert demo.seed([acme, studio]) == []
        return _enter(acme.subdomain), _enter(studio.subdomain)


@pytest.fixture
def acme(seeded, app_context):
    with tenant_scope(seeded[0]), context.acting(SYSTEM):
        yield seeded[0]


@pytest.mark.integration
def test_acme_bills_under_gst_and_its_books_are_sound(acme):
    company = default_company()
    assert (company.tax_regime, company.gstin, company.upi_id) == ("gst", "29AABCI5678G1Z7", "acmemobility@hdfcbank")
    assert company.bank_account_number
    assert company.default_terms
    check_receivables()


@pytest.mark.integration
def test_there_is_one_of_everything(acme):
    rows = db.session.execute(select(SalesDocument.kind, SalesDocument.status, func.count()).group_by(
        SalesDocument.kind, SalesDocument.status)).all()  # fmt: skip
    found = {(kind, status): count for kind, status, count in rows}
    assert found["invoice", "draft"] == 2
    assert found["invoice", "void"] == 1
    assert found["invoice", "part_paid"] >= 1
    assert found["invoice", "paid"] > 0.6 * sum(count for (kind, _), count in found.items() if kind == "invoice")
    assert [found[one] for one in (("quote", "sent"), ("quote", "invoiced"), ("proforma", "issued"))] == [1, 1, 1]
    assert sum(count for (kind, _), count in found.items() if kind == "credit_note") == 1
    parties = db.session.execute(select(Customer.gst_category, Customer.language, Customer.currency)).all()
    assert {one.gst_category for one in parties} == {"registered", "unregistered", "sez", "overseas"}
    assert "hi_IN" in {one.language for one in parties}
    assert {one.currency for one in parties} == {"INR", "EUR"}
    assert db.session.execute(select(func.count()).select_from(Receipt)).scalar_one() > 60


@pytest.mark.integration
def test_numbers_follow_dates_without_gaps(acme):
    rows = db.session.execute(
        select(
            SalesDocument.sequence, SalesDocument.document_date, SalesDocument.finalized_at, SalesDocument.fiscal_year
        )
        .where(SalesDocument.kind == "invoice", SalesDocument.number.is_not(None))
        .order_by(SalesDocument.fiscal_year, SalesDocument.sequence)
    ).all()
    years = Counter(row.fiscal_year for row in rows)
    for year, count in years.items():
        of_year = [row for row in rows if row.fiscal_year == year]
        assert [row.sequence for row in of_year] == list(range(1, count + 1))
        assert [row.document_date for row in of_year] == sorted(row.document_date for row in of_year)
    apart = {(row.finalized_at.date() - row.document_date).days for row in rows}
    assert apart <= {0, -1}, "each was issued on its day"


@pytest.mark.parametrize(
    "today", [date(2026, 11, 25), date(2026, 12, 1), date(2027, 2, 28), date(2027, 3, 1), date(2027, 5, 3),
              date(2028, 2, 29), date(2028, 3, 1)],
)  # fmt: skip
def test_on_any_day_some_are_overdue_by_each_age(today: date):
    terms = {one.name: int(str(one.fields.get("payment_terms_days", 30))) for one in acme_sales.CUSTOMERS}
    unpaid = [
        one
        for one in acme_sales.write(today)
        if one.kind == "invoice"
        and one.ending not in {"draft", "void", "written_off"}
        and sum(p.percent for p in one.payments) < 100
    ]
    late = [(today - one.day).days - terms[one.customer] for one in unpaid]
    assert {min(3, days // 30) for days in late if days > 0} == {0, 1, 2, 3}
    assert any(days <= 0 for days in late), "some are not due yet"


@pytest.mark.integration
def test_invoices_are_overdue_by_different_ages(acme):
    today = clock.today("Asia/Kolkata")
    due = (
        db.session.execute(
            select(SalesDocument.due_date).where(
                SalesDocument.kind == "invoice", SalesDocument.status.in_(["issued", "part_paid"])
            )
        )
        .scalars()
        .all()
    )
    ages = Counter(min(3, (today - day).days // 30) for day in due if day < today)
    assert set(ages) == {0, 1, 2, 3}
    assert any(day >= today for day in due), "some are not due yet"
    assert sum(ages.values()) < 40


@pytest.mark.integration
def test_what_is_overdue_was_reminded_of_on_its_days(acme):
    assert reminders.is_on()
    rows = db.session.execute(
        select(Reminder.level_days, Reminder.sent_on, SalesDocument.due_date)
        .join(SalesDocument, SalesDocument.id == Reminder.document_id)
    ).all()  # fmt: skip
    assert {row.level_days for row in rows} == {7, 21}
    assert all((row.sent_on - row.due_date).days == row.level_days for row in rows)
    assert all(row.sent_on < clock.today("Asia/Kolkata") for row in rows)
    assert db.session.execute(select(func.count()).select_from(OutboxMessage)).scalar_one() == 0


@pytest.mark.integration
def test_two_invoices_come_again(acme):
    rows = db.session.execute(select(RecurringInvoice).order_by(RecurringInvoice.name)).scalars().all()
    assert [(one.name, one.unit, one.every, one.action) for one in rows] == [
        ("Staff shuttle", "month", 1, "finalize"), ("Warehouse at Chakan", "month", 3, "draft"),
    ]  # fmt: skip
    assert all(one.next_on.day == 1 and one.next_on > clock.today("Asia/Kolkata") for one in rows)
    assert all(one.total > 0 for one in rows)


@pytest.mark.integration
def test_nothing_is_left_for_the_worker(acme):
    waiting = db.session.execute(select(Job.kind, func.count()).group_by(Job.kind)).all()
    assert dict(tuple(row) for row in waiting) == {}


@pytest.mark.integration
def test_accounts_are_left_with_money(acme):
    rows = db.session.execute(select(Account.name, Account.opening_balance)).all()
    assert all(row.opening_balance >= 0 for row in rows if "card" not in row.name)


@pytest.mark.integration
def test_the_studio_has_two_customers_and_three_invoices(seeded, app_context):
    with tenant_scope(seeded[1]), context.acting(SYSTEM):
        assert db.session.execute(select(func.count()).select_from(Customer)).scalar_one() == 2
        rows = db.session.execute(select(SalesDocument.status, SalesDocument.currency, SalesDocument.tax_amount)).all()
        assert sorted(row.status for row in rows) == ["issued", "issued", "paid"]
        assert {row.currency for row in rows} == {"EUR"}
        assert all(row.tax_amount > 0 for row in rows)
        check_receivables()


def test_the_story_is_the_same_each_time():
    assert ACME_SALES.write(TODAY) == ACME_SALES.write(TODAY)


@pytest.mark.parametrize("today", [TODAY, date(2026, 3, 31), date(2026, 4, 1), date(2027, 1, 1), date(2028, 2, 29)])
def test_a_year_of_invoices_on_any_day(today):
    told = ACME_SALES.write(today)
    assert all(one.day <= today for one in told)
    assert all(one.day <= part.day <= today for one in told for part in one.payments)
    months = Counter(one.day.replace(day=1) for one in told if one.kind == "invoice")
    whole = [count for month, count in months.items() if month != today.replace(day=1)]
    assert len(whole) >= 11
    assert min(whole) >= 14
    assert max(whole) <= 26
    assert told == sorted(told, key=lambda one: one.day)


@pytest.mark.integration
def test_production_is_refused(app, app_context, monkeypatch):
    monkeypatch.setitem(app.config, "TRACKTOK_ENV", "production")
    with pytest.raises(demo.NoDemoHere):
        demo.seed()
