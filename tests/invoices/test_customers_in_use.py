"""A customer who was billed is not deleted, and an undo of an import leaves them."""

from __future__ import annotations

from tests.factories.imports import begin, commit, undo
from tests.factories.invoices import make_invoice


def test_a_customer_with_a_document_stays(company):
    with company.owner.acting():
        customer_id = make_invoice().customer_id
    api = company.owner.api()
    answer = api.delete(f"/customers/{customer_id}")
    assert (answer.status_code, answer.json["code"]) == (409, "in_use")
    assert api.get(f"/customers/{customer_id}").status_code == 200
    page = company.owner.browser().post(f"/customers/{customer_id}/delete", follow_redirects=True)
    assert "has documents or receipts" in page.text


def test_an_undo_of_an_import_leaves_whom_a_document_names(company):
    api = company.owner.api()
    done = commit(company, begin(api, "Name\nBilled\nFree\n", name="customers.csv", kind="customers"))
    billed = api.get("/customers/?q=Billed").json["data"][0]["id"]
    with company.owner.acting():
        make_invoice(customer_id=billed)
    back = undo(company, done)
    assert back["result"]["undo"]["kept_names"] == ["Billed"]
    assert [one["name"] for one in api.get("/customers/").json["data"]] == ["Billed"]
