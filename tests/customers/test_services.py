"""What is decided about companies, customers, taxes and prices, as those above see it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.factories import customers as make
from tests.factories.tenants import make_company, set_tier
from tracktok.core.errors import Conflict, Invalid, NotFound, PlanLimit
from tracktok.customers import queries, services
from tracktok.customers.models import Company
from tracktok.customers.schemas.catalog import PriceListPatch
from tracktok.customers.schemas.customers import CustomerIn
from tracktok.tenants.services import update_settings

DAY = date(2026, 11, 20)


def test_a_new_tenant_finds_a_company_tax_rates_and_what_it_may_sell(company):
    with company.owner.acting():
        own = services.default_company()
        rates = {rate.name: rate.percent for rate in queries.all_taxes_on(DAY)}
        services_found = {row.name: row.hsn_sac for row in queries.service_choices()}
    assert (own.country, own.tax_regime, own.registered, own.is_default) == ("IN", "none", False, True)
    assert own.legal_name.startswith("Company ")
    assert rates == {"GST 0 %": 0, "GST 5 %": 5, "GST 18 %": 18, "GST 18 % (transport with credit)": 18}
    assert services_found["Cab hire with driver"] == "996601"


def test_a_tenant_elsewhere_finds_its_own_tax_and_no_gst(app_context):
    elsewhere = make_company(currency="EUR", locale="de_DE", timezone="Europe/Berlin")
    with elsewhere.owner.acting():
        own = services.default_company()
        assert (own.country, own.tax_regime) == ("DE", "generic")
        assert {rate.name: rate.percent for rate in queries.all_taxes_on(DAY)} == {"VAT 19 %": 19, "VAT 0 %": 0}
        assert {row.name for row in queries.service_choices()} == {"Consulting", "Transport"}
        customer = make.make_customer(name="Müller GmbH")
        assert (customer.country, customer.currency) == ("DE", "EUR")


def test_the_default_company_is_made_on_first_need(company):
    with company.owner.acting():
        from tracktok.core.db import db

        db.session.delete(services.default_company())
        db.session.flush()
        assert queries.find_default_company() is None
        again = services.default_company()
        assert services.default_company().id == again.id
        assert queries.get_company(again.id, for_update=True).legal_name == again.legal_name
        with pytest.raises(NotFound):
            queries.get_company(make.make_customer().id)


def test_the_first_company_follows_the_tenants_name_until_it_has_a_gstin(company):
    with company.owner.acting():
        update_settings({"name": "Acme Logistics"})
    with company.owner.acting():
        assert services.default_company().legal_name == "Acme Logistics"
        make.make_company_gst()
    with company.owner.acting():
        update_settings({"name": "Acme"})
    with company.owner.acting():
        assert services.default_company().legal_name == "Acme Logistics"


def test_a_gstin_makes_the_regime_gst_and_tells_state_and_pan(company):
    with company.owner.acting():
        own = make.make_company_gst()
    assert (own.tax_regime, own.registered, own.state_code, own.pan) == ("gst", True, "29", "AABCI5678G")
    assert own.is_body_corporate is True


@pytest.mark.parametrize(
    ("day", "percent"),
    [(date(2025, 9, 21), 12), (date(2025, 9, 22), 18), (date(2026, 11, 20), 18)],
)
def test_the_rate_of_a_day_holds(company, day, percent):
    with company.owner.acting():
        rate = next(one for one in queries.all_taxes_on(day) if "transport" in one.name)
        found = queries.tax_on(rate.tax_rate_id, day)
        assert (found.percent, found.cess_percent, found.cess_per_unit, found.components) == (percent, 0, 0, [])


def test_a_rate_that_has_not_begun_is_refused_and_left_out_of_many(company):
    with company.owner.acting():
        later = make.make_tax_rate(percent=None, periods=[{"valid_from": date(2027, 1, 1), "percent": "9"}])
        now = make.make_tax_rate()
        with pytest.raises(Invalid) as refused:
            queries.tax_on(later.id, DAY)
        assert refused.value.errors[0].field == "tax_rate_id"
        found = queries.taxes_on([later.id, now.id, company.id], DAY)
        assert set(found) == {now.id}


def test_components_come_to_a_percent(company):
    with company.owner.acting():
        rate = make.make_tax_rate(
            regime="generic",
            periods=[
                {
                    "valid_from": date(2020, 1, 1),
                    "components": [
                        {"label": "State tax", "percent": "5"},
                        {"label": "City tax", "percent": "10", "compound": True},
                    ],
                }
            ],
        )
        found = queries.tax_on(rate.id, DAY)
    assert found.percent == Decimal("15.5")
    assert found.components == [
        {"code": "state_tax", "label": "State tax", "percent": "5", "compound": False},
        {"code": "city_tax", "label": "City tax", "percent": "10", "compound": True},
    ]


def test_the_price_list_goes_before_the_own_price_and_an_offer_before_the_usual_one(company):
    with company.owner.acting():
        cab = make.make_service_type(unit_price="2000")
        other = make.make_service_type(unit_price="50.5")
        listed = make.make_price_list(
            items=[
                {"service_type_id": cab.id, "unit_price": "1800", "valid_from": date(2026, 4, 1)},
                {
                    "service_type_id": cab.id,
                    "unit_price": "1500",
                    "valid_from": date(2026, 11, 1),
                    "valid_to": date(2026, 11, 30),
                },
            ]
        )
        contract, walk_in = make.make_customer(price_list_id=listed.id), make.make_customer()

        def price(customer, day):
            return queries.price_of(customer, cab.id, day).unit_price

        assert [price(walk_in, DAY), price(None, DAY)] == [2000, 2000]
        assert price(contract, date(2026, 3, 31)) == 2000
        assert price(contract, date(2026, 10, 31)) == 1800
        assert price(contract, date(2026, 11, 30)) == 1500
        assert price(contract, date(2026, 12, 1)) == 1800
        both = queries.prices_of(contract, [cab.id, other.id], DAY)
        assert [both[cab.id].price_list_id, both[other.id].price_list_id] == [listed.id, None]
        assert both[other.id].unit_price == Decimal("50.5")
        assert queries.price_of(contract, company.id, DAY) is None
        services.patch_price_list(listed, PriceListPatch(is_archived=True))
        assert price(contract, DAY) == 2000


def test_contacts_are_those_of_the_customer(company):
    with company.owner.acting():
        customer = make.make_customer(contacts=[{"name": "Asha"}, {"name": "Ravi", "email": "ravi@example.com"}])
        make.make_customer(contacts=[{"name": "Somebody else"}])
        assert [one.name for one in queries.contacts_of(customer.id)] == ["Asha", "Ravi"]


def test_a_customer_over_the_plan_is_refused(company):
    with company.owner.acting():
        for _ in range(50):
            make.make_customer()
    set_tier(company, "basic")
    with company.owner.acting():
        with pytest.raises(PlanLimit) as refused:
            services.create_customer(CustomerIn(name="One too many"))
        assert refused.value.extra["limit"] == 50
        gone = queries.get_customer(next(iter(queries.find_customers("Customer"))).id, for_update=True)
        services.delete_customer(gone)
        make.make_customer()
        with pytest.raises(PlanLimit):
            services.restore_customer(gone)


def test_somebody_above_can_keep_a_customer_from_being_deleted(company):
    from tracktok.customers.signals import customer_deleting

    def refuse(_sender, customer, **_):
        raise Conflict(f"{customer.name} has invoices.")

    with company.owner.acting():
        customer = make.make_customer()
        with customer_deleting.connected_to(refuse), pytest.raises(Conflict):
            services.delete_customer(customer)
        assert queries.get_customer(customer.id).deleted_at is None


def test_only_one_company_is_the_default(company):
    with company.owner.acting():
        first = services.default_company()
        second = make.make_billing_company()
        services.make_default(second)
        assert services.default_company().id == second.id
        assert [row.is_default for row in queries.company_choices()] == [True, False]
        assert queries.get_company(first.id).is_default is False
        with pytest.raises(services.DefaultCompany):
            services.delete_company(second)
        services.delete_company(queries.get_company(first.id))
        assert [row.id for row in queries.company_choices()] == [second.id]
        assert isinstance(second, Company)
