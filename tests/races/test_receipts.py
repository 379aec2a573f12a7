"""Several people at the same receipts and invoices, over real connections."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.invoices import make_biller, make_buyer, make_issued_invoice
from tests.factories.receipts import make_receipt
from tests.factories.tenants import Company
from tests.invoices.books import check_receivables
from tests.races.test_expenses import at_once
from tracktok.invoices.queries.receipts import get_receipt

pytestmark = pytest.mark.races


@pytest.fixture
def buyer(company: Company) -> str:
    with company.owner.acting():
        make_biller()
        return str(make_buyer().id)


def posting(api: Any, path: str, **options: Any) -> Callable[[], Any]:
    return lambda: api.post(path, **options)


def made(company: Company, buyer: str, invoices: int = 1, receipts: int = 1) -> tuple[list[str], list[str]]:
    with company.owner.acting():
        return (
            [str(make_issued_invoice(customer_id=buyer).id) for _ in range(invoices)],
            [str(make_receipt(customer_id=buyer).id) for _ in range(receipts)],
        )


def part(invoice: str, amount: str = "1180.00") -> dict[str, Any]:
    return {"json": {"allocations": [{"invoice_id": invoice, "amount": amount}]}}


def check(company: Company) -> None:
    with company.owner.acting():
        check_receivables()


def test_two_who_allocate_one_receipt_never_pass_it(company: Company, buyer, app_context):
    api = company.owner.api()
    invoices, [receipt] = made(company, buyer, invoices=3)
    answers = at_once(
        app_context, *(posting(api, f"/receipts/{receipt}/allocate", **part(one, "700.00")) for one in invoices)
    )
    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    assert api.get(f"/receipts/{receipt}").json["allocated_amount"] == "700.00"
    check(company)


def test_two_receipts_never_pay_an_invoice_twice(company: Company, buyer, app_context):
    api = company.owner.api()
    [invoice], receipts = made(company, buyer, receipts=3)
    answers = at_once(app_context, *(posting(api, f"/receipts/{one}/allocate", **part(invoice)) for one in receipts))
    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    assert api.get(f"/invoices/{invoice}").json["status"] == "paid"
    check(company)


def test_payments_that_come_at_once_are_shared_over_all_that_is_open(company: Company, buyer, app_context):
    api = company.owner.api()
    invoices, _ = made(company, buyer, invoices=4, receipts=0)
    body = {"customer_id": buyer, "receipt_date": "2026-11-21", "amount": "1000", "allocate": "oldest"}
    answers = at_once(app_context, *[posting(api, "/receipts/", json=body)] * 4)
    assert [one.status_code for one in answers] == [201] * 4
    assert {one.json["unallocated_amount"] for one in answers} == {"0.00"}
    assert sorted(one.json["number"] for one in answers) == [f"RCT-26-IND-0000{number}" for number in range(1, 5)]
    paid = [Decimal(api.get(f"/invoices/{one}").json["amount_paid"]) for one in invoices]
    assert sorted(paid) == [460, 1180, 1180, 1180]
    check(company)


def test_two_who_cross_each_other_do_not_wait_in_a_ring(company: Company, buyer, app_context):
    api = company.owner.api()
    for _ in range(3):
        invoices, receipts = made(company, buyer, invoices=2, receipts=2)
        orders = (invoices, invoices[::-1])
        answers = at_once(
            app_context,
            *(
                posting(
                    api,
                    f"/receipts/{receipt}/allocate",
                    json={"allocations": [{"invoice_id": one, "amount": "590"} for one in order]},
                )
                for receipt, order in zip(receipts, orders, strict=True)
            ),
        )
        assert [one.status_code for one in answers] == [200, 200]
    check(company)


def test_refund_and_allocation_at_once_never_pass_the_receipt(company: Company, buyer, app_context):
    api = company.owner.api()
    for _ in range(3):
        [invoice], [receipt] = made(company, buyer)
        allocated, given_back = at_once(
            app_context,
            posting(api, f"/receipts/{receipt}/allocate", **part(invoice)),
            posting(api, f"/receipts/{receipt}/refund", json={"amount": "1180.00"}),
        )
        assert (allocated.status_code, given_back.status_code) in {(200, 409), (409, 201)}
    check(company)


def test_void_and_allocation_at_once_never_both(company: Company, buyer, app_context):
    api = company.owner.api()
    for _ in range(3):
        [invoice], [receipt] = made(company, buyer)
        allocated, void = at_once(
            app_context,
            posting(api, f"/receipts/{receipt}/allocate", **part(invoice)),
            posting(api, f"/receipts/{receipt}/void", json={}),
        )
        assert (allocated.status_code, void.status_code) in {(200, 409), (409, 200)}
    check(company)


def test_an_invoice_is_void_or_paid_never_both(company: Company, buyer, app_context):
    api = company.owner.api()
    for _ in range(3):
        [invoice], [receipt] = made(company, buyer)
        allocated, void = at_once(
            app_context,
            posting(api, f"/receipts/{receipt}/allocate", **part(invoice)),
            posting(api, f"/invoices/{invoice}/void", json={}),
        )
        assert (allocated.status_code, void.status_code) in {(200, 409), (409, 200)}
    check(company)


def test_an_allocation_is_taken_back_once(company: Company, buyer, app_context):
    api = company.owner.api()
    [invoice], [receipt] = made(company, buyer)
    [allocation] = api.post(f"/receipts/{receipt}/allocate", **part(invoice)).json["allocations"]
    body = {"allocation_id": allocation["id"]}
    answers = at_once(
        app_context,
        *[posting(api, f"/receipts/{receipt}/unallocate", json=body)] * 2,
        posting(api, f"/invoices/{invoice}/payments/{allocation['id']}/take-back"),
    )
    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    with company.owner.acting():
        assert get_receipt(receipt).allocated_amount == 0  # type: ignore[arg-type]
        check_receivables()


def test_a_write_off_and_a_payment_at_once_never_pass_the_invoice(company: Company, buyer, app_context):
    api = company.owner.api()
    [invoice], [receipt] = made(company, buyer)
    answers = at_once(
        app_context,
        posting(api, f"/receipts/{receipt}/allocate", **part(invoice)),
        posting(api, f"/invoices/{invoice}/write-off", json={"amount": "1180.00"}),
    )
    assert sorted(one.status_code for one in answers) == [200, 409]
    check(company)
