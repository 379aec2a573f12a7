"""What Acme Mobility spends beside the road: drivers, the office, software and journeys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from .fleet import (
    ALLOWANCE,
    BANK,
    CARD,
    CASH,
    COMMUTE,
    DEPOT,
    DRIVERS,
    ELECTRIC,
    EXPRESS,
    FLIGHTS,
    HOTELS,
    MARKETING,
    MEALS,
    PANTRY,
    PHONE,
    POWER,
    RENT,
    SHUTTLE,
    SOFTWARE,
    TRAINING,
    WAGES,
    inr,
    season,
)
from .shapes import (
    CENT,
    DemoExpense,
    Dice,
    days_between,
    gross_with_tax,
    month_day,
    months_back,
    months_between,
    working_day,
)


def people(first: date, today: date, dice: Dice) -> Iterator[DemoExpense]:
    """Salaries on the last working day, a bonus before Diwali, allowances and training."""
    basic = {name: dice.amount(23000, 34000, "250") for name in DRIVERS}
    for month in months_between(first, today):
        payday = working_day(month_day(month, 31))
        raises = 1 + Decimal((month.year - 2025) * 6) / 100 if month.month >= 4 else Decimal(1)
        for name in DRIVERS:
            overtime = dice.amount(0, 2600, "50")
            paid = (basic[name] * raises).quantize(Decimal(1)).quantize(CENT) + overtime
            yield inr(payday, f"Salary {month:%B}, {name}", name, paid, WAGES, BANK, "bank_transfer", tags=("payroll",))
            if month.month == 10:
                yield inr(
                    month_day(month, 15),
                    f"Festival bonus, {name}",
                    name,
                    Decimal("8000.00"),
                    WAGES,
                    BANK,
                    "bank_transfer",
                    tags=("payroll", "festival"),
                )
        if month.month in {1, 5, 9}:
            yield inr(
                month_day(month, 12),
                "Defensive driving course",
                "IDTR Bengaluru",
                dice.amount(26000, 48000, "500"),
                TRAINING,
                BANK,
                "bank_transfer",
                tags=("training",),
            )
    for day in days_between(first, today):
        for _ in range(dice.times(0.55 * season(day))):
            name = dice.one_of(DRIVERS)
            yield inr(
                day,
                f"Outstation allowance, {name}",
                name,
                dice.amount(350, 1600, "50"),
                ALLOWANCE,
                CASH,
                "cash",
                project=dice.one_of((EXPRESS, SHUTTLE)),
                person="member" if dice.chance(40) else "admin",
            )


def office(first: date, today: date, dice: Dice) -> Iterator[DemoExpense]:
    """Rent, power, telephones, the pantry, some marketing, and the depot that was renovated last winter."""
    renovated = months_back(today, 12)
    for month in months_between(first, today):
        rent, tax = gross_with_tax(Decimal("185000.00"), 18)
        yield inr(
            month_day(month, 3),
            "Rent, Hebbal depot and office",
            "Prestige Estates",
            rent,
            RENT,
            BANK,
            "bank_transfer",
            tax=tax,
            person="owner",
        )
        hot = 1.3 if month.month in {3, 4, 5} else 1.0
        power = (dice.amount(31000, 42000) * Decimal(str(hot))).quantize(CENT)
        yield inr(month_day(month, 11), "Electricity", "BESCOM", power, POWER, BANK, "bank_transfer")
        yield inr(
            month_day(month, 8),
            "Fibre line",
            "Airtel Business",
            Decimal("7078.82"),
            PHONE,
            CARD,
            "credit_card",
            tax=Decimal("1079.82"),
        )
        yield inr(
            month_day(month, 9),
            "Mobile plans of drivers",
            "Jio Business",
            dice.amount(7200, 8600),
            PHONE,
            CARD,
            "credit_card",
        )
        if dice.chance(70):
            yield inr(
                month_day(month, dice.number(4, 27)),
                dice.one_of(("Search ads", "Bus back panels", "Leaflets for tech parks")),
                dice.one_of(("Google Ads", "Times OOH", "Print House")),
                dice.amount(12000, 65000),
                MARKETING,
                CARD,
                "credit_card",
                person="owner",
                tags=("growth",),
            )
    for day in days_between(first, today):
        if day.weekday() in {0, 3}:
            yield inr(
                day,
                "Tea, milk and snacks",
                dice.one_of(("Nandini Parlour", "More Supermarket", "BigBasket")),
                dice.amount(420, 2600),
                PANTRY,
                CASH,
                "upi",
                person="member" if dice.chance(50) else "admin",
            )
        if renovated <= day < months_back(renovated, -3) and day.weekday() == 1:
            amount, tax = gross_with_tax(dice.amount(38000, 145000), 18)
            yield inr(
                day,
                dice.one_of(("Wash bay floor", "Roof sheets", "Charging points", "Wiring and lights", "Paint work")),
                "Brigade Contractors",
                amount,
                ("Office", "Repairs"),
                BANK,
                "bank_transfer",
                tax=tax,
                project=DEPOT,
                person="owner",
                tags=("one-off",),
            )
        if day >= months_back(today, 7) and day.weekday() == 2 and dice.chance(55):
            yield inr(
                day,
                dice.one_of(("Fast charging", "Charger service", "Battery check")),
                dice.one_of(("Ather Grid", "Tata Power EZ")),
                dice.amount(1400, 18500),
                ("Fleet", "Charging"),
                CARD,
                "credit_card",
                project=ELECTRIC,
                tags=("electric",),
            )


def _rate(currency: str, day: date) -> Decimal:
    """What a unit of a foreign currency cost in rupees on a day, in this story."""
    base, swing = {"USD": (Decimal("86.1000"), 37), "EUR": (Decimal("97.4000"), 53)}[currency]
    return base + Decimal(day.toordinal() % 181 * swing) / 2000


def software(first: date, today: date, dice: Dice) -> Iterator[DemoExpense]:
    """Subscriptions, half of them in dollars."""
    bills = (
        ("Amazon Web Services", "Cloud servers", "USD", 610, 1180, 2),
        ("Twilio", "Text messages to riders", "USD", 140, 330, 4),
        ("Google Workspace", "Mail and documents", "INR", 21800, 24600, 5),
        ("Fleetx", "Vehicle tracking", "INR", 41500, 47800, 6),
        ("Zoho", "Help desk", "INR", 9100, 9900, 15),
        ("Figma", "Design tool", "USD", 45, 60, 18),
        ("Mapbox", "Maps and routing", "EUR", 90, 260, 21),
    )
    for month in months_between(first, today):
        for merchant, title, currency, low, high, day in bills:
            when = month_day(month, day)
            yield DemoExpense(
                when,
                title,
                merchant,
                dice.amount(low, high),
                SOFTWARE,
                CARD,
                "credit_card",
                currency,
                rate=Decimal(1) if currency == "INR" else _rate(currency, when),
                person="owner",
                tags=("subscription",),
                reference=f"{merchant[:3].upper()}-{when:%Y%m}",
            )


def journeys(first: date, today: date, dice: Dice) -> Iterator[DemoExpense]:
    """Journeys of the office: flight, hotel and meals; once a year the bus fair in Brussels and a client in Austin."""
    for day in days_between(first, today):
        if day.weekday() < 4 and dice.chance(11):
            city = dice.one_of(("Mumbai", "Pune", "Chennai", "Hyderabad", "Delhi"))
            person, project = dice.one_of(("owner", "admin", "member")), dice.one_of((EXPRESS, COMMUTE, ""))
            tell = partial(inr, project=project, person=person, tags=("trip",))
            yield tell(
                day,
                f"Flight to {city}",
                dice.one_of(("IndiGo", "Air India", "Akasa Air")),
                dice.amount(4200, 13800),
                FLIGHTS,
                CARD,
                "credit_card",
                has_receipt=dice.chance(8),
            )
            for night in range(dice.number(1, 3)):
                when = day + timedelta(days=night)
                yield tell(
                    when,
                    f"Hotel in {city}",
                    dice.one_of(("Lemon Tree", "Ibis", "Ginger")),
                    dice.amount(3200, 7800),
                    HOTELS,
                    CARD,
                    "credit_card",
                    tax=None,
                )
                yield tell(
                    when,
                    dice.one_of(("Dinner with client", "Lunch", "Team dinner")),
                    dice.one_of(("Saravana Bhavan", "MTR", "Barbeque Nation", "Copper Chimney")),
                    dice.amount(280, 4900),
                    MEALS,
                    CARD,
                    "credit_card",
                    is_billable=dice.chance(25),
                    has_receipt=dice.chance(4),
                )
    for month in months_between(first, today):
        abroad = {10: ("EUR", "Brussels", "Busworld"), 3: ("USD", "Austin", "Transit Tech Summit")}.get(month.month)
        if abroad is None:
            continue
        currency, city, fair = abroad
        for offset, title, merchant, category, low, high in (
            (0, f"Flight to {city}", "Lufthansa", FLIGHTS, 640, 980),
            (4, f"Ticket, {fair}", fair, ("People", "Training"), 280, 420),
            (8, f"Hotel in {city}, 4 nights", "Novotel", HOTELS, 520, 860),
            (9, "Dinner with suppliers", "Chez Leon", MEALS, 90, 210),
            (10, "Taxi to the fair", "Uber", ("Travel", "Taxis"), 18, 55),
            (11, "Team lunch", "Le Pain Quotidien", MEALS, 40, 95),
        ):
            when = month_day(month, 5 + offset)
            yield DemoExpense(
                when,
                title,
                merchant,
                dice.amount(low, high),
                category,
                CARD,
                "credit_card",
                currency,
                rate=_rate(currency, when),
                person="owner",
                tags=("trip", "abroad"),
                has_receipt=offset == 9,
            )
