"""Costs and employees of a month as small tables."""

from __future__ import annotations

from datetime import date
from typing import Any

from tracktok.trips.services.employees import Employee
from tracktok.web.sheets import Sheet, SheetColumn


def costs_sheet(month: date, rows: Any) -> Sheet:
    """Costs of a month as a small table."""
    labels = (("Customer", "text"), ("Project", "text"), ("Site", "text"), ("Trips", "number"),
              ("Distance (km)", "number"), ("Currency", "text"), ("Amount", "amount"),
              ("Tax", "amount"), ("Total", "amount"))  # fmt: skip
    cells = [
        (row.customer, row.project, row.site, row.trips, row.distance_km, row.currency, row.amount, row.tax, row.total)
        for row in rows
    ]
    return Sheet(f"Trip costs {month:%Y-%m}", [SheetColumn(*one) for one in labels], cells)  # type: ignore[arg-type]


def employees_sheet(month: date, found: list[Employee]) -> Sheet:
    """Employees of a month as a small table: a row for each incentive, or one for those without."""
    labels = (("Employee", "text"), ("Trips", "number"), ("Hours", "number"), ("Distance (km)", "number"),
              ("Incentive", "text"), ("From", "date"), ("To", "date"), ("Currency", "text"),
              ("Amount", "amount"))  # fmt: skip
    cells: list[tuple[Any, ...]] = []
    for one in found:
        told = (one.name, one.trips, one.hours, one.distance_km)
        earned = [
            (*told, got.rule, got.first, got.last, got.incentive.currency, got.incentive.amount) for got in one.earned
        ]
        cells += earned or [(*told, None, None, None, None, None)]
    return Sheet(f"Employees {month:%Y-%m}", [SheetColumn(*one) for one in labels], cells)  # type: ignore[arg-type]
