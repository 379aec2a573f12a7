"""Every page as every role: nothing in the console, no other host, WCAG 2.2 AA, no sideways scrolling, no cut text."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from tests.factories.customers import (
    BUYER_KARNATAKA,
    make_company_gst,
    make_customer,
    make_price_list,
    make_service_type,
)
from tests.factories.expenses import make_account, make_expense, make_project, make_rates
from tests.factories.tenants import Company
from tests.factories.usage import make_usage_ids

from .conftest import THEMES, Camera, Visitor, routes_for, visitor

TITLES = (
    "Diesel",
    "Toll, Panvel to Satara",
    "Refund of a cancelled booking with a rather long title that has to wrap somewhere in the middle",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenreinigung",
    "Hotel, two nights in Pune",
)
ALIKE = ("gallery.", "guide.", "error_")
WIDE_AND_NARROW = (1440, 390)
NARROW = (390,)


def complaints(camera: Camera) -> str:
    return "\n".join(str(finding) for finding in camera.findings)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ["owner", "analyst", "member"])
def test_pages_of_an_empty_company(app: Flask, camera: Camera, company: Company, role: str):
    # The gallery, the guide and the errors are the same for everybody; both themes are looked at where there is most
    # to see, in a busy company. Others than the owner see less of the same pages.
    routes = routes_for(app, company, role, without=() if role == "owner" else ALIKE)
    widths = WIDE_AND_NARROW if role == "owner" else NARROW
    person = visitor(company.member(role))
    looked = camera.look(routes, person, widths=widths, themes=THEMES[:1], every_setting=False)
    assert looked > 10 or role != "owner"
    assert not camera.findings, complaints(camera)


@pytest.fixture
def busy(company: Company) -> Company:
    """A company with spending of every kind: long words, other currencies, large and negative amounts."""
    with company.owner.acting():
        for back in range(0, 320, 5):
            make_rates(date(2026, 11, 20) - timedelta(days=back), INR="97.5", USD="1.08")
        project = make_project(
            name="Relocation of the north-western distribution centre", client_name="Bluewater Travel"
        )
        account = make_account(name="HDFC current account 4471", type="bank", opening_balance="250000.00")
        for at in range(60):
            make_expense(
                title=TITLES[at % len(TITLES)],
                amount=str(17 + at * at * 131) + ".50",
                expense_date=date(2026, 11, 20) - timedelta(days=at * 5),
                merchant="Bharat Petroleum" if at % 3 else "",
                project_id=project.id if at % 2 else None,
                account_id=account.id if at % 4 == 0 else None,
                tags=["fleet", "night shift"] if at % 5 == 0 else [],
                currency="USD" if at % 7 == 3 else "INR",
            )
        make_customers()
        make_usage_ids(make_customer(name="Nimbus Labs").id)
    return company


def make_customers() -> None:
    """Customers with long words and with none, GST settings, prices for a time."""
    make_company_gst(legal_name="Bluewater Travel and Transport Private Limited")
    service = make_service_type(name="Night shift cab, four seats, Whitefield to Electronic City", unit="trip")
    listed = make_price_list(name="Contract 2026", items=[{"service_type_id": service.id, "unit_price": "14.7525"}])
    for at, title in enumerate(TITLES):
        make_customer(
            name=title,
            code=f"C-{at:04d}" if at % 2 else "",
            gstin=BUYER_KARNATAKA if at < 2 else "",
            country="AE" if at == 3 else "",
            email="accounts.payable.of.a.very.long.name@subsidiary.example.com" if at != 1 else "",
            city="Bengaluru",
            address_line1="Unit 4, Third floor, Prestige Meridian, 29 Mahatma Gandhi Road",
            price_list_id=listed.id if at == 0 else None,
            credit_limit="1250000.00" if at == 0 else None,
            notes="Pays on the 7th.\nAsk for a purchase order." if at == 0 else "",
            custom_fields={"Route": "North", "Purchase order": "PO-2026-000123"} if at == 0 else {},
            contacts=[{"name": "Asha Rao", "role": "Accounts payable", "email": "asha@example.com"}] if at == 0 else [],
            addresses=[{"label": "Warehouse Hosur", "city": "Hosur", "state_code": "33"}] if at == 0 else [],
        )


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ["owner", "member"])
def test_pages_of_a_busy_company(app: Flask, camera: Camera, busy: Company, role: str):
    widths, themes = (WIDE_AND_NARROW, THEMES) if role == "owner" else (NARROW, ("dark",))
    routes = routes_for(app, busy, role, without=ALIKE)
    camera.look(routes, visitor(busy.member(role)), widths=widths, themes=themes, every_setting=False)
    assert not camera.findings, complaints(camera)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_pages_for_nobody(app: Flask, camera: Camera, company: Company):
    routes = routes_for(app, company, None, without=ALIKE)
    camera.look(routes, Visitor("nobody"), widths=WIDE_AND_NARROW, every_setting=False)
    assert not camera.findings, complaints(camera)
