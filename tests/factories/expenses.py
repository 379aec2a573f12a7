"""Expenses and what they refer to, made through the services. Call these inside `company.owner.acting()`."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from tracktok.core.db import db
from tracktok.expenses.models import Account, Category, Expense, Project, Tag
from tracktok.expenses.schemas.accounts import AccountIn
from tracktok.expenses.schemas.categories import CategoryIn
from tracktok.expenses.schemas.expenses import ExpenseIn
from tracktok.expenses.schemas.projects import ProjectIn
from tracktok.expenses.schemas.tags import TagIn
from tracktok.expenses.services.accounts import create_account
from tracktok.expenses.services.categories import create_category
from tracktok.expenses.services.expenses import record_expense
from tracktok.expenses.services.projects import create_project
from tracktok.expenses.services.tags import create_tag
from tracktok.ledger.models import ExchangeRate


def _name(word: str) -> str:
    return f"{word} {secrets.token_hex(4)}"


def make_expense(**over: Any) -> Expense:
    """An expense of 100.00 in the company's currency, paid on 2026-11-10."""
    values = {"amount": "100.00", "title": "Taxi", "expense_date": date(2026, 11, 10), **over}
    return record_expense(ExpenseIn(**values)).expense


def make_project(**over: Any) -> Project:
    """A project of a name of its own."""
    return create_project(ProjectIn(**{"name": _name("Project"), **over}))


def make_account(**over: Any) -> Account:
    """A bank account of a name of its own, in the company's currency."""
    return create_account(AccountIn(**{"name": _name("Account"), **over}))


def make_category(**over: Any) -> Category:
    """A category of a name of its own, at the top."""
    return create_category(CategoryIn(**{"name": _name("Category"), **over}))


def make_tag(**over: Any) -> Tag:
    """A tag of a name of its own."""
    return create_tag(TagIn(**{"name": _name("tag"), **over}))


def make_rates(day: date, **per_euro: str) -> None:
    """Published rates of a day: how many units of each currency one euro is worth. Of no tenant."""
    for currency, rate in per_euro.items():
        db.session.merge(ExchangeRate(currency=currency, rate_date=day, per_euro=rate, source="ECB"))
    db.session.flush()
