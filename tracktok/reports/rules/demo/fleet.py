"""What Acme Mobility spends on the road: fuel, tolls, parking, the workshop and the paperwork of vehicles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial

from .shapes import CENT, DemoExpense, Dice, days_between, gross_with_tax, month_day, months_between

BANK, CARD, FLEET, TOLLS, CASH = (
    "HDFC current account",
    "Axis corporate card",
    "BPCL fleet card",
    "FASTag wallet",
    "Depot petty cash",
)
SHUTTLE, COMMUTE, SCHOOL, EXPRESS, ELECTRIC, DEPOT = (
    "Airport shuttle",
    "Tech park commute",
    "School routes",
    "Pune express",
    "Electric van pilot",
    "Depot renovation",
)
VEHICLES = tuple(
    f"KA-{district:02d}-{letters}-{number}"
    for district, letters, number in (
        (1, "AB", 4821),
        (1, "AB", 4822),
        (1, "AC", 1190),
        (1, "AC", 1207),
        (3, "MM", 3318),
        (3, "MM", 3344),
        (3, "MN", 7712),
        (4, "HA", 5503),
        (4, "HA", 5518),
        (5, "KE", 2046),
        (5, "KE", 2063),
        (5, "KF", 9981),
        (41, "B", 6120),
        (41, "B", 6135),
        (51, "D", 8874),
        (51, "D", 8890),
        (53, "C", 1456),
        (53, "C", 1472),
    )
)
DRIVERS = (
    "Ramesh Gowda",
    "Suresh Naik",
    "Imran Pasha",
    "Joseph Dsouza",
    "Mahesh Kumar",
    "Venkatesh Reddy",
    "Prakash Shetty",
    "Abdul Rahman",
    "Ganesh Hegde",
    "Murugan Selvam",
    "Anil Patil",
    "Ravi Shankar",
    "Lakshman Rao",
    "Santosh Jadhav",
    "Manjunath Bhat",
    "Kiran More",
    "Yusuf Khan",
    "Devaraj Urs",
    "Basavaraj Kote",
    "Naveen Pinto",
)
PUMPS = (
    "Bharat Petroleum, Hebbal",
    "Indian Oil, Yeshwanthpur",
    "HP Auto Care, Hosur Road",
    "Shell, Whitefield",
    "Bharat Petroleum, Krishnagiri",
    "Indian Oil, Kolhapur",
)
PLAZAS = (
    "Electronic City elevated toll",
    "Devanahalli airport toll",
    "Krishnagiri toll plaza",
    "Vellore toll plaza",
    "Tumakuru NICE toll",
    "Kini toll plaza",
    "Tasawade toll plaza",
)
WORKSHOPS = (
    "Sri Lakshmi Motors",
    "Ashok Leyland Service, Peenya",
    "Tata Motors Workshop, Bommasandra",
    "Quick Fix Garage",
)
JOBS = (
    ("Oil and filter change", 4200, 7800),
    ("Brake pads and drums", 6500, 14500),
    ("Clutch overhaul", 14500, 32000),
    ("AC compressor repair", 9500, 24000),
    ("Suspension and alignment", 5200, 13800),
    ("Battery", 6800, 11200),
    ("Body work and paint", 7500, 28000),
    ("Electrical repair", 1800, 6400),
)
ROUTES = ((SHUTTLE, 30), (COMMUTE, 34), (SCHOOL, 16), (EXPRESS, 20))
FUEL, TOLL, REPAIR, TYRES = ("Fleet", "Fuel"), ("Fleet", "Tolls"), ("Fleet", "Maintenance"), ("Fleet", "Tyres")
INSURANCE, PERMITS, PARKING = ("Fleet", "Insurance"), ("Fleet", "Permits and road tax"), ("Fleet", "Parking")
WAGES, ALLOWANCE, TRAINING = ("People", "Driver salaries"), ("People", "Driver allowances"), ("People", "Training")
RENT, POWER, PHONE, PANTRY = (
    ("Office", "Rent"),
    ("Office", "Electricity"),
    ("Office", "Phone and internet"),
    ("Office", "Pantry"),
)
SOFTWARE, MARKETING = ("Software",), ("Marketing",)
FLIGHTS, HOTELS, MEALS = ("Travel", "Flights"), ("Travel", "Hotels"), ("Travel", "Meals")

inr = partial(DemoExpense, currency="INR")


def season(day: date) -> float:
    """How busy a day is: quiet weekends, full festivals (October, November), slow rains; 1 % more each month."""
    by_month = {
        1: 0.97,
        2: 0.95,
        3: 1.0,
        4: 1.02,
        5: 1.06,
        6: 0.94,
        7: 0.9,
        8: 0.93,
        9: 0.98,
        10: 1.14,
        11: 1.12,
        12: 1.08,
    }
    weekday = (1.08, 1.0, 1.0, 1.02, 1.12, 0.72, 0.5)[day.weekday()]
    growth = 1.01 ** ((day.year - 2025) * 12 + day.month)
    return by_month[day.month] * weekday * growth


def route_of(day: date, dice: Dice) -> str:
    """The route that something happened on; school vans rest at weekends and in the holidays."""
    roll = dice.number(1, 100)
    for name, share in ROUTES:
        roll -= share
        if roll <= 0:
            holidays = name == SCHOOL and (day.month in {4, 5} or day.weekday() > 4)
            return EXPRESS if holidays else name
    return EXPRESS


def roads(first: date, today: date, dice: Dice) -> Iterator[DemoExpense]:
    """Fuel, tolls and parking, day by day."""
    for day in days_between(first, today):
        busy = season(day)
        price = Decimal("88.20") + Decimal(day.toordinal() % 365) / 100
        for _ in range(dice.times(2.6 * busy)):
            vehicle, route = dice.one_of(VEHICLES), route_of(day, dice)
            litres = dice.amount(45, 150, "0.1")
            yield inr(
                day,
                f"Diesel, {vehicle}",
                dice.one_of(PUMPS),
                (litres * price).quantize(CENT),
                FUEL,
                FLEET,
                "credit_card",
                project=route,
                person="member" if dice.chance(35) else "admin",
                description=f"{litres:.1f} l at ₹{price:.2f}",
                tags=("fleet",),
                reference=f"BPCL-{dice.number(100000, 999999)}",
                has_receipt=dice.chance(1),
            )
        for _ in range(dice.times(1.9 * busy)):
            yield inr(
                day,
                f"Toll, {dice.one_of(VEHICLES)}",
                dice.one_of(PLAZAS),
                dice.amount(95, 1480, "5"),
                TOLL,
                TOLLS,
                "wallet",
                project=route_of(day, dice),
                person="member" if dice.chance(45) else "admin",
                tags=("fleet",),
                is_billable=dice.chance(30),
            )
        for _ in range(dice.times(0.6 * busy)):
            yield inr(
                day,
                "Overnight parking",
                dice.one_of(("Kempegowda airport parking", "BBMP parking lot", "Pune depot yard")),
                dice.amount(60, 900, "10"),
                PARKING,
                CASH,
                "cash",
                project=route_of(day, dice),
                person="member",
            )


def workshop(first: date, today: date, dice: Dice) -> Iterator[DemoExpense]:
    """Repairs (more of them in the rains) and tyres."""
    for day in days_between(first, today):
        if day.weekday() == 6:
            continue
        rains = 1.35 if day.month in {6, 7, 8, 9} else 1.0
        for _ in range(dice.times(0.62 * rains)):
            job, low, high = dice.one_of(JOBS)
            amount, tax = gross_with_tax(dice.amount(low, high), 18)
            yield inr(
                day,
                f"{job}, {dice.one_of(VEHICLES)}",
                dice.one_of(WORKSHOPS),
                amount,
                REPAIR,
                BANK,
                "bank_transfer",
                tax=tax,
                project=route_of(day, dice),
                tags=("fleet", "workshop"),
                reference=f"INV-{dice.number(1000, 9999)}",
                has_receipt=dice.chance(2),
            )
        if dice.chance(4):
            count = dice.number(2, 6)
            amount, tax = gross_with_tax(count * dice.amount(9800, 17500, "50"), 28)
            yield inr(
                day,
                f"{count} tyres, {dice.one_of(VEHICLES)}",
                dice.one_of(("MRF Tyres, Peenya", "Apollo Tyres", "JK Tyre")),
                amount,
                TYRES,
                BANK,
                "bank_transfer",
                tax=tax,
                tags=("fleet",),
                project=route_of(day, dice),
            )


def paperwork(first: date, today: date, dice: Dice) -> Iterator[DemoExpense]:
    """Insurance once a year for each vehicle, road tax each quarter, permits and fitness certificates."""
    for number, vehicle in enumerate(VEHICLES):
        for month in months_between(first, today):
            if month.month == number % 12 + 1:
                amount, tax = gross_with_tax(dice.amount(38000, 74000), 18)
                yield inr(
                    month_day(month, 3 + number),
                    f"Insurance, {vehicle}",
                    dice.one_of(("New India Assurance", "ICICI Lombard")),
                    amount,
                    INSURANCE,
                    BANK,
                    "bank_transfer",
                    tax=tax,
                    tags=("fleet", "yearly"),
                )
                yield inr(
                    month_day(month, 6 + number),
                    f"Fitness certificate, {vehicle}",
                    "RTO Bengaluru",
                    dice.amount(1200, 2400, "50"),
                    PERMITS,
                    BANK,
                    "bank_transfer",
                    tags=("fleet", "yearly"),
                )
            if month.month in {1, 4, 7, 10}:
                yield inr(
                    month_day(month, 14),
                    f"Road tax, {vehicle}",
                    "Transport Department, Karnataka",
                    dice.amount(6400, 13800, "100"),
                    PERMITS,
                    BANK,
                    "bank_transfer",
                    tags=("fleet",),
                )
