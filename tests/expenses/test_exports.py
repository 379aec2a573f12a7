"""Exports: equal to the rows, harmless in a spreadsheet, as the tenant writes, and nobody else's."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from sqlalchemy import update

from tracktok.core.db import db, transaction
from tracktok.core.tenancy import tenant_scope
from tracktok.tenants.models import Tenant

FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\uff1d1+1", '=HYPERLINK("http://x.test")', " =1+1", "-2+3+cmd", "@a"]
USABLE = ["-12.50", "+91 98765 43210", "=", "-", "Lunch; =1+1", 'Tea, "black"\nand milk', "ÉTÉ", "%0A=1+1"]


def record(api, title, **over):
    body = {"amount": "125.50", "title": title, "expense_date": "2026-11-20", **over}
    answer = api.post("/expenses/", json=body)
    assert answer.status_code == 201, answer.json
    return answer.json


def rows_of(answer):
    assert answer.status_code == 200, answer.json
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def table_of(answer):
    header, *rows = rows_of(answer)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_csv_holds_every_row_that_fits_and_no_other(company):
    api = company.owner.api()
    category = api.post("/categories/", json={"name": "Rail"}).json
    for number in range(30):
        record(api, f"Trip {number}", amount=f"{number + 1}.25", category_id=category["id"], tags=["b", "a"])
    record(api, "Other")
    table = table_of(api.get(f"/expenses/?format=csv&category_id={category['id']}&sort=amount"))
    assert [row["Title"] for row in table] == [f"Trip {number}" for number in range(30)]
    assert [row["Amount"] for row in table] == [f"{number + 1}.25" for number in range(30)]
    assert {row["Category"] for row in table} == {"Rail"}
    assert {row["Tags"] for row in table} == {"a, b"}
    assert {row["Date"] for row in table} == {"20/11/2026"}
    assert {row["Person"] for row in table} == {"Olga Owner"}


@pytest.mark.parametrize("title", FORMULAS)
def test_what_a_spreadsheet_would_compute_is_made_harmless(company, title):
    api = company.owner.api()
    record(api, f"x{title}", description=title, merchant=title)
    [row] = table_of(api.get("/expenses/?format=csv"))
    assert row["Merchant"].startswith("'")
    assert row["Description"].startswith("'")
    assert row["Title"] == f"x{title}"


@pytest.mark.parametrize("title", USABLE)
def test_what_is_no_formula_stays_as_it_is(company, title):
    api = company.owner.api()
    record(api, "x", description=title)
    [row] = table_of(api.get("/expenses/?format=csv"))
    assert row["Description"] == title


def test_negative_amounts_stay_numbers_and_places_are_those_of_the_currency(company):
    api = company.owner.api()
    record(api, "Refund", amount="-12.5")
    record(api, "Hotel", amount="15000", currency="JPY", exchange_rate="0.55")
    record(api, "Fuel", amount="1.234", currency="KWD", exchange_rate="271.5")
    table = {row["Title"]: row for row in table_of(api.get("/expenses/?format=csv"))}
    assert table["Refund"]["Amount"] == "-12.50"
    assert (table["Hotel"]["Amount"], table["Hotel"]["Amount in INR"]) == ("15000", "8250.00")
    assert (table["Fuel"]["Amount"], table["Fuel"]["Exchange rate"]) == ("1.234", "271.5")


def test_dates_and_decimals_are_written_as_the_tenant_does(company):
    with tenant_scope(company.id), transaction():
        values = {"locale": "de_DE", "date_format": "DD.MM.YYYY"}
        db.session.execute(update(Tenant).where(Tenant.id == company.id).values(**values))
    api = company.owner.api()
    record(api, "Bahn; 2. Klasse", amount="1234.50")
    text = api.get("/expenses/?format=csv").data.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("Date;Title;")
    assert '20.11.2026;"Bahn; 2. Klasse"' in text
    assert ";1234,50;INR;" in text


def test_xlsx_holds_numbers_dates_and_text_but_no_formula(company):
    api = company.owner.api()
    for text in FORMULAS:
        record(api, f"x{text}", description=text, amount="-1234.56")
    answer = api.get("/expenses/?format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    header, *rows = sheet.iter_rows()
    places = {cell.value: place for place, cell in enumerate(header)}
    assert len(rows) == len(FORMULAS)
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s", "n", "d"}
    assert {row[places["Amount"]].value for row in rows} == {-1234.56}
    assert {row[places["Description"]].value for row in rows} == {text.strip() for text in FORMULAS}


def test_the_file_name_says_what_whose_and_when(company):
    answer = company.owner.api().get("/expenses/?format=csv")
    name = answer.headers["Content-Disposition"]
    assert name.startswith('attachment; filename="expenses-company-')
    assert name.endswith('.csv"')
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_a_format_that_is_not_known_is_refused_at_its_field(company):
    answer = company.owner.api().get("/expenses/?format=pdf")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"].endswith("/format")


@pytest.mark.tenancy
def test_nobody_elses_rows_are_in_a_file(company, other_company):
    record(other_company.owner.api(), "Secret")
    for kind in ("csv", "xlsx"):
        assert b"Secret" not in company.owner.api().get(f"/expenses/?format={kind}").data
    assert len(rows_of(company.owner.api().get("/expenses/?format=csv"))) == 1


@pytest.mark.rbac
def test_members_get_their_own(company):
    record(company.owner.api(), "Rent")
    record(company.member("member").api(), "Taxi")
    titles = [row["Title"] for row in table_of(company.member("member").api().get("/expenses/?format=csv"))]
    assert titles == ["Taxi"]
    assert len(table_of(company.member("analyst").api().get("/expenses/?format=csv"))) == 2
