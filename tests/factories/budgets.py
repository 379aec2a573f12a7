"""Budgets, made through the services. Call these inside `company.owner.acting()`."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from tracktok.budgets.models import Budget
from tracktok.budgets.schemas import BudgetIn
from tracktok.budgets.services import create_budget


def make_budget(**over: Any) -> Budget:
    """A monthly budget of 1,000.00 for everything, from the beginning of 2026."""
    values = {"name": f"Budget {secrets.token_hex(4)}", "amount": "1000.00", "start_date": date(2026, 1, 1), **over}
    return create_budget(BudgetIn(**values))
