"""Several people at the same expenses, over real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.expenses.equality import check_books_equal_rows
from tests.factories.expenses import make_account, make_category, make_expense
from tests.factories.tenants import Company

pytestmark = pytest.mark.races


def at_once(app: Any, *calls: Callable[[], Any]) -> list[Any]:
    """Make all calls at the same moment, each in a thread and application context of its own; their answers."""
    barrier, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        with app.app_context():
            barrier.wait()
            answers[number] = call()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_of_two_edits_of_one_copy_one_is_stale(company: Company, app_context):
    with company.owner.acting():
        expense = make_expense().id
    apis = [company.owner.api(), company.owner.api()]
    answers = at_once(
        app_context,
        *(
            lambda api=api, title=title: (
                api.patch(
                    f"/expenses/{expense}", json={"title": title, "amount": "7.00"}, headers={"If-Match": '"1"'}
                ).status_code
            )
            for api, title in zip(apis, ("One", "Two"), strict=True)
        ),
    )
    assert sorted(answers) == [200, 412]
    with company.owner.acting():
        check_books_equal_rows()


def test_of_two_deletes_one_finds_nothing(company: Company, app_context):
    with company.owner.acting():
        expense = make_expense().id
    apis = [company.owner.api(), company.owner.api()]
    answers = at_once(app_context, *(lambda api=api: api.delete(f"/expenses/{expense}").status_code for api in apis))
    assert sorted(answers) == [204, 404]
    with company.owner.acting():
        check_books_equal_rows()


def test_balances_hold_while_many_record(company: Company, app_context):
    with company.owner.acting():
        account, category = str(make_account(opening_balance="1000.00").id), str(make_category().id)
    apis = [company.owner.api() for _ in range(4)]

    def record(api: Any) -> list[int]:
        return [
            api.post(
                "/expenses/",
                json={"amount": "10.00", "title": f"Taxi {n}", "account_id": account, "category_id": category,
                      "expense_date": "2026-11-10", "tags": [f"t{n}"]},
            ).status_code
            for n in range(5)
        ]  # fmt: skip

    answers = at_once(app_context, *(lambda api=api: record(api) for api in apis))
    assert [status for one in answers for status in one] == [201] * 20
    assert company.owner.api().get(f"/accounts/{account}").json["balance"] == "800.00"
    with company.owner.acting():
        check_books_equal_rows()


def test_an_expense_never_lands_in_a_category_that_is_being_deleted(company: Company, app_context):
    for _ in range(4):
        with company.owner.acting():
            category, target = str(make_category().id), str(make_category().id)
        first, second = company.owner.api(), company.owner.api()
        body = {"amount": "10.00", "title": "Taxi", "category_id": category, "expense_date": "2026-11-10"}
        deleted, recorded = at_once(
            app_context,
            lambda api=first, c=category, t=target: api.delete(f"/categories/{c}?reassign_to={t}").status_code,
            lambda api=second, b=body: api.post("/expenses/", json=b).status_code,
        )
        assert deleted == 204
        assert recorded in {201, 422}
        assert company.owner.api().get(f"/expenses/?category_id={category}").json["data"] == []
        with company.owner.acting():
            check_books_equal_rows()


def test_the_last_place_of_a_plan_is_given_once(company: Company, app_context):
    from tests.factories.tenants import set_tier

    set_tier(company, "basic")
    apis = [company.owner.api() for _ in range(6)]
    answers = at_once(
        app_context,
        *(
            lambda api=api, n=n: api.post("/projects/", json={"name": f"P{n}"}).status_code
            for n, api in enumerate(apis)
        ),
    )
    assert sorted(answers) == [201, 201, 201, 402, 402, 402]
