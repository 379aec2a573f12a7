"""Acme Mobility: buses and vans between Bengaluru, Chennai and Pune, told in rupees."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from .acme_sales import ACME_SALES, COLLECTIONS
from .fleet import (
    BANK,
    CARD,
    CASH,
    COMMUTE,
    DEPOT,
    ELECTRIC,
    EXPRESS,
    FLEET,
    FUEL,
    REPAIR,
    SCHOOL,
    SHUTTLE,
    SOFTWARE,
    TOLL,
    TOLLS,
    paperwork,
    roads,
    workshop,
)
from .overheads import journeys, office, people, software
from .shapes import (
    MONTHS,
    SEED,
    DemoAccount,
    DemoBudget,
    DemoCompany,
    DemoExpense,
    DemoPerson,
    DemoProject,
    Dice,
    finish,
    months_back,
)


def write(today: date) -> list[DemoExpense]:
    """Eighteen months of spending that end on a day."""
    dice = Dice(SEED)
    first = months_back(today, MONTHS - 1)
    rows = [
        *roads(first, today, dice),
        *workshop(first, today, dice),
        *people(first, today, dice),
        *paperwork(first, today, dice),
        *office(first, today, dice),
        *software(first, today, dice),
        *journeys(first, today, dice),
    ]
    return finish(rows, today, dice)


ACME = DemoCompany(
    name="Acme Mobility",
    subdomain="acme",
    tier="professional",
    currency="INR",
    timezone="Asia/Kolkata",
    locale="en_IN",
    date_format="DD/MM/YYYY",
    fiscal_year_start_month=4,
    address={
        "address_line1": "14 Outer Ring Road, Hebbal",
        "city": "Bengaluru",
        "state": "Karnataka",
        "postal_code": "560024",
        "country": "IN",
    },
    tax_id="29AABCI5678G1Z7",
    hires_vendors=True,
    people=(
        DemoPerson("owner@acme.com", "owner", "Asha", "Menon"),
        DemoPerson("admin@acme.com", "admin", "Arjun", "Rao"),
        DemoPerson("analyst@acme.com", "analyst", "Nisha", "Kulkarni"),
        DemoPerson("member@acme.com", "member", "Vikram", "Shetty"),
    ),
    accounts=(
        DemoAccount(BANK, "bank", "INR", "HDFC Bank", "4417", Decimal("4826350.75")),
        DemoAccount(COLLECTIONS, "bank", "INR", "ICICI Bank", "6602", Decimal("350000.00")),
        DemoAccount(CARD, "card", "INR", "Axis Bank", "9020", Decimal("-186420.40")),
        DemoAccount(FLEET, "card", "INR", "Bharat Petroleum", "7781", Decimal("342115.10")),
        DemoAccount(TOLLS, "wallet", "INR", "IHMCL", "", Decimal("28640.00")),
        DemoAccount(CASH, "cash", "INR", "", "", Decimal("41250.00")),
    ),
    projects=(
        DemoProject(SHUTTLE, "SHU", "Kempegowda airport"),
        DemoProject(COMMUTE, "TPC", "Manyata tech park"),
        DemoProject(SCHOOL, "SCH", "Vidya Niketan schools"),
        DemoProject(EXPRESS, "PEX", ""),
        DemoProject(ELECTRIC, "EVP", "", budget=Decimal("450000.00")),
        DemoProject(DEPOT, "DEP", "", status="completed", budget=Decimal("1200000.00")),
    ),
    budgets=(
        DemoBudget("All spending", "monthly", 47, enforcement="off"),
        DemoBudget("Fuel", "monthly", 93, category=FUEL),
        DemoBudget("Tolls", "monthly", 108, category=TOLL, thresholds=(50, 80, 100)),
        DemoBudget("Maintenance and tyres", "quarterly", 84, category=REPAIR),
        DemoBudget("Software", "monthly", 78, category=SOFTWARE),
        DemoBudget("Travel of the year", "yearly", 66, category=("Travel",)),
        DemoBudget("Electric van pilot", "yearly", 103, project=ELECTRIC, enforcement="block"),
        DemoBudget("School routes", "quarterly", 42, project=SCHOOL),
    ),
    tags=(
        "fleet",
        "workshop",
        "payroll",
        "festival",
        "training",
        "subscription",
        "trip",
        "abroad",
        "yearly",
        "one-off",
        "growth",
        "electric",
    ),
    write=write,
    sales=ACME_SALES,
)
