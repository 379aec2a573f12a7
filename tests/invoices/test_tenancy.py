"""Documents never name, show or change what belongs to another company."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.customers import make_service_type, make_tax_rate
from tests.factories.expenses import make_expense
from tests.factories.invoices import invoice_values, make_biller, make_buyer, make_issued_invoice
from tests.factories.tenants import Company
from tests.invoices.conftest import Billing
from tracktok.customers.models import Company as Biller
from tracktok.invoices.queries.documents import lines_of
from tracktok.ledger.queries import book_account_for

pytestmark = pytest.mark.tenancy


@pytest.fixture
def theirs(other_company: Company) -> dict[str, str]:
    """Ids of another company's things."""
    with other_company.owner.acting():
        biller: Biller = make_biller()
        invoice = make_issued_invoice()
        found: dict[str, Any] = {
            "company_id": biller.id,
            "customer_id": make_buyer().id,
            "service_type_id": make_service_type().id,
            "tax_rate_id": make_tax_rate().id,
            "expense_id": make_expense(billable=True).id,
            "book_account_id": book_account_for("sales"),
            "invoice_id": invoice.id,
            "line_id": lines_of(invoice.id)[0].id,
        }
        return {name: str(value) for name, value in found.items()}


@pytest.mark.parametrize("field", ["company_id", "customer_id"])
def test_a_document_is_not_of_another_companys_parties(billing: Billing, theirs, field):
    body = invoice_values(**{"customer_id": billing.customer, field: theirs[field]})
    for path in ("/invoices/", "/invoices/preview"):
        assert billing.call("POST", path, 422, json=body)["errors"][0]["pointer"] == f"/{field}"


@pytest.mark.parametrize("field", ["service_type_id", "tax_rate_id", "expense_id", "book_account_id"])
def test_a_line_does_not_name_what_another_company_has(billing: Billing, theirs, field):
    body = invoice_values(customer_id=billing.customer, line={field: theirs[field]})
    for path in ("/invoices/", "/invoices/preview"):
        assert billing.call("POST", path, 422, json=body)["errors"][0]["pointer"] == f"/lines/0/{field}"


def test_notes_do_not_touch_another_companys_invoice(billing: Billing, theirs):
    own = billing.issued()
    foreign = {"id": theirs["invoice_id"]}
    assert billing.credit(foreign, status=422)["errors"][0]["pointer"] == "/invoice_id"
    line = {"line_id": theirs["line_id"], "quantity": "1"}
    assert billing.credit(own, line, status=422)["errors"][0]["pointer"] == "/lines/0/line_id"
    note = billing.credit(own, {"line_id": own["lines"][0]["id"], "quantity": "1"})
    body = {"invoice_id": theirs["invoice_id"]}
    assert billing.call("POST", f"/credit-notes/{note['id']}/apply", 404, json=body)["code"] == "not_found"


def test_patterns_and_filters_of_another_company_find_nothing(billing: Billing, theirs):
    billing.issued()
    answer = billing.call("GET", f"/number-patterns/?company_id={theirs['company_id']}", 422)
    assert answer["errors"][0]["pointer"] == "/company_id"
    pattern = {"company_id": theirs["company_id"], "kind": "invoice", "pattern": "Z{###}"}
    assert billing.call("PUT", "/number-patterns/", 422, json=pattern)["errors"][0]["pointer"] == "/company_id"
    for field in ("customer_id", "company_id"):
        assert billing.call("GET", f"/invoices/?{field}={theirs[field]}")["data"] == []
