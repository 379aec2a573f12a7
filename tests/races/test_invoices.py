"""Several people at the same documents, over real connections; and a process that is killed while it issues one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.conftest import ROOT
from tests.factories.expenses import make_expense
from tests.factories.invoices import invoice_values, make_biller, make_buyer, make_invoice, make_issued_invoice
from tests.factories.tenants import Company
from tests.invoices.books import check_receivables
from tests.races.test_expenses import at_once
from tracktok.core.db import db
from tracktok.invoices.models import NumberSeries, SalesDocument
from tracktok.invoices.queries.documents import lines_of

pytestmark = pytest.mark.races


@pytest.fixture
def buyer(company: Company) -> str:
    with company.owner.acting():
        make_biller()
        return str(make_buyer().id)


def drafts(company: Company, buyer: str, count: int) -> list[UUID]:
    with company.owner.acting():
        return [make_invoice(customer_id=buyer).id for _ in range(count)]


def posting(api: Any, path: str, **options: Any) -> Callable[[], Any]:
    return lambda: api.post(path, **options)


def numbers(company: Company) -> list[str]:
    with company.owner.acting():
        issued = select(SalesDocument.number).where(SalesDocument.number.is_not(None)).order_by(SalesDocument.sequence)
        check_receivables()
        return list(db.session.execute(issued).scalars())


def test_32_who_issue_at_once_take_32_numbers_without_a_gap(company: Company, buyer, app_context):
    api = company.owner.api()
    made = drafts(company, buyer, 32)
    answers = at_once(app_context, *(posting(api, f"/invoices/{one}/finalize") for one in made))
    assert [one.status_code for one in answers] == [200] * 32
    assert numbers(company) == [f"INV-26-IND-{number:05d}" for number in range(1, 33)]


def test_one_draft_is_issued_once(company: Company, buyer, app_context):
    api = company.owner.api()
    (draft,) = drafts(company, buyer, 1)
    answers = at_once(app_context, *[posting(api, f"/invoices/{draft}/finalize")] * 5)
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409]
    assert numbers(company) == ["INV-26-IND-00001"]


KILLED = """
import os, sys, time
from uuid import UUID
from tracktok.app import create_app
from tracktok.core import context
from tracktok.core.context import SYSTEM
from tracktok.core.tenancy import tenant_scope
from tracktok.invoices import services
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.signals import document_finalized

def stay(_sender, document):
    print(document.number, flush=True)
    time.sleep(60)

document_finalized.connect(stay)
app = create_app()
with app.app_context(), tenant_scope(UUID(sys.argv[1])), context.acting(SYSTEM):
    services.finalize_document(UUID(sys.argv[2]), DocumentKind.invoice)
"""


@pytest.mark.integration
def test_a_process_that_is_killed_while_it_issues_takes_no_number(company: Company, buyer, app_context):
    lost, kept = drafts(company, buyer, 2)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(company.id), str(lost)],
        cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    taken = process.stdout.readline().strip()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert taken == "INV-26-IND-00001"
    answer = company.owner.api().post(f"/invoices/{kept}/finalize")
    assert answer.json["number"] == taken
    assert company.owner.api().get(f"/invoices/{lost}").json["status"] == "draft"
    assert numbers(company) == [taken]
    with company.owner.acting():
        assert db.session.execute(select(NumberSeries.last_value)).scalars().all() == [1]


def test_two_who_credit_one_line_never_pass_it(company: Company, buyer, app_context):
    api = company.owner.api()
    for wanted in ({"quantity": "6"}, {"amount": "600.00"}, {}):
        with company.owner.acting():
            invoice = make_issued_invoice(customer_id=buyer)
            row = {"line_id": str(lines_of(invoice.id)[0].id), **wanted}
            body = {"invoice_id": str(invoice.id), "reason": "Twice", "finalize": True, "lines": [row]}
        answers = at_once(app_context, *[posting(api, "/credit-notes/", json=body)] * 3)
        assert sorted(one.status_code for one in answers) in ([201, 422, 422], [201, 409, 422], [201, 409, 409])
    with company.owner.acting():
        check_receivables()


def test_void_and_credit_at_once_never_both(company: Company, buyer, app_context):
    api = company.owner.api()
    for _ in range(4):
        with company.owner.acting():
            invoice = str(make_issued_invoice(customer_id=buyer).id)
        body = {"invoice_id": invoice, "reason": "Or void?", "finalize": True}
        answers = at_once(
            app_context,
            posting(api, f"/invoices/{invoice}/void", json={}),
            posting(api, "/credit-notes/", json=body),
        )
        assert sorted(one.status_code for one in answers) in ([200, 409], [201, 409])
    with company.owner.acting():
        check_receivables()


def test_issue_and_delete_at_once_never_both(company: Company, buyer, app_context):
    api = company.owner.api()
    for draft in drafts(company, buyer, 4):
        issued, deleted = at_once(
            app_context,
            posting(api, f"/invoices/{draft}/finalize"),
            lambda draft=draft: api.delete(f"/invoices/{draft}"),
        )
        assert (issued.status_code, deleted.status_code) in {(200, 409), (404, 204)}
    assert numbers(company) == [f"INV-26-IND-{number:05d}" for number in range(1, len(numbers(company)) + 1)]


def test_issue_and_void_at_once_leave_the_books_right(company: Company, buyer, app_context):
    api = company.owner.api()
    for draft in drafts(company, buyer, 4):
        issued, void = at_once(
            app_context,
            posting(api, f"/invoices/{draft}/finalize"),
            posting(api, f"/invoices/{draft}/void", json={}),
        )
        assert issued.status_code == 200
        assert void.status_code in {200, 409}
    assert len(numbers(company)) == 4


def test_of_two_voids_one_is_told_that_it_is_void(company: Company, buyer, app_context):
    with company.owner.acting():
        invoice = make_issued_invoice(customer_id=buyer).id
    api = company.owner.api()
    answers = at_once(app_context, *[posting(api, f"/invoices/{invoice}/void", json={})] * 3)
    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    numbers(company)


def test_a_quote_becomes_one_invoice(company: Company, buyer, app_context):
    api = company.owner.api()
    body = {key: value for key, value in invoice_values(customer_id=buyer).items() if key != "invoice_date"}
    quote = api.post("/quotes/", json={**body, "date": "2026-11-20"}).json["id"]
    assert api.post(f"/quotes/{quote}/send").status_code == 200
    answers = at_once(app_context, *[posting(api, f"/quotes/{quote}/convert")] * 4)
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    assert len(api.get(f"/invoices/?original_id={quote}").json["data"]) == 1


def test_two_invoices_never_bill_one_expense(company: Company, buyer, app_context):
    api = company.owner.api()
    for _ in range(3):
        with company.owner.acting():
            expense = str(make_expense(billable=True).id)
        body = {"customer_id": buyer, "lines": [{"expense_id": expense}]}
        answers = at_once(app_context, *[posting(api, "/invoices/", json=body)] * 4)
        assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]


def test_one_open_credit_is_not_spent_twice(company: Company, buyer, app_context):
    api = company.owner.api()
    with company.owner.acting():
        billed, one, other = (make_issued_invoice(customer_id=buyer) for _ in range(3))
        row = {"line_id": str(lines_of(billed.id)[0].id), "quantity": "5"}
        body = {"invoice_id": str(billed.id), "reason": "Half", "finalize": True, "lines": [row]}
        targets = [str(one.id), str(other.id)]
    note = api.post("/credit-notes/", json=body).json["id"]
    answers = at_once(
        app_context,
        *(
            posting(api, f"/credit-notes/{note}/apply", json={"invoice_id": target, "amount": "590.00"})
            for target in targets
        ),
    )
    assert sorted(one.status_code for one in answers) == [200, 409]
    with company.owner.acting():
        check_receivables()
