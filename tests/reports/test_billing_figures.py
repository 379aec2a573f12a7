"""What the books and billing tell: every figure is what the rows come to, today and as of any past day."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import select, text

from tests.factories.customers import make_customer
from tests.factories.expenses import make_expense, make_rates
from tests.factories.invoices import make_biller, make_buyer, make_issued_invoice, make_note, make_quote
from tests.factories.receipts import make_receipt
from tests.factories.tenants import Company
from tests.invoices.books import check_receivables
from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.services import patch_company
from tracktok.invoices import services
from tracktok.invoices.models import Allocation, DocumentKind, Receipt, Refund, SalesDocument
from tracktok.invoices.queries.receivables import Ageing, ageing_on, open_documents
from tracktok.invoices.rules.ageing import bucket_of
from tracktok.invoices.schemas.receipts import AllocateIn

pytestmark = pytest.mark.usefixtures("in_november")
D, ZERO = Decimal, Decimal(0)
NOVEMBER = {"date_from": "2026-11-01", "date_to": "2026-11-30"}


def allocate(receipt: Receipt, document: SalesDocument, amount: str, day: str) -> Receipt:
    body = {"allocations": [{"document_id": str(document.id), "amount": amount}], "date": day}
    return services.allocate_receipt(receipt.id, AllocateIn.model_validate(body))


@pytest.fixture
def billed(company: Company) -> dict[str, Any]:
    """A year of billing: paid in time and late, in parts, taken back, credited, written off, void, and in dollars."""
    with company.owner.acting():
        make_biller()
        make_rates(date(2026, 7, 1), INR="100.00", USD="1.17")
        make_rates(date(2026, 9, 15), INR="104.00", USD="1.11")
        asha, bose = make_buyer(name="Asha Tours"), make_buyer(name="Bose Travels")
        abroad = make_customer(gst_category="overseas", country="US", city="Boston", currency="USD", name="Charles Inc")

        def invoice(customer: Any, day: str, due: str, price: str, **over: Any) -> SalesDocument:
            return make_issued_invoice(
                customer_id=customer.id, invoice_date=day, due_date=due, line={"unit_price": price}, **over
            )

        made = {
            "paid": invoice(asha, "2026-06-01", "2026-06-30", "100.00"),
            "part": invoice(asha, "2026-07-10", "2026-08-09", "333.33"),
            "open": invoice(bose, "2026-08-20", "2026-09-19", "512.25"),
            "young": invoice(bose, "2026-11-20", "2026-12-20", "81.40"),
            "void": invoice(bose, "2026-10-01", "2026-10-31", "999.00"),
            "lost": invoice(asha, "2026-05-01", "2026-05-31", "45.00"),
            "credited": invoice(bose, "2026-10-05", "2026-10-20", "200.00"),
            "dollars": invoice(abroad, "2026-07-02", "2026-08-01", "77.77", currency="USD"),
        }
        services.void_document(made["void"], "Sent twice")
        first = make_receipt(customer_id=asha.id, receipt_date="2026-07-01", amount="1180.00")
        allocate(first, made["paid"], "1180.00", "2026-07-11")
        second = make_receipt(customer_id=asha.id, receipt_date="2026-09-01", amount="2500.00")
        allocate(second, made["part"], "1000.00", "2026-09-02")
        third = make_receipt(customer_id=bose.id, receipt_date="2026-10-10", amount="3000.00")
        allocate(third, made["open"], "700.10", "2026-10-12")
        services.unallocate(third.id)
        dollars = make_receipt(customer_id=abroad.id, receipt_date="2026-09-16", amount="333.33", currency="USD")
        allocate(dollars, made["dollars"], "333.33", "2026-09-16")
        note = make_note(made["credited"], date="2026-10-15")
        made["note"] = services.finalize_document(note.id, DocumentKind.credit_note).document
        services.mark_uncollectible(made["lost"], "Gone")
        make_quote(customer_id=bose.id)
        offer = make_quote(customer_id=asha.id, line={"unit_price": "50.00"})
        services.finalize_document(offer.id, DocumentKind.quote)
        db.session.commit()
    return made


def rows_on(day: date) -> tuple[dict[Any, dict[str, Decimal]], Decimal]:
    """What customers owe on a day by age, and all that they have as credit: from every document and allocation."""
    zone, owed, credit = preferences().timezone, defaultdict(lambda: defaultdict(lambda: ZERO)), ZERO
    used: dict[Any, Decimal] = defaultdict(lambda: ZERO)
    for one in db.session.execute(select(Allocation)).scalars():
        removed = one.removed_at and one.removed_at.astimezone(ZoneInfo(zone)).date()
        if one.allocated_on <= day and not (removed and max(removed, one.allocated_on) <= day):
            for name in (one.document_id, one.receipt_id, one.credit_note_id):
                used[name] += one.amount
    for back in db.session.execute(select(Refund).where(Refund.status == "done")).scalars():
        if back.refund_date <= day:
            used[back.receipt_id or back.credit_note_id] += back.amount

    def left(one: Any, total: Decimal, base: Decimal) -> Decimal:
        return base - (base * used[one.id] / total).quantize(D("0.01"), rounding=ROUND_HALF_UP)

    for one in db.session.execute(select(SalesDocument).where(SalesDocument.number.is_not(None))).scalars():
        if one.status == "void" or one.document_date > day or one.kind in {"quote", "proforma"}:
            continue
        rest = left(one, one.total, one.base_total)
        if one.kind == "credit_note":
            credit += rest
        else:
            owed[one.customer_id][bucket_of(one.due_date, day).key] += rest
    for one in db.session.execute(select(Receipt).where(Receipt.status == "received")).scalars():
        if one.receipt_date <= day:
            credit += left(one, one.amount, one.base_amount)
    return owed, credit


def booked_on(day: date) -> Decimal:
    """Receivables less advances in the books, at the end of a day."""
    statement = text(
        "SELECT coalesce(sum(l.base_amount), 0) FROM ledger_lines l"
        " JOIN book_accounts b ON b.tenant_id = l.tenant_id AND b.id = l.book_account_id"
        " WHERE l.tenant_id = :tenant AND b.role IN ('receivables', 'customer_advances') AND l.entry_date <= :day"
    )
    return db.session.execute(statement, {"tenant": current_tenant_id(), "day": day}).scalar_one()


def told(found: Ageing) -> dict[Any, dict[str, Decimal]]:
    return {
        one.customer_id: {
            bucket.key: amount for (bucket, _), amount in zip(found.buckets, one.buckets, strict=True) if amount
        }
        for one in found.customers
        if one.total
    }


def test_ageing_is_what_the_rows_and_the_books_say_on_every_day(company: Company, billed: dict[str, Any]):
    with company.owner.acting():
        check_receivables()
        day, today = date(2026, 4, 30), clock.today(preferences().timezone)
        while day <= today:
            found, (owed, credit) = ageing_on(day), rows_on(day)
            expected = {name: {key: amount for key, amount in ages.items() if amount} for name, ages in owed.items()}
            assert told(found) == {name: ages for name, ages in expected.items() if ages}, day
            assert found.whole.credit == credit, day
            assert found.whole.balance == booked_on(day), day
            assert sum((one.total for one in found.customers), ZERO) == found.whole.total
            listed = open_documents(day)
            signs = {"receipt": -1, "credit_note": -1}
            assert sum((signs.get(row.kind, 1) * row.base for row in listed), ZERO) == found.whole.balance, day
            day = day + timedelta(days=6) if day + timedelta(days=6) <= today or day == today else today
        assert found.whole.documents == 5


def test_the_ageing_of_a_past_day_by_the_api(company: Company, billed: dict[str, Any]):
    api = company.owner.api()
    july = api.get("/dashboard/aging-analysis?as_of=2026-07-10").json
    owed = {one["customer_name"]: one["buckets"] for one in july["customers"]}
    assert owed["Asha Tours"] == {
        "current": "3933.00", "1_30": "1180.00", "31_60": "531.00", "61_90": "0.00", "over_90": "0.00",
    }  # fmt: skip
    assert july["as_of"] == "2026-07-10"
    assert july["unallocated_credit"] == "1180.00"
    assert api.get("/dashboard/aging-analysis?limit=1").json["customer_count"] == 3
    assert len(api.get("/dashboard/aging-analysis?limit=1").json["customers"]) == 1
    assert api.get("/dashboard/aging-analysis?as_of=nonsense").status_code == 422
    nothing = api.get("/dashboard/aging-analysis?as_of=2020-01-01").json
    assert (nothing["total"], nothing["customers"]) == ("0.00", [])


def test_the_figures_of_billing_are_the_rows(company: Company, billed: dict[str, Any]):
    api = company.owner.api()
    found = api.get("/dashboard/metrics", query_string={"date_from": "2026-07-01", "date_to": "2026-11-30"}).json
    with company.owner.acting():
        documents = [one for name, one in billed.items() if name != "void"]
        documents = [
            one for one in db.session.execute(select(SalesDocument)).scalars() if one.id in {d.id for d in documents}
        ]
        signed = [(-1 if one.kind == "credit_note" else 1, one) for one in documents if one.document_date.month >= 7]
        assert D(found["billed"]["value"]) == sum(sign * one.base_total for sign, one in signed)
        receipts = db.session.execute(select(Receipt)).scalars().all()
        assert D(found["collected"]["value"]) == sum(one.base_amount for one in receipts)
        income = text(
            "SELECT -sum(l.base_amount) FROM ledger_lines l JOIN book_accounts b ON b.tenant_id = l.tenant_id"
            " AND b.id = l.book_account_id WHERE l.tenant_id = :tenant AND b.type = 'income'"
            " AND l.entry_date BETWEEN '2026-07-01' AND '2026-11-30'"
        )
        revenue = db.session.execute(income, {"tenant": current_tenant_id()}).scalar_one()
        assert D(found["revenue"]["value"]) == revenue
        due = [one for one in documents if one.status in {"issued", "part_paid"} and one.kind == "invoice"]
        rupees = sum(one.amount_due for one in due if one.currency == "INR")
        assert D(found["outstanding"]) - rupees > 0
        late = sum(one.amount_due for one in due if one.currency == "INR" and one.due_date < date(2026, 11, 25))
        assert D(found["outstanding"]) - D(found["overdue"]) == rupees - late
    assert found["average_days_to_pay"] == "40.0"
    assert found["invoices_paid"] == 1
    assert found["open_quotes"] == {"count": 1, "amount": "590.00"}
    # The range before: the invoice of June and the one that was given up.
    assert found["billed"]["before"] == "1711.00"


def test_the_chart_adds_up_to_the_metrics(company: Company, billed: dict[str, Any]):
    api = company.owner.api()
    query = {"date_from": "2026-05-01", "date_to": "2026-11-30"}
    metrics = api.get("/dashboard/metrics", query_string=query).json
    for step, points in (("month", 7), ("day", 214)):
        chart = api.get("/dashboard/revenue-chart", query_string={**query, "step": step}).json
        assert len(chart["data"]) == points
        for name in ("billed", "collected"):
            assert sum(D(one[name]) for one in chart["data"]) == D(metrics[name]["value"])
    assert api.get("/dashboard/revenue-chart").json["step"] == "month"
    refused = api.get(
        "/dashboard/revenue-chart", query_string={"step": "day", "date_from": "2020-01-01", "date_to": "2026-01-01"}
    )
    assert refused.status_code == 422


def test_members_see_no_figures_of_billing(company: Company, billed: dict[str, Any]):
    member = company.member("member")
    assert member.api().get("/dashboard/metrics").status_code == 403
    page = member.browser().get("/dashboard")
    assert "Outstanding" not in page.text
    shown = company.owner.browser().get("/dashboard").text
    assert "Outstanding" in shown
    assert "61-90 days" in shown


def moved(kinds: list[str], start: date, end: date) -> Decimal:
    """Credits less debits of the accounts of these types or parts, from the lines."""
    statement = text(
        "SELECT coalesce(-sum(l.base_amount), 0) FROM ledger_lines l JOIN book_accounts b"
        " ON b.tenant_id = l.tenant_id AND b.id = l.book_account_id WHERE l.tenant_id = :tenant"
        " AND (b.type = ANY(:kinds) OR b.role = ANY(:kinds)) AND l.entry_date BETWEEN :start AND :end"
    )
    values = {"tenant": current_tenant_id(), "kinds": kinds, "start": start, "end": end}
    return db.session.execute(statement, values).scalar_one()


@pytest.fixture
def spent(company: Company, billed: dict[str, Any]) -> dict[str, Any]:
    """The same year with expenses of two fiscal years."""
    with company.owner.acting():
        make_expense(amount="250.50", expense_date=date(2026, 2, 10), status="paid")
        make_expense(amount="1200.25", expense_date=date(2026, 6, 10), status="paid")
        make_expense(amount="75.00", expense_date=date(2026, 10, 10), status="approved")
        db.session.commit()
    return billed


def test_profit_and_loss_is_the_lines_of_the_books(company: Company, spent: dict[str, Any]):
    query = {"date_from": "2026-04-01", "date_to": "2026-10-31"}
    found = company.owner.api().get("/reports/profit-and-loss", query_string=query).json
    assert found["before"] == {"start": "2025-09-01", "end": "2026-03-31"}
    with company.owner.acting():
        start, end = date(2026, 4, 1), date(2026, 10, 31)
        assert D(found["income"]["total"]["value"]) == moved(["income"], start, end)
        assert D(found["expense"]["total"]["value"]) == -moved(["expense"], start, end)
        assert D(found["result"]["value"]) == moved(["income", "expense"], start, end)
    assert D(found["result"]["before"]) == D("-250.50")
    for part in (found["income"], found["expense"]):
        assert sum(D(line["value"]) for line in part["lines"]) == D(part["total"]["value"])


def test_the_balance_sheet_balances_on_any_day(company: Company, spent: dict[str, Any]):
    api = company.owner.api()
    for start, end in (("2026-02-01", "2026-02-28"), ("2026-04-01", "2026-07-15"), ("2026-11-01", "2026-11-30")):
        found = api.get("/reports/balance-sheet", query_string={"date_from": start, "date_to": end}).json
        for when in ("value", "before"):
            assert found["assets"]["total"][when] == found["liabilities_and_equity"][when]
        day = date.fromisoformat(end)
        with company.owner.acting():
            assert D(found["assets"]["total"]["value"]) == -moved(["asset"], date(2000, 1, 1), day)
            results = {one["name"]: D(one["value"]) for one in found["equity"]["lines"] if one["account_id"] is None}
            year = date(2026, 4, 1) if day >= date(2026, 4, 1) else date(2025, 4, 1)
            whole = ["income", "expense"]
            assert results.get("Result of this fiscal year", ZERO) == moved(whole, year, day)
            earlier = moved(whole, date(2000, 1, 1), year - timedelta(days=1))
            assert results.get("Results of earlier years", ZERO) == earlier


def test_the_trial_balance_is_the_ledgers(company: Company, spent: dict[str, Any]):
    api = company.owner.api()
    query = {"date_from": "2026-06-01", "date_to": "2026-10-31"}
    there = api.get("/ledger/trial-balance", query_string=query).json
    assert api.get("/reports/trial-balance", query_string=query).json == there


def test_the_gst_summary_is_the_output_tax_of_the_books(company: Company, spent: dict[str, Any]):
    query = {"date_from": "2026-05-01", "date_to": "2026-11-30"}
    found = company.owner.api().get("/reports/gst-summary", query_string=query).json
    assert found["equal"] is True
    assert found["total"] == found["booked"]
    with company.owner.acting():
        for tax in ("cgst", "sgst", "igst", "cess"):
            assert D(found["total"][tax]) == moved([f"output_{tax}"], date(2026, 5, 1), date(2026, 11, 30))
    assert {row["month"] for row in found["rows"]} >= {"2026-05", "2026-06", "2026-07", "2026-08", "2026-11"}
    october = [row for row in found["rows"] if row["month"] == "2026-10"]
    assert sum(D(row["tax"]) for row in october) == 0
    assert {row["section"] for row in october} == {"b2b", "cdnr"}
    too_long = company.owner.api().get("/reports/gst-summary?date_from=2020-01-01&date_to=2026-01-01")
    assert too_long.status_code == 422


def test_reverse_charge_is_told_and_not_charged(company: Company):
    with company.owner.acting():
        patch_company(make_biller(), {"is_body_corporate": False})
        buyer = make_buyer()
        make_issued_invoice(customer_id=buyer.id, reverse_charge=True, line={"tax_rate": "5"})
        db.session.commit()
    found = company.owner.api().get("/reports/gst-summary", query_string=NOVEMBER).json
    (row,) = found["rows"]
    assert (row["reverse_charge"], row["taxable"], row["tax"]) == (True, "1000.00", "0.00")
    assert found["equal"] is True


@pytest.mark.parametrize(
    "report", ["profit-and-loss", "balance-sheet", "trial-balance", "receivables-ageing", "gst-summary"]
)
def test_reports_are_files_too(company: Company, spent: dict[str, Any], report: str):
    api = company.owner.api()
    with company.owner.acting():
        db.session.execute(text("UPDATE customers SET name = '=SUM(A1)' WHERE name = 'Bose Travels'"))
        db.session.commit()
    for query in (f"/reports/{report}?format=csv", f"/reports/{report}?format=xlsx"):
        answer = api.get(query)
        assert answer.status_code == 200
        assert f"{report}-company" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(api.get(f"/reports/{report}?format=csv").data.decode("utf-8-sig"))))
    assert len({len(row) for row in rows}) == 1
    book = openpyxl.load_workbook(io.BytesIO(api.get(f"/reports/{report}?format=xlsx").data))
    sheet = book[book.sheetnames[0]]
    assert [cell.value for cell in sheet[1]] == rows[0]
    assert sheet.max_row == len(rows)
    if report == "receivables-ageing":
        assert "'=SUM(A1)" in {row[0] for row in rows}
    paper = api.get(f"/reports/{report}?format=pdf")
    assert paper.headers["Content-Type"] == "application/pdf"
    said = " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.data)).pages).split())
    for part in (
        report.replace("-", " ").capitalize().replace("Gst", "GST"),
        "Amounts in INR",
        "Together",
        "Page 1 of",
    ):
        assert part in said
    assert api.get(f"/reports/{report}?format=docx").status_code == 422
    assert company.member("member").api().get(f"/reports/{report}").status_code == 403


def test_pages_of_reports_lead_to_the_rows(company: Company, spent: dict[str, Any]):
    browser = company.owner.browser()
    profit = browser.get("/reports/profit-and-loss?preset=fiscal_year")
    assert profit.status_code == 200
    assert "Transport and service income" in profit.text
    assert "/ledger/accounts/" in profit.text
    sheet = browser.get("/reports/balance-sheet")
    assert sheet.status_code == 200
    assert "Result of this fiscal year" in sheet.text
    assert "do not balance" not in sheet.text
    ageing = browser.get("/reports/receivables-ageing?as_of=2026-07-10")
    assert ageing.status_code == 200
    assert "Asha Tours" in ageing.text
    asha = f"/reports/receivables-ageing/{spent['part'].customer_id}?as_of=2026-07-10"
    assert f'href="{asha}"' in ageing.text
    one = browser.get(asha)
    assert one.status_code == 200
    assert spent["part"].number in one.text
    gst = browser.get("/reports/gst-summary")
    assert gst.status_code == 200
    assert "moved by exactly these amounts" in gst.text
    assert "/gst-returns/?month=2026-06#b2b" in gst.text
    for page in ("profit-and-loss", "balance-sheet", "receivables-ageing", "gst-summary"):
        assert browser.get(f"/reports/{page}?format=xlsx").data.startswith(b"PK")
        assert browser.get(f"/reports/{page}?date_from=31/12/2026&date_to=01/01/2026&as_of=nonsense").status_code == 200
        assert company.member("member").browser().get(f"/reports/{page}").status_code == 403
    assert "Nobody owes anything of this age" in browser.get("/reports/receivables-ageing?bucket=1_30").text


def test_pages_of_an_empty_company_say_what_to_do(company: Company):
    browser = company.owner.browser()
    assert "Nobody owes you anything" in browser.get("/reports/receivables-ageing").text
    assert "Nothing was posted" in browser.get("/reports/profit-and-loss").text
    assert "No company is under GST" in browser.get("/reports/gst-summary").text
    assert "billing-title" not in browser.get("/dashboard").text
