"""Every page as every role: nothing in the console, no other host, WCAG 2.2 AA, no sideways scrolling, no cut text."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from tests.factories.expenses import make_account, make_expense, make_project, make_rates
from tests.factories.tenants import Company

from .conftest import THEMES, Camera, Routes, Visitor, visitor

TITLES = (
    "Diesel",
    "Toll, Panvel to Satara",
    "Refund of a cancelled booking with a rather long title that has to wrap somewhere in the middle",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenreinigung",
    "Hotel, two nights in Pune",
)
ALIKE = ("gallery.", "guide.", "error_")
WIDE_AND_NARROW = (1440, 390)


def complaints(camera: Camera) -> str:
    return "\n".join(str(finding) for finding in camera.findings)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ["owner", "analyst", "member"])
def test_pages_of_an_empty_company(app: Flask, camera: Camera, company: Company, role: str):
    # The gallery, the guide and the errors are the same for everybody.
    routes = Routes(app, without=() if role == "owner" else ALIKE)
    themes = THEMES if role == "owner" else THEMES[:1]
    person = visitor(company.member(role))
    looked = camera.look(routes, person, widths=WIDE_AND_NARROW, themes=themes, every_setting=False)
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
    return company


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ["owner", "member"])
def test_pages_of_a_busy_company(app: Flask, camera: Camera, busy: Company, role: str):
    themes = THEMES if role == "owner" else THEMES[1:]
    person = visitor(busy.member(role))
    camera.look(Routes(app, without=ALIKE), person, widths=WIDE_AND_NARROW, themes=themes, every_setting=False)
    assert not camera.findings, complaints(camera)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_pages_for_nobody(app: Flask, camera: Camera):
    camera.look(Routes(app, without=ALIKE), Visitor("nobody"), widths=WIDE_AND_NARROW, every_setting=False)
    assert not camera.findings, complaints(camera)
