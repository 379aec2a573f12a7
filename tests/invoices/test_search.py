"""Finding documents and receipts by words: by an index, in one's own company only, and by customer."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text

from tests.factories.invoices import make_buyer, make_invoice, make_issued_invoice
from tests.factories.receipts import make_receipt
from tests.factories.tenants import Company
from tests.invoices.conftest import Billing
from tracktok.core.db import db
from tracktok.invoices.queries import search


def found(billing: Billing, q: str, path: str = "invoices") -> set[str]:
    return {one["id"] for one in billing.call("GET", f"/{path}/", query_string={"q": q})["data"]}


@pytest.fixture
def sold(billing: Billing, other_company: Company) -> dict[str, str]:
    with other_company.owner.acting():
        make_issued_invoice(reference="PO 7712 of Zenith")
    with billing.company.owner.acting():
        zenith = make_buyer(name="Zenith Roadways")
        one = make_issued_invoice(customer_id=UUID(billing.customer), reference="PO/7712 (North)")
        two = make_issued_invoice(customer_id=zenith.id)
        draft = make_invoice(customer_id=UUID(billing.customer), reference="quarterly")
        money = make_receipt(customer_id=zenith.id, reference="UTR-AX0099123")
        names = {"one": one, "two": two, "draft": draft, "money": money}
        return {name: str(each.id) for name, each in names.items()} | {"number": one.number or ""}


@pytest.mark.parametrize("common", [False, True])
def test_words_find_numbers_references_and_customers(billing: Billing, sold: dict[str, str], common, monkeypatch):
    if common:  # too many to be worth their ids: the rows are compared
        monkeypatch.setattr(search, "MOST_FOUND", 0)
    assert found(billing, sold["number"].lower()) == {sold["one"]}
    assert found(billing, "7712") == found(billing, "po 77 nor") == {sold["one"]}
    assert found(billing, "quart") == {sold["draft"]}
    assert found(billing, "zenith") == found(billing, "roadw") == {sold["two"]}
    assert found(billing, "ax009", "receipts") == found(billing, "zenith", "receipts") == {sold["money"]}
    assert found(billing, "nothing") == found(billing, "--") == found(billing, "' & | :*") == set()


def test_a_running_number_is_found_without_its_noughts(billing: Billing, sold: dict[str, str]):
    running = sold["number"].rpartition("-")[2].lstrip("0")
    assert sold["one"] in found(billing, running)


@pytest.mark.tenancy
def test_the_functions_tell_ids_of_the_tenant_only_and_use_their_index(billing: Billing, sold: dict[str, str]):
    with billing.company.owner.acting():
        ids = db.session.execute(text("SELECT search_sales_documents(ARRAY['po','7712'], 10)")).scalar_one()
        assert [str(one) for one in ids] == [sold["one"]]
        db.session.execute(text("SET LOCAL app.tenant_id = ''"))
        assert db.session.execute(text("SELECT search_sales_documents(ARRAY['po'], 10)")).scalar_one() == []
        assert db.session.execute(text("SELECT search_customer_receipts(ARRAY['utr'], 10)")).scalar_one() == []
        db.session.rollback()
