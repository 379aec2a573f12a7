"""Files as they come: encodings, delimiters, layouts, spreadsheets, and what must be refused."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
import xlwt

from tests.factories.imports import begin, commit, upload
from tracktok.imports.rules.tables import find_header, guess_delimiter, name_columns

TEXT = "Date,Description,Amount\n2026-11-01,Café Müller,12.50\n2026-11-02,Thé,3.00\n"


def cells(api, found, **query):
    rows = api.get(f"/imports/{found['id']}/rows", query_string=query).json["data"]
    return [list(row["cells"].values()) for row in rows]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
     ("utf-16-be", "utf-16-be"), ("cp1252", "cp1252")],
)  # fmt: skip
def test_encodings_are_found_and_told(company, encoding, told):
    api = company.owner.api()
    found = begin(api, TEXT.encode(encoding))
    assert found["file"]["encoding"] == told
    assert found["file"]["encoding_because"]
    assert found["valid"] == 2
    assert cells(api, found)[0] == ["2026-11-01", "Café Müller", "12.50"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(company, delimiter, end):
    rows = [["Date", "Description", "Amount"], ["2026-11-01", '"Tea, milk; ""hot"" | cold\tor"', "12.50"],
            ["2026-11-02", '"two' + end + 'lines"', "3.00"]]  # fmt: skip
    api = company.owner.api()
    found = begin(api, (end.join(delimiter.join(row) for row in rows) + end).encode())
    assert found["file"]["delimiter"] == delimiter
    assert (found["rows"], found["valid"]) == (2, 2)
    assert cells(api, found)[0][1] == 'Tea, milk; "hot" | cold\tor'


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n3,5;4\n", ";"),
        ('a,b\n"x;y;z",1\n"p;q;r",2\n', ","),
        ("one column\nx\ny\n", ","),
        ("a\tb, c\n1\t2\n", "\t"),
        ('a|b\n"1\n2"|3\n', "|"),
    ],
)
def test_the_delimiter_is_what_parts_rows_alike(text, delimiter):
    assert guess_delimiter(text) == delimiter


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([["Date", "Amount"], ["2026-01-01", "1"]], 0),
        ([["My bank"], [], ["Date", "Text", "Amount"], ["2026-01-01", "x", "1"]], 2),
        ([["Account", "1234"], ["Date", "Text", "Amount", "Balance"], ["1/1/26", "x", "1", "2"], ["1/1/26", "x", "1", "2"]], 1),  # noqa: E501
        ([["2026-01-01", "Tea", "1"], ["2026-01-02", "Tea", "1"]], None),
        ([["name", "city"], ["Ann", "Pune"]], 0),
    ],
)  # fmt: skip
def test_the_header_is_found_below_a_preamble(rows, header):
    assert find_header(rows).header_row == header


def test_columns_have_names_of_their_own():
    assert name_columns(["Date", "", "Date", " Amount*\n(INR) "], 5) == [
        "Date", "Column 2", "Date (2)", "Amount* (INR)", "Column 5"
    ]  # fmt: skip


def test_ragged_rows_stray_characters_and_no_header(company):
    api = company.owner.api()
    found = begin(
        api, "START_DATE*,PURPOSE*,COST*\n2026-11-01,Taxi\n2026-11-02,Bus,5,extra,more\n\n   \n2026-11-03,Tram,6\n"
    )
    assert found["mapping"] == {"expense_date": "START_DATE*", "title": "PURPOSE*", "amount": "COST*"}
    assert (found["rows"], found["valid"], found["invalid"]) == (3, 2, 1)
    assert found["errors"][0]["row"] == 2
    bare = begin(api, "2026-11-01,Taxi,5\n2026-11-02,Bus,6\n")
    assert (bare["columns"], bare["file"]["header_row"]) == (["Column 1", "Column 2", "Column 3"], 0)
    mapping = {"expense_date": "Column 1", "title": "Column 2", "amount": "Column 3"}
    assert api.patch(f"/imports/{bare['id']}", json={"mapping": mapping}).json["valid"] == 2
    again = api.patch(f"/imports/{bare['id']}", json={"options": {"header_row": 1}}).json
    assert (again["columns"], again["rows"]) == (["2026-11-01", "Taxi", "5"], 1)


def workbook(rows, **sheets):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, more in sheets.items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_xlsx_keeps_dates_and_numbers_as_they_are(company):
    api = company.owner.api()
    content = workbook(
        [["Statement of November"], [], ["Date", "Details", "Amount"], [date(2026, 11, 1), "Tea", 1.234], [],
         [datetime(2026, 11, 2, 9, 30), "Cab", 1234.5], ["3 Nov 2026", "Fruit", "1,50"], [date(2026, 11, 4), "Sum", 0.1 + 0.2]]  # noqa: E501
    )  # fmt: skip
    found = begin(api, content, "november.csv", decimal=",", currency="OMR")
    assert found["file"]["type"] == "xlsx", "the content decides, not the name"
    assert found["file"]["header_row"] == 3
    rows = api.get(f"/imports/{found['id']}/rows").json["data"]
    assert [row["row"] for row in rows] == [4, 6, 7, 8]
    assert [row["cells"]["Amount"] for row in rows] == ["1.234", "1234.5", "1,50", "0.3"]
    assert {row["status"] for row in rows} == {"invalid"}, "no rate for rials is known here"
    found = api.patch(f"/imports/{found['id']}", json={"options": {"currency": None}}).json
    assert (found["valid"], found["invalid"]) == (3, 1), found["errors"]


def test_the_sheet_can_be_chosen(company):
    api = company.owner.api()
    content = workbook(
        [["Notes"]], Spending=[["Date", "Amount"], ["2026-11-01", 5]], Other=[["Date", "Amount"], ["2026-11-02", 6]]
    )
    found = begin(api, content)
    assert (found["file"]["sheet"], found["file"]["sheets"]) == ("Spending", ["Sheet", "Spending", "Other"])
    assert api.patch(f"/imports/{found['id']}", json={"options": {"sheet": "Other"}}).json["file"]["sheet"] == "Other"


def test_formulas_give_what_they_came_to(company):
    api = company.owner.api()
    book = workbook([["Date", "Note", "Amount"], ["2026-11-01", "A", "=1+1"], ["2026-11-02", "B", 7]])
    found = begin(api, book)
    assert (found["valid"], found["invalid"]) == (1, 1), "a formula that was never computed has no value"
    assert found["errors"][0]["row"] == 2


def test_legacy_xls(company):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Card")
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for place, title in enumerate(["TRANS DATE", "MERCHANT NAME", "ORIGINAL GROSS AMT"]):
        sheet.write(0, place, title)
    for number, (when, what, amount) in enumerate(
        [(date(2026, 3, 1), "Fuel", 35.96), (date(2026, 3, 2), "Refund", -4)], 1
    ):
        sheet.write(number, 0, when, day)
        sheet.write(number, 1, what)
        sheet.write(number, 2, amount)
    file = io.BytesIO()
    book.save(file)
    api = company.owner.api()
    found = begin(api, file.getvalue(), "card.xls")
    assert (found["file"]["type"], found["valid"]) == ("xls", 2)
    commit(company, found)
    rows = api.get("/expenses/?sort=expense_date").json["data"]
    assert [(row["expense_date"], row["merchant"], row["amount"]) for row in rows] == [
        ("2026-03-01", "Fuel", "35.96"), ("2026-03-02", "Refund", "-4.00")
    ]  # fmt: skip


def bomb():
    """A workbook whose sheet would unpack to far more than it is."""
    file = io.BytesIO(workbook([["Date", "Amount"], ["2026-11-01", 5]]))
    out = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry))
        target.writestr("xl/worksheets/sheet2.xml", b" " * 60_000_000)
    return out.getvalue()


def laughs():
    """A workbook whose XML names entities that grow without end."""
    file = io.BytesIO(workbook([["Date", "Amount"], ["2026-11-01", 5]]))
    out = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                content = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'  # noqa: E501
            target.writestr(entry.filename, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "status", "words"),
    [
        (b"", "a.csv", 422, "empty"),
        (b"  \n \n", "a.csv", 422, "empty"),
        (b"Date,Amount\n", "a.csv", 422, "no row"),
        (b"%PDF-1.7 ...", "a.csv", 415, "PDF"),
        (b"\x89PNG\r\n\x1a\n0000", "a.xlsx", 415, "picture"),
        (b"<html><table><tr><td>1</td></tr></table>", "a.xls", 415, "web page"),
        (b'<?xml version="1.0"?><svg onload="alert(1)"/>', "a.csv", 415, "XML"),
        (b'[{"a": 1}]', "a.csv", 415, "JSON"),
        (b"OFXHEADER:100\nDATA:OFXSGML\n", "a.csv", 415, "OFX"),
        (b"\x1f\x8b\x08\x00abc", "a.csv", 415, "compressed"),
        (b"PK\x03\x04 not a zip", "a.xlsx", 422, "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", 422, "cannot be opened"),
        (bytes(range(256)) * 40, "a.csv", 415, "not text"),
        (b'Date,Amount\n2026-01-01,"12\n2026-01-02,13\n', "a.csv", 422, "quote"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(company, content, name, status, words):
    answer = upload(company.owner.api(), content, name)
    assert answer.status_code == status, answer.json
    assert words in answer.json["detail"]


@pytest.mark.parametrize("make", [bomb, laughs])
def test_hostile_spreadsheets_are_refused_before_they_are_opened(company, make):
    answer = upload(company.owner.api(), make(), "a.xlsx")
    assert answer.status_code == 422
    assert answer.json["code"] == "dangerous_file"


def test_a_zip_is_no_spreadsheet(company):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("readme.txt", "hello")
    assert upload(company.owner.api(), out.getvalue(), "a.xlsx").status_code == 415


def test_naughty_strings_pass_through_unharmed(company):
    naughty = ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "'; DROP TABLE expenses; --", "ÅÍÎÏ˝ÓÔ", "田中さん", "\u202etest",  # noqa: E501
               "\\N", "a\\tb", "\\", "%s %(x)s {0}", "ﷺ", "\u200b", "NULL", "back\\slash\\", "\ue000private", "1e309"]  # fmt: skip  # noqa: E501
    text = "Date,Description,Reference,Amount\n" + "".join(
        '2026-11-01,"{}",R{},{}\n'.format(one.replace('"', '""'), number, number + 1)
        for number, one in enumerate(naughty)
    )
    api = company.owner.api()
    found = begin(api, text)
    assert (found["valid"], found["invalid"]) == (len(naughty), 0), found["errors"]
    commit(company, found)
    rows = {row["reference"]: row["title"] for row in api.get("/expenses/?limit=100").json["data"]}
    for number, one in enumerate(naughty):
        assert rows[f"R{number}"] == one.replace("\ue000", "").strip(), one


def test_nothing_that_is_uploaded_makes_it_fall_over(company):
    """Random bytes, and random tables, are read or refused; never a defect."""
    dice = random.Random(7)
    api = company.owner.api()
    alphabet = "0123456789,;|\t\"\n\r '-./aÄ€$()=\\\0"
    for _ in range(60):
        text = "".join(dice.choice(alphabet) for _ in range(dice.randrange(1, 400)))
        content = text.encode(dice.choice(["utf-8", "utf-16", "utf-8-sig"]))
        if dice.random() < 0.3:
            content = dice.randbytes(dice.randrange(1, 400))
        assert upload(api, content).status_code in {201, 415, 422}, content


def test_an_import_without_a_file_or_of_another_kind_is_refused_at_its_field(company):
    api = company.owner.api()
    answer = api.post("/imports/", data={"kind": "expenses"}, content_type="multipart/form-data")
    assert answer.status_code == 422
    answer = api.post(
        "/imports/", data={"file": (io.BytesIO(b"a,b\n1,2\n"), "a.csv"), "kind": "planets"},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/kind")
