"""Many at once, each with a connection of their own: the limit of the plan, names, codes, the first company."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from tests.factories import customers as make
from tests.factories.tenants import Company, set_tier
from tracktok.core.db import db
from tracktok.core.errors import DomainError
from tracktok.customers import queries, services
from tracktok.customers.models import Company as BillingCompany
from tracktok.customers.models import Customer, ServiceType, TaxRate
from tracktok.customers.schemas.catalog import ServiceTypeIn, TaxRateIn
from tracktok.customers.schemas.customers import CustomerIn
from tracktok.customers.schemas.groups import ClientTypeIn

pytestmark = pytest.mark.integration
AT_ONCE = 6


def together(app: Flask, company: Company, work: Callable[[int], Any], count: int = AT_ONCE) -> list[Any]:
    """What each of several who begin at the same moment got: a result, or the code of the refusal."""
    barrier = Barrier(count)

    def one(number: int) -> Any:
        with app.app_context():
            barrier.wait(10)
            try:
                with company.owner.acting():
                    return work(number)
            except DomainError as refusal:
                return refusal.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_the_limit_holds_when_several_create_at_once(app: Flask, company: Company):
    with company.owner.acting():
        for _ in range(48):
            make.make_customer()
    set_tier(company, "basic")
    got = together(app, company, lambda n: services.create_customer(CustomerIn(name=f"At once {n}")).customer.name)
    assert sorted(code == "plan_limit" for code in got) == [False] * 2 + [True] * (AT_ONCE - 2)
    with company.owner.acting():
        assert queries.count_customers() == 50


@pytest.mark.parametrize(
    ("make_one", "model", "code"),
    [
        (lambda _: services.create_customer(CustomerIn(name="A", code="C-1")), Customer, "code_taken"),
        (lambda _: services.create_client_type(ClientTypeIn(name="Schools")), None, "name_taken"),
        (lambda _: services.create_service_type(ServiceTypeIn(name="Airport drop")), ServiceType, "name_taken"),
        (lambda _: services.create_tax_rate(TaxRateIn(name="New", percent="5")), TaxRate, "name_taken"),
    ],
)
def test_a_name_is_had_once(app: Flask, company: Company, make_one, model, code):
    with company.owner.acting():
        before = db.session.execute(select(func.count()).select_from(model)).scalar_one() if model else 0
    got = together(app, company, make_one)
    assert [one for one in got if isinstance(one, str)] == [code] * (AT_ONCE - 1)
    if model:
        with company.owner.acting():
            assert db.session.execute(select(func.count()).select_from(model)).scalar_one() == before + 1


def test_the_first_company_is_made_once(app: Flask, company: Company):
    with company.owner.acting():
        db.session.execute(delete(BillingCompany))
    got = together(app, company, lambda _: services.default_company().id)
    assert len(set(got)) == 1
    with company.owner.acting():
        assert len(queries.company_choices()) == 1


def test_two_make_their_company_the_default(app: Flask, company: Company):
    with company.owner.acting():
        ids = [make.make_billing_company().id for _ in range(3)]

    def work(number: int) -> Any:
        return services.make_default(queries.get_company(ids[number], for_update=True)).id

    got = together(app, company, work, 3)
    assert any(one in ids for one in got)
    with company.owner.acting():
        assert [row.is_default for row in queries.company_choices()].count(True) == 1


def test_a_type_is_not_deleted_under_a_customer(app: Flask, company: Company):
    with company.owner.acting():
        kind = services.create_client_type(ClientTypeIn(name="Schools")).id

    def work(number: int) -> Any:
        if number == 0:
            services.delete_client_type(queries.get_client_type(kind, for_update=True))
            return "deleted"
        return services.create_customer(
            CustomerIn(name=f"School {number}", client_type_id=kind)
        ).customer.client_type_id

    got = together(app, company, work, 4)
    if got[0] == "deleted":
        assert got[1:] == ["invalid"] * 3
    else:
        assert got[0] == "in_use"
        assert kind in got
