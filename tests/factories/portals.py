"""Employees of the directory, and what vendors and employees are let in for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core.ids import new_id
from tracktok.trips.models import Employee
from tracktok.trips.schemas.mileage import MileageRateIn
from tracktok.trips.schemas.portals import EmployeeIn
from tracktok.trips.services.mileage import add_rate
from tracktok.trips.services.portals import add_employee


def make_employee(name: str = "Asha Rao", **over: Any) -> Employee:
    """An employee who is driven."""
    return add_employee(EmployeeIn.model_validate({"name": name, **over}))


def make_portal_ids() -> dict[str, UUID]:
    """What routes of portals name, by parameter."""
    rate = add_rate(MileageRateIn(valid_from=date(2026, 1, 1), rate=Decimal(10)))
    return {"employee_id": make_employee().id, "mileage_rate_id": rate.id, "outsider_id": new_id()}
