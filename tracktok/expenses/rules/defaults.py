"""What a new company finds: categories with the accounts of the books that they post to, and two accounts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DefaultCategory:
    """A category, the role of its book account, its tax treatment, its colour and those below it."""

    name: str
    role: str
    tax: str = "none"
    color: str = ""
    below: tuple[DefaultCategory, ...] = ()


CATEGORIES: tuple[DefaultCategory, ...] = (
    DefaultCategory(
        "Travel",
        "travel",
        "creditable",
        "#2563a8",
        (
            DefaultCategory("Flights and trains", "travel", "creditable"),
            DefaultCategory("Hotels", "travel", "creditable"),
            DefaultCategory("Taxis and local transport", "travel"),
        ),
    ),
    DefaultCategory("Meals and entertainment", "meals", "blocked", "#b45309"),
    DefaultCategory(
        "Vehicles",
        "fuel",
        "none",
        "#0f766e",
        (
            DefaultCategory("Fuel", "fuel"),
            DefaultCategory("Tolls and parking", "tolls_and_parking"),
            DefaultCategory("Repairs and maintenance", "vehicle_maintenance", "creditable"),
            DefaultCategory("Vehicle hire", "vehicle_hire", "creditable"),
            DefaultCategory("Vehicle insurance and permits", "vehicle_insurance", "creditable"),
        ),
    ),
    DefaultCategory(
        "Office",
        "office_supplies",
        "creditable",
        "#6d4aa8",
        (
            DefaultCategory("Supplies", "office_supplies", "creditable"),
            DefaultCategory("Rent", "rent", "creditable"),
            DefaultCategory("Electricity and water", "utilities"),
            DefaultCategory("Telephone and internet", "communications", "creditable"),
            DefaultCategory("Equipment and repairs", "equipment_and_repairs", "creditable"),
        ),
    ),
    DefaultCategory("Software and subscriptions", "software", "creditable", "#0369a1"),
    DefaultCategory("Materials and purchases", "materials", "creditable", "#4d7c0f"),
    DefaultCategory("Marketing", "marketing", "creditable", "#be185d"),
    DefaultCategory("Professional fees", "professional_fees", "creditable", "#475569"),
    DefaultCategory("Salaries and wages", "salaries", "none", "#9a3412"),
    DefaultCategory("Staff welfare and training", "staff_welfare", "blocked", "#a16207"),
    DefaultCategory("Insurance", "insurance", "creditable", "#155e75"),
    DefaultCategory("Taxes, licences and fees", "taxes_and_licences", "none", "#7f1d1d"),
    DefaultCategory("Bank charges and interest", "bank_charges", "creditable", "#334155"),
    DefaultCategory("Other", "uncategorised_expense", "none", "#6b7280"),
)

ACCOUNTS: tuple[tuple[str, str], ...] = (("Cash", "cash"), ("Bank account", "bank"))
"""(name, type) of the accounts, in the tenant's currency."""
