"""Filters, orders, pages and totals of lists."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.factories.expenses import make_account, make_category, make_expense, make_project
from tests.factories.tenants import Company
from tracktok.expenses.models import Expense
from tracktok.expenses.queries import search
from tracktok.expenses.queries.expense_list import list_expenses
from tracktok.expenses.schemas.expenses import ExpenseQuery


@pytest.fixture
def world(company: Company):
    """Twelve expenses that differ in everything that can be asked for."""
    with company.owner.acting():
        top = make_category(name="Transport")
        low = make_category(name="Buses", parent_id=top.id)
        project, account = make_project(), make_account()
        for number in range(12):
            make_expense(
                title=f"Bus {number}" if number % 2 else f"Café-lunch {number}",
                merchant="Meru/Cabs" if number % 3 == 0 else "",
                reference=f"INV-2026-{number:03d}",
                amount=f"{(number + 1) * 10}.00",
                currency="USD" if number == 4 else "INR",
                exchange_rate="80" if number == 4 else None,
                expense_date=date(2026, 1, 28) + timedelta(days=number),
                category_id=[None, top.id, low.id][number % 3],
                project_id=project.id if number % 4 == 0 else None,
                account_id=account.id if number % 4 == 1 else None,
                status=["paid", "paid", "approved", "draft"][number % 4],
                payment_method="upi" if number < 3 else "cash",
                tags=["night"] if number % 5 == 0 else [],
            )
    return {"category": top.id, "leaf": low.id, "project": project.id, "account": account.id}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", range(12)),
        ("date_from=2026-02-01&date_to=2026-02-03", [4, 5, 6]),
        ("category_id={category}", [1, 2, 4, 5, 7, 8, 10, 11]),
        ("category_id={leaf}", [2, 5, 8, 11]),
        ("category_id=none", [0, 3, 6, 9]),
        ("project_id={project}", [0, 4, 8]),
        ("project_id=none&account_id=none", [2, 3, 6, 7, 10, 11]),
        ("account_id={account}", [1, 5, 9]),
        ("status=draft", [3, 7, 11]),
        ("status=approved", [2, 6, 10]),
        ("status=paid", [0, 1, 4, 5, 8, 9]),
        ("payment_method=upi", [0, 1, 2]),
        ("tag=Night", [0, 5, 10]),
        ("tag=unknown", []),
        ("amount_from=50&amount_to=80", [5, 6, 7]),
        ("amount_from=4000", [4]),
        ("currency=usd", [4]),
        ("has_receipt=true", []),
        ("has_receipt=false", range(12)),
        ("q=bus", [1, 3, 5, 7, 9, 11]),
        ("q=CAFÉ lun", [0, 2, 4, 6, 8, 10]),
        ("q=cabs", [0, 3, 6, 9]),
        ("q=2026 011", [11]),
        ("q=us", []),
        ("q=-/", range(12)),
        ("q=bus&status=draft&tag=night", []),
        ("q=bus&category_id={leaf}&date_from=2026-02-01", [5, 11]),
    ],
)
def test_filters(company: Company, world, query, numbers):
    api = company.owner.api()
    url = query.format(**world)
    found = api.get(f"/expenses/?limit=100&sort=created_at&{url}").json["data"]
    assert [int(row["reference"][-3:]) for row in found] == list(numbers)
    summary = api.get(f"/expenses/summary?{url}").json
    assert summary["count"] == len(list(numbers))
    assert sum(one["count"] for one in summary["by_currency"]) == summary["count"]


@pytest.mark.parametrize("limit", [0, 5_000])
def test_common_words_are_found_by_looking_rare_ones_by_the_index(company: Company, world, monkeypatch, limit):
    monkeypatch.setattr(search, "MOST_FOUND", limit)
    api = company.owner.api()
    for query, numbers in (("bus", [1, 3, 5, 7, 9, 11]), ("meru inv", [0, 3, 6, 9]), ("lunch", [0, 2, 4, 6, 8, 10])):
        found = api.get(f"/expenses/?q={query}&sort=created_at").json["data"]
        assert [int(row["reference"][-3:]) for row in found] == numbers


@pytest.mark.tenancy
def test_the_text_search_sees_its_own_company_only(company: Company, other_company: Company):
    with other_company.owner.acting():
        make_expense(title="Zebra")
    with company.owner.acting():
        assert search.find_by_words(["zebra"]) == []
        make_expense(title="Zebra")
        assert len(search.find_by_words(["zebra"]) or []) == 1


@pytest.mark.parametrize("sort", ["expense_date", "-expense_date", "amount", "-amount", "created_at", "-created_at"])
@pytest.mark.parametrize("extra", ["", "&tag=night", "&q=inv", "&status=paid"])
def test_pages_go_on_where_they_ended_also_while_rows_are_added(company: Company, world, sort, extra):
    api = company.owner.api()
    whole = [row["id"] for row in api.get(f"/expenses/?limit=100&sort={sort}{extra}").json["data"]]
    seen, cursor = [], None
    while True:
        page = api.get(f"/expenses/?limit=2&sort={sort}{extra}" + (f"&cursor={cursor}" if cursor else "")).json
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert seen == whole


def test_wrong_questions_are_refused(company: Company, world):
    api = company.owner.api()
    for query in (
        "sort=title", "limit=0", "limit=101", "cursor=nonsense", "date_from=yesterday", "status=lost",
        "category_id=most", "fields=id,secret", "colour=red", "amount_from=x",
    ):  # fmt: skip
        assert api.get(f"/expenses/?{query}").status_code == 422, query
    cursor = api.get("/expenses/?limit=1&sort=amount").json["next_cursor"]
    assert api.get(f"/expenses/?limit=1&sort=-amount&cursor={cursor}").status_code == 422
    assert set(api.get("/expenses/?fields=id,title").json["data"][0]) == {"id", "title"}


def test_a_list_is_one_statement_whatever_its_length(company: Company, world):
    from sqlalchemy import event

    from tracktok.core.db import db

    with company.owner.acting():
        list_expenses(ExpenseQuery(limit=100))
        seen: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        assert len(list_expenses(ExpenseQuery(limit=100)).rows) == 12
        assert len([one for one in seen if "FROM expenses" in one]) == 1
        assert db.session.query(Expense).count() == 12
