"""Amounts, dates and times as the tenant writes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from tracktok.core import context
from tracktok.core.context import Preferences, Scope
from tracktok.core.ids import new_id
from tracktok.web import filters


@contextmanager
def tenant_with(**settings) -> Iterator[None]:
    with context.entered(Scope(new_id(), preferences=Preferences(**settings))):
        yield


@pytest.mark.parametrize(
    ("locale", "amount", "currency", "written"),
    [
        ("en_IN", "1234567.5", "INR", "₹12,34,567.50"),
        ("en_IN", "-1234.5", "INR", "\N{MINUS SIGN}₹1,234.50"),
        ("en_IN", "99", "USD", "$99.00"),
        ("en_US", "1234567.5", "USD", "$1,234,567.50"),
        ("de", "1234.5", "EUR", "1.234,50\N{NO-BREAK SPACE}€"),
        ("en_IN", "1500", "JPY", "JP¥1,500"),
        ("en_IN", "1.2345", "KWD", "KWD\N{NO-BREAK SPACE}1.235"),
        ("en_US", "0.005", "USD", "$0.01"),
        ("en_US", "-0.001", "USD", "$0.00"),
    ],
)
def test_money(locale, amount, currency, written):
    with tenant_with(locale=locale):
        assert filters.format_money(Decimal(amount), currency) == written


def test_an_amount_in_a_column_carries_no_currency():
    with tenant_with(locale="en_IN", currency="INR"):
        assert filters.format_amount(Decimal("123456.7")) == "1,23,456.70"
        assert filters.format_amount(None) == filters.EMPTY


@pytest.mark.parametrize(
    ("date_format", "written"),
    [
        ("DD/MM/YYYY", "05/11/2026"),
        ("MM/DD/YYYY", "11/05/2026"),
        ("YYYY-MM-DD", "2026-11-05"),
        ("D MMM YYYY", "5 Nov 2026"),
        ("DD.MM.YY", "05.11.26"),
        ("D MMMM YYYY", "5 November 2026"),
    ],
)
def test_a_day_is_written_in_the_tenants_format(date_format, written):
    with tenant_with(date_format=date_format, locale="en_US"):
        assert filters.format_day(date(2026, 11, 5)) == written


def test_the_weekday_stands_in_front():
    with tenant_with(locale="en_US"):
        assert filters.format_day(date(2026, 11, 21), weekday=True) == "Sat 21/11/2026"


def test_an_instant_is_told_on_the_tenants_clock():
    late = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    with tenant_with(timezone="Asia/Kolkata"):
        assert filters.format_instant(late) == "21/11/2026 01:30"
        assert filters.format_day(late) == "21/11/2026"
    with tenant_with(timezone="America/New_York"):
        assert filters.format_instant(late) == "20/11/2026 15:00"


@time_machine.travel("2026-11-21 10:00:00", tick=False)
@pytest.mark.parametrize(
    ("ago", "written"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(minutes=3), "3 minutes ago"),
        (timedelta(hours=30), "1 day ago"),
        (timedelta(days=45), "07/10/2026"),
        (timedelta(days=-2), "in 2 days"),
    ],
)
def test_how_long_ago(ago, written):
    now = datetime(2026, 11, 21, 10, tzinfo=UTC)
    with tenant_with(locale="en_US"):
        assert filters.format_relative(now - ago) == written


@pytest.mark.parametrize(
    ("size", "written"), [(12, "12 bytes"), (1500, "2 KB"), (1_400_000, "1.4 MB"), (None, filters.EMPTY)]
)
def test_sizes(size, written):
    assert filters.format_bytes(size) == written


def test_counts_have_their_plural():
    assert filters.plural(1, "expense") == "1 expense"
    assert filters.plural(2500, "category", "categories") == "2,500 categories"


@pytest.mark.parametrize(
    ("name", "letters"), [("Asha Verma", "AV"), ("Acme", "A"), ("asha.verma@acme.com", "AC"), ("", "?")]
)
def test_initials(name, letters):
    assert filters.initials(name) == letters
