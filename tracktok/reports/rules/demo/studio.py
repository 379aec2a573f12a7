"""The story of Demo Studio: a small design office in Berlin, told in euros: neither it nor Acme sees the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial

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
    days_between,
    finish,
    gross_with_tax,
    month_day,
    months_back,
    months_between,
    working_day,
)
from .studio_sales import DEMO_SALES

BANK, CARD = "GLS Geschäftskonto", "Firmenkreditkarte"
MUSEUM, BAKERY = "Museum guide", "Bakery rebrand"
eur = partial(DemoExpense, currency="EUR")


def write(today: date) -> list[DemoExpense]:
    """Eighteen months of spending that end on a day."""
    dice = Dice(SEED + 1)
    first = months_back(today, MONTHS - 1)
    return finish([*_monthly(first, today, dice), *_daily(first, today, dice)], today, dice)


def _monthly(first: date, today: date, dice: Dice) -> Iterator[DemoExpense]:
    for month in months_between(first, today):
        for name, amount in (("Jana Vogel", "3420.00"), ("Mirko Lenz", "3180.00"), ("Selin Aydin", "2940.00")):
            yield eur(
                working_day(month_day(month, 27)),
                f"Gehalt, {name}",
                name,
                Decimal(amount),
                ("Gehälter",),
                BANK,
                "bank_transfer",
                tags=("personal",),
            )
        rent, tax = gross_with_tax(Decimal("1840.00"), 19)
        yield eur(
            month_day(month, 1),
            "Büromiete",
            "Hinterhof Kreuzberg GbR",
            rent,
            ("Büro", "Miete"),
            BANK,
            "bank_transfer",
            tax=tax,
        )
        yield eur(
            month_day(month, 9),
            "Strom",
            "Naturstrom AG",
            dice.amount(88, 164),
            ("Büro", "Strom"),
            BANK,
            "bank_transfer",
        )
        yield eur(
            month_day(month, 12), "Creative Cloud", "Adobe", Decimal("201.60"), ("Software",), CARD, "credit_card"
        )
        yield eur(
            month_day(month, 16),
            "Figma",
            "Figma",
            Decimal("135.00"),
            ("Software",),
            CARD,
            "credit_card",
            project=MUSEUM,
        )
        yield eur(
            month_day(month, 20),
            "Schriftlizenz",
            "Typotheque",
            dice.amount(60, 480),
            ("Lizenzen",),
            CARD,
            "credit_card",
            project=dice.one_of((MUSEUM, BAKERY)),
            is_billable=True,
        )


def _daily(first: date, today: date, dice: Dice) -> Iterator[DemoExpense]:
    for day in days_between(first, today):
        if day.weekday() < 5 and dice.chance(55):
            title, merchant, category, low, high = dice.one_of(
                (
                    ("Probedruck", "Druckerei Pinguin", ("Material",), 24, 310),
                    ("Papiermuster", "Modulor", ("Material",), 9, 120),
                    ("Bahnfahrt", "Deutsche Bahn", ("Reisen", "Bahn"), 19, 148),
                    ("Kaffee und Obst", "Bio Company", ("Büro", "Küche"), 8, 46),
                    ("Mittag mit Kundin", "Markthalle Neun", ("Reisen", "Bewirtung"), 22, 96),
                )
            )
            yield eur(
                day,
                title,
                merchant,
                dice.amount(low, high),
                category,
                CARD,
                "credit_card",
                project=dice.one_of((MUSEUM, BAKERY, "")),
                person=dice.one_of(("owner", "member")),
            )


DEMO = DemoCompany(
    name="Demo Studio",
    subdomain="demo",
    tier="professional",
    currency="EUR",
    timezone="Europe/Berlin",
    locale="de_DE",
    date_format="DD.MM.YYYY",
    fiscal_year_start_month=1,
    address={"address_line1": "Oranienstraße 25", "city": "Berlin", "postal_code": "10999", "country": "DE"},
    tax_id="DE812345678",
    people=(
        DemoPerson("owner@demo.com", "owner", "Jana", "Vogel"),
        DemoPerson("admin@demo.com", "admin", "Mirko", "Lenz"),
        DemoPerson("analyst@demo.com", "analyst", "Paul", "Richter"),
        DemoPerson("member@demo.com", "member", "Selin", "Aydin"),
    ),
    accounts=(
        DemoAccount(BANK, "bank", "EUR", "GLS Bank", "3301", Decimal("48210.55")),
        DemoAccount(CARD, "card", "EUR", "GLS Bank", "1188", Decimal("-1244.90")),
    ),
    projects=(DemoProject(MUSEUM, "MUS", "Museum für Naturkunde"), DemoProject(BAKERY, "BAK", "Bäckerei Sonnenfeld")),
    budgets=(
        DemoBudget("Alle Ausgaben", "monthly", 64, enforcement="off"),
        DemoBudget("Material", "quarterly", 91, category=("Material",)),
    ),
    tags=("personal",),
    write=write,
    sales=DEMO_SALES,
)
