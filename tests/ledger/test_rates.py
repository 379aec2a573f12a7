"""Rates are read from the ECB's file, whole or not at all; a rate of a day is the last one published."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from tests.factories.tenants import Company
from tracktok.core.db import transaction
from tracktok.core.ids import new_id
from tracktok.ledger.queries import rate_between
from tracktok.ledger.services import RatesFileInvalid, import_rates

FRIDAY, SATURDAY = date(2021, 3, 5), date(2021, 3, 6)
FILE = b"""Date,USD,INR,HRK,
2021-03-05,1.2,87.6,N/A,
2021-03-04,1.25,87.5,7.57,
"""


def load(content: bytes):
    with transaction():
        return import_rates(io.BytesIO(content))


def zipped(content: bytes, name: str = "eurofxref-hist.csv") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zipped])
def test_the_file_is_read_plain_or_packed_and_again_changes_nothing(app_context: Flask, pack):
    load(FILE)
    done = load(pack(FILE))
    assert (done.days, done.rates, done.added, done.changed) == (2, 5, 0, 0)
    assert (done.first, done.last) == (date(2021, 3, 4), FRIDAY)


def test_a_rate_that_was_corrected_is_taken(app_context: Flask):
    day = date(2000 + new_id().int % 20, 1, 3)
    load(f"Date,USD\n{day},1.1\n".encode())
    done = load(f"Date,USD\n{day},1.2\n".encode())
    assert (done.added, done.changed) == (0, 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "first line"),
        (b"Datum,USD\n", "first line"),
        (b"Date,usd\n2021-03-04,1\n", "first line"),
        (b"Date,USD,USD\n2021-03-04,1,1\n", "first line"),
        (b"Date,USD\n", "no rates"),
        (b"Date,USD\n04/03/2021,1\n", "Line 2"),
        (b"Date,USD\n2021-03-04,1\n2021-03-04,1\n", "Line 3: 2021-03-04 is there twice"),
        (b"Date,USD\n2021-03-04,0\n", "Line 2, USD"),
        (b"Date,USD\n2021-03-04,-1\n", "Line 2, USD"),
        (b"Date,USD\n2021-03-04,NaN\n", "Line 2, USD"),
        (b"Date,USD\n2021-03-04,1e999\n", "Line 2, USD"),
        (b"Date,USD\n2021-03-04,one\n", "Line 2, USD"),
        (b"Date,USD\n2021-03-04,1,2\n", "more rates than currencies"),
        (b"\x1f\x8bbroken", "broken"),
        (b"PK\x03\x04broken", "broken"),
        (zipped(b"x", "readme.txt"), "one CSV"),
        (b"Date,\xff\n", "no text"),
    ],
)
def test_a_file_that_is_not_the_ecbs_is_refused_with_the_line(app_context: Flask, content, said):
    with pytest.raises(RatesFileInvalid, match=said):
        load(content)


@pytest.fixture
def rates(app_context: Flask) -> None:
    load(FILE)


def test_rates_are_crossed_and_of_the_last_day_that_was_published(rates, company: Company):
    with company.owner.acting():
        assert rate_between("EUR", "USD", FRIDAY).rate == Decimal("1.2")
        assert rate_between("USD", "EUR", FRIDAY).rate == Decimal("0.833333333333")
        cross = rate_between("USD", "INR", SATURDAY)
        assert (cross.rate, cross.rate_date) == (Decimal(73), FRIDAY)
        assert cross.source == "ECB, last published before 2021-03-06"
        assert rate_between("USD", "INR", FRIDAY).source == "ECB"
        same = rate_between("INR", "INR", SATURDAY)
        assert (same.rate, same.rate_date) == (Decimal(1), SATURDAY)


def test_there_is_no_rate_where_none_was_published_or_it_is_too_old(rates, company: Company):
    with company.owner.acting():
        assert rate_between("USD", "INR", date(2021, 3, 15)) is not None
        assert rate_between("USD", "INR", date(2021, 3, 16)) is None
        assert rate_between("USD", "HRK", FRIDAY).rate_date == date(2021, 3, 4)
        assert rate_between("USD", "XYZ", FRIDAY) is None


def test_the_command_loads_a_file_and_a_dry_run_keeps_nothing(app: Flask, tmp_path: Path, company: Company):
    file = tmp_path / "hist.csv"
    file.write_bytes(b"Date,USD,INR\n1999-02-01,2,80\n")
    run = app.test_cli_runner().invoke
    result = run(args=["rates", "import", "--dry-run", str(file)])
    assert (result.exit_code, "nothing was kept" in result.output) == (0, True)
    with company.owner.acting():
        assert rate_between("USD", "INR", date(1999, 2, 1)) is None
    result = run(args=["rates", "import", str(file)])
    assert (result.exit_code, "2 rates of 1 days" in result.output) == (0, True)
    with company.owner.acting():
        assert rate_between("USD", "INR", date(1999, 2, 1)).rate == 40
    file.write_bytes(b"nonsense")
    assert run(args=["rates", "import", str(file)]).exit_code == 1
