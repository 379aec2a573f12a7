from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import func, select

from tests.factories.tenants import Company, set_tier
from tracktok.core.db import db, transaction
from tracktok.core.errors import PlanLimit
from tracktok.core.ids import new_id
from tracktok.core.tables import Job
from tracktok.core.tenancy import tenant_scope
from tracktok.tenants.rules import (
    PLANS,
    Limit,
    Subscription,
    Tier,
    accent_problem,
    contrast,
    fits,
    is_far,
    subdomain_problem,
)
from tracktok.tenants.services import check_limit, require_feature, reserve


def test_the_table_of_plans_is_the_published_one():
    names = ("users", "projects", "accounts", "expenses_per_project", "expenses", "invoices_per_month", "customers")
    assert {tier: [plan.limits[Limit(n)] for n in names] for tier, plan in PLANS.items()} == {
        "basic": [1, 3, 3, 100, 100_000, 10, 50],
        "professional": [25, 100, 50, None, 5_000_000, None, None],
        "enterprise": [None] * 7,
    }


@pytest.mark.parametrize(
    ("tier", "today", "plan", "days"),
    [
        ("basic", date(2026, 1, 1), "professional", 14),
        ("basic", date(2026, 1, 14), "professional", 1),
        ("basic", date(2026, 1, 15), "basic", 0),
        ("professional", date(2026, 1, 1), "professional", 14),
        ("enterprise", date(2026, 1, 1), "enterprise", 14),
    ],
)
def test_the_trial_lends_professional_for_fourteen_days(tier, today, plan, days):
    subscription = Subscription(Tier(tier), date(2026, 1, 1), date(2026, 1, 15))
    assert (subscription.plan(today).tier, subscription.trial_days_remaining(today)) == (plan, days)


@pytest.mark.parametrize(
    ("limit", "used", "adding", "ok"),
    [(3, 2, 1, True), (3, 3, 1, False), (3, 0, 4, False), (None, 10**9, 1, True), (3, 9, 0, True)],
)
def test_fits(limit, used, adding, ok):
    assert fits(limit, used, adding) is ok


def test_far_is_never_near():
    assert is_far(100_000, 50_000, 1)
    assert not is_far(100_000, 90_000, 1)
    assert not is_far(5_000_000, 0, 5_000)
    assert not is_far(25, 0, 1)


@pytest.mark.parametrize("name", ["acme", "a-1", "my-company", "x2y", "demo"])
def test_subdomains_that_may_be(name):
    assert subdomain_problem(name) is None


@pytest.mark.parametrize("name", ["ab", "www", "api", "-a-", "a--b", "ACME", "a.b", "a_b", "123", "x" * 64, "", "ü12"])
def test_subdomains_that_may_not_be(name):
    assert subdomain_problem(name)


def test_accent_colours_must_carry_white_text():
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    assert accent_problem("#1f6feb") is None
    assert "contrast" in (accent_problem("#ffcc00") or "")
    assert accent_problem("red")


def test_over_a_limit_says_what_is_used_and_how_to_go_on(company: Company):
    set_tier(company, "basic")
    with company.owner.acting():
        check_limit("projects", 2)
        with pytest.raises(PlanLimit) as refused:
            check_limit("projects", 3)
        with pytest.raises(PlanLimit, match="Webhooks is not part"):
            require_feature("webhooks")
        require_feature("api_access")
    error = refused.value
    assert error.status == 402
    assert error.extra == {
        "name": "projects",
        "limit": 3,
        "used": 3,
        "plan": "basic",
        "upgrade_url": f"http://{company.subdomain}.tracktok.test/settings/plan",
    }
    assert "3 in use" in error.detail
    assert "Settings > Plan" in error.detail


def _jobs() -> int:
    return db.session.execute(select(func.count()).select_from(Job)).scalar_one()


def test_reserve_counts_only_when_it_must(company: Company):
    counted = []
    with tenant_scope(company.id):
        reserve("projects", lambda: counted.append(1) or 0)  # enterprise: unlimited
    assert counted == []
    set_tier(company, "basic")
    with tenant_scope(company.id):
        for _ in range(3):
            reserve("expenses", lambda: counted.append(1) or 5)
    assert counted == [1], "far from the limit the count is remembered"


@pytest.mark.races
def test_a_limit_holds_however_many_write_at_once(app, company: Company):
    set_tier(company, "basic")  # three projects; jobs stand for them here
    start = threading.Barrier(8)

    def add(number: int) -> bool:
        with app.app_context(), tenant_scope(company.id):
            start.wait(10)
            try:
                with transaction():
                    reserve("projects", _jobs)
                    db.session.add(Job(id=new_id(), kind="test", run_key=str(number), payload={}))
                    db.session.flush()
            except PlanLimit:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(add, range(8)))
    assert sum(made) == 3
    with tenant_scope(company.id):
        assert _jobs() == 3
