"""Made-up rows for the gallery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pydantic import BaseModel, Field

TITLES = (
    ("Diesel, Bharat Petroleum NH-44", "Fuel", "Fleet"),
    ("Toll, Panvel to Satara", "Tolls", "Fleet"),
    ("Laptop for the dispatch desk", "Equipment", "Office move"),
    ("Hotel, two nights in Pune", "Travel", "Pune launch"),
    ("Tyres, front axle, MH 12 QX 4471", "Maintenance", "Fleet"),
    ("Coffee and snacks", "Office", ""),
    ("Cloud hosting", "Software", "Platform"),
    ("Refund of a cancelled booking with a rather long title that has to wrap somewhere", "Travel", "Pune launch"),
)
STATUSES = ("approved", "submitted", "draft", "reimbursed", "rejected")
PEOPLE = ("Asha Verma", "Ravi Kumar", "Meera Nair")
CATEGORIES = ("Fuel", "Tolls", "Equipment", "Travel", "Maintenance", "Office", "Software")


@dataclass(frozen=True, slots=True)
class SampleExpense:
    """A row of the sample list."""

    id: int
    expense_date: date
    title: str
    category: str
    project: str
    person: str
    status: str
    amount: Decimal
    original: str = ""


def expenses(count: int = 60) -> list[SampleExpense]:
    """Rows that look like a company's spending; the same each time."""
    rows = []
    for at in range(count):
        title, category, project = TITLES[at * 5 % len(TITLES)]
        amount = Decimal((at * 7919) % 250_000 + 125) + Decimal(at % 4) / 4
        rows.append(
            SampleExpense(
                id=at + 1,
                expense_date=date(2026, 11, 20) - timedelta(days=at),
                title=title,
                category=category,
                project=project,
                person=PEOPLE[at % 3],
                status=STATUSES[at % 5],
                amount=-amount if title.startswith("Refund") else amount,
                original="USD 240.00" if category == "Software" else "",
            )
        )
    return rows


class SampleExpenseIn(BaseModel):
    """The input of the sample form."""

    title: str = Field(min_length=3, max_length=120)
    amount: Decimal = Field(gt=0, decimal_places=2)
    currency: str = "INR"
    expense_date: date
    category: str
    payment_method: str = "upi"
    description: str | None = None
    tags: list[str] = []
    billable: bool = False


class SampleViewIn(BaseModel):
    """The input of the sample dialog."""

    title: str = Field(min_length=3, max_length=40)
