"""What Acme Mobility sells: a year of invoices for buses, cabs and vans, under GST."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .fleet import BANK
from .sales import DemoCustomer, DemoDocument, DemoLine, DemoPayment, DemoRecurring, DemoSales, DemoService
from .shapes import SEED, Dice, month_day, months_back, months_between, working_day

SALES_MONTHS = 12
COLLECTIONS = "ICICI collections account"
BUS, CAB, TAXI, GOODS = "Bus or coach charter", "Cab hire with driver", "Taxi trip", "Goods transport by road"
STORE, LOADING, ROUTES = "Warehousing", "Loading and unloading", "Route planning"

PARK, AIRPORT, SCHOOLS = "Manyata Park Services Pvt Ltd", "Kempegowda Retail LLP", "Vidya Niketan Schools Trust"
FOODS, PARTS, TEXTILES = "Bluepeak Foods", "Coromandel Auto Parts Ltd", "Deccan Textiles"
PHARMA, RHINE, HOTELS = "Sahyadri Pharma Ltd (SEZ unit)", "Rhein Mobility GmbH", "Kaveri Hospitality Pvt Ltd"
GANESH, DISTRICT = "श्री गणेश ट्रैवल्स", "District Collectorate, Mysuru"
CONSUMERS = ANANYA, ROHAN, FARIDA = "Ananya Iyer", "Rohan Deshmukh", "Farida Khan"

BILLER = {
    "legal_name": "Acme Mobility Private Limited",
    "trade_name": "Acme Mobility",
    "org_code": "ACME",
    "gstin": "29AABCI5678G1Z7",
    "round_off": True,
    "lut": True,
    "lut_reference": "AD290425012345X",
    "hsn_digits": 6,
    "address_line1": "14 Outer Ring Road, Hebbal",
    "city": "Bengaluru",
    "postal_code": "560024",
    "email": "accounts@acme.com",
    "phone": "+91 80 4123 4500",
    "bank_name": "HDFC Bank, Hebbal",
    "bank_account_name": "Acme Mobility Private Limited",
    "bank_account_number": "50200012344417",
    "bank_ifsc": "HDFC0001234",
    "bank_swift": "HDFCINBB",
    "upi_id": "acmemobility@hdfcbank",
    "signatory": "Asha Menon",
    "payment_terms_days": 30,
    "default_terms": "Payment within 30 days. Waiting beyond one hour is charged. Subject to Bengaluru jurisdiction.",
    "default_notes": "Thank you for travelling with us.",
}
FIRM, SMALL, STATE, PERSON = "Corporate", "Small business", "Government", "Individual"


def _customer(name: str, kind: str, till: str, pays_after: int, contact: str = "", /, **fields: object) -> DemoCustomer:
    return DemoCustomer(name, kind, till, pays_after, fields, contact)


CUSTOMERS = (
    _customer(
        PARK, FIRM, COLLECTIONS, 24, "Leela Nair", gstin="29AAECM4417Q1ZW", code="C-101", credit_limit="2500000",
        address_line1="Block C, Manyata Park", city="Bengaluru", postal_code="560045", email="bills@manyata.example",
    ),
    _customer(
        AIRPORT, FIRM, COLLECTIONS, 31, "Joseph D'Souza", gstin="29AAHFK2210L1ZC", code="C-102",
        address_line1="Cargo Road 2", city="Bengaluru", postal_code="560300", email="payables@kempegowda.example",
    ),
    _customer(
        SCHOOLS, FIRM, BANK, 18, "Sister Mary", gstin="29AAATV3320E1ZP", code="C-103", payment_terms_days=15,
        address_line1="7 Palace Road", city="Bengaluru", postal_code="560052", email="office@vidyaniketan.example",
    ),
    _customer(
        FOODS, FIRM, COLLECTIONS, 34, "Amit Joshi", gstin="27AAPFU0939F1ZV", code="C-104",
        address_line1="Plot 18, MIDC Chakan", city="Pune", postal_code="410501", email="accounts@bluepeak.example",
    ),
    _customer(
        PARTS, FIRM, COLLECTIONS, 38, "K. Selvam", gstin="33AABCC7725R1Z9", code="C-105", credit_limit="900000",
        address_line1="22 Ambattur Estate", city="Chennai", postal_code="600058", email="ap@coromandel.example",
    ),
    _customer(
        TEXTILES, SMALL, BANK, 41, "P. Reddy", gstin="36AADFD6108N1ZB", code="C-106", payment_terms_days=21,
        address_line1="5-3 Rani Gunj", city="Hyderabad", postal_code="500003", email="deccan@textiles.example",
    ),
    _customer(
        PHARMA, FIRM, COLLECTIONS, 29, "Meera Patil", gstin="27AAKCS9031B1ZF", gst_category="sez", code="C-107",
        address_line1="Unit 4, SEEPZ", city="Mumbai", postal_code="400096", email="logistics@sahyadri.example",
    ),
    _customer(
        RHINE, FIRM, BANK, 33, "Katrin Vogt", country="DE", currency="EUR", code="C-108", tax_id="DE811907980",
        gst_category="overseas", language="en_GB", address_line1="Hafenstr. 14", city="Düsseldorf",
        postal_code="40221", email="rechnung@rhein-mobility.example",
    ),
    _customer(
        HOTELS, SMALL, BANK, 22, "Ravi Gowda", gstin="29AAFCK8846T1ZA", code="C-109", payment_terms_days=21,
        address_line1="91 Church Street", city="Bengaluru", postal_code="560001", email="finance@kaveri.example",
    ),
    _customer(
        GANESH, SMALL, BANK, 27, "गणेश गुप्ता", gstin="07AAGPG5512H1Z0", code="C-110", language="hi_IN",
        address_line1="12 Chandni Chowk", city="Delhi", postal_code="110006", email="ganesh@travels.example",
    ),
    _customer(
        DISTRICT, STATE, COLLECTIONS, 71, "Section officer", state_code="29", code="C-111",
        address_line1="Vinobha Road", city="Mysuru", postal_code="570005", email="dc.mysuru@gov.example",
    ),
    _customer(
        ANANYA, PERSON, BANK, 3, kind="individual", state_code="29", address_line1="3 Temple Road", city="Bengaluru",
        postal_code="560003", email="ananya@iyer.example", payment_terms_days=7,
    ),
    _customer(
        ROHAN, PERSON, BANK, 6, kind="individual", state_code="27", address_line1="44 Baner Road", city="Pune",
        postal_code="411045", email="rohan@deshmukh.example", payment_terms_days=7,
    ),
    _customer(
        FARIDA, PERSON, BANK, 2, kind="individual", state_code="33", address_line1="8 Beach Road", city="Chennai",
        postal_code="600004", email="farida@khan.example", payment_terms_days=7,
    ),
)  # fmt: skip

SERVICES = (
    DemoService(BUS, Decimal("6200.00")),
    DemoService(CAB, Decimal("3150.00")),
    DemoService(TAXI, Decimal("1450.00")),
    DemoService(GOODS, Decimal("18500.00")),
    DemoService(STORE, Decimal("84000.00")),
    DemoService(LOADING, Decimal("4200.00")),
    DemoService(ROUTES, Decimal("7200.00"), "hour", "998311", "GST 18 %"),
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a customer has every month: on which days, how much of what."""

    customer: str
    days: tuple[int, ...]
    service: str
    low: int
    high: int
    text: str
    price: Decimal | None = None
    extra: str = ""


PLANS = (
    _Plan(PARK, (15, 31), BUS, 58, 72, "Commute of employees, Electronic City and Whitefield"),
    _Plan(AIRPORT, (30,), TAXI, 290, 360, "Airport shuttle, terminal 2"),
    _Plan(SCHOOLS, (28,), BUS, 62, 78, "School routes 1 to 6"),
    _Plan(FOODS, (8, 22), GOODS, 8, 12, "Chilled load, Chakan to Bengaluru", extra=LOADING),
    _Plan(PARTS, (11, 24), GOODS, 5, 9, "Parts, Ambattur to Hosur", extra=LOADING),
    _Plan(PARTS, (3,), STORE, 1, 1, "Warehouse Hosur"),
    _Plan(TEXTILES, (13,), GOODS, 4, 7, "Bales, Hyderabad to Bengaluru"),
    _Plan(PHARMA, (21,), GOODS, 6, 10, "Temperature controlled, SEEPZ to Nhava Sheva"),
    _Plan(RHINE, (26,), ROUTES, 32, 46, "Planning of routes for the depot in Neuss", Decimal("84.00")),
    _Plan(HOTELS, (25,), CAB, 28, 44, "Cars for guests"),
    _Plan(GANESH, (17,), CAB, 16, 26, "दिल्ली से आगरा, चालक सहित"),
    _Plan(DISTRICT, (20,), BUS, 9, 14, "Buses for the district"),
)
# In which months, counted back from this one, a customer's invoices stay unpaid: overdue by different ages.
UNPAID = {TEXTILES: 5, DISTRICT: 4, PARTS: 3, HOTELS: 2, SCHOOLS: 1}
# And in which half of one is paid, so far.
HALF_PAID = {AIRPORT: 2}


def write(today: date) -> list[DemoDocument]:
    """Twelve months of sales that end on a day."""
    dice = Dice(SEED + 2)
    told = [*_planned(today, dice), *_consumers(today, dice), *_offers(today), *_special(today)]
    return sorted((one for one in told if one.day <= today), key=lambda one: one.day)


def euro_rate(day: date) -> Decimal:
    """What a euro is worth in the story: it drifts over the months."""
    return Decimal("97.40") + Decimal((day.month * 7 + day.year) % 11) * Decimal("0.35")


def _planned(today: date, dice: Dice) -> Iterator[DemoDocument]:
    terms = {one.name: one for one in CUSTOMERS}
    for month in months_between(months_back(today, SALES_MONTHS - 1), today):
        back = (today.year - month.year) * 12 + today.month - month.month
        for plan in PLANS:
            if plan.customer == SCHOOLS and month.month in {4, 5}:
                continue  # holidays
            for number, number_of_day in enumerate(plan.days):
                day = working_day(month_day(month, number_of_day))
                lines = [DemoLine(plan.service, Decimal(dice.number(plan.low, plan.high)), plan.price, plan.text)]
                if plan.extra:
                    lines.append(DemoLine(plan.extra, Decimal(dice.number(1, 4))))
                unpaid = UNPAID.get(plan.customer) == back and number == 0
                payments = () if unpaid else _payments(day, terms[plan.customer], today, dice)
                if HALF_PAID.get(plan.customer) == back:
                    payments = (DemoPayment(min(day + timedelta(days=20), today), 50),)
                rate = euro_rate(day) if plan.customer == RHINE else None
                order = f"PO {dice.number(1000, 9999)}" if plan.customer in {FOODS, PARTS, PHARMA} else ""
                yield DemoDocument(day, plan.customer, tuple(lines), payments=payments, reference=order, rate=rate)


def _payments(day: date, customer: DemoCustomer, today: date, dice: Dice) -> tuple[DemoPayment, ...]:
    """Most pay as they always do, a few much later, some in two parts."""
    late = dice.number(25, 45) if dice.chance(7) else 0
    when = working_day(day + timedelta(days=customer.pays_after + late + dice.number(0, 8)))
    if customer.till == COLLECTIONS:
        when += timedelta(days=4 - when.weekday())  # firms pay on Fridays, all that is due by then
    parts = [DemoPayment(when)]
    if dice.chance(9):
        parts = [DemoPayment(when, dice.one_of((40, 50, 60))), DemoPayment(when + timedelta(days=21))]
    rates = (euro_rate(one.day) + Decimal("0.28") if customer.name == RHINE else None for one in parts)
    dated = (DemoPayment(one.day, one.percent, rate) for one, rate in zip(parts, rates, strict=True))
    return tuple(one for one in dated if one.day <= today)


def _consumers(today: date, dice: Dice) -> Iterator[DemoDocument]:
    known = {one.name: one for one in CUSTOMERS}
    for month in months_between(months_back(today, SALES_MONTHS - 1), today):
        for _ in range(dice.number(1, 3)):
            who, day = dice.one_of(CONSUMERS), month_day(month, dice.number(2, 29))
            text = dice.one_of(("Airport and back", "Weekend in Coorg", "Wedding guests", "Tirupati and back"))
            line = DemoLine(CAB, Decimal(dice.number(1, 5)), None, text)
            yield DemoDocument(day, who, (line,), payments=_payments(day, known[who], today, dice))


def _offers(today: date) -> Iterator[DemoDocument]:
    week = timedelta(days=7)
    buses = (DemoLine(BUS, Decimal(12), Decimal("5900.00"), "Annual day, buses for parents"),)
    store = (DemoLine(STORE, Decimal(6), Decimal("79000.00"), "Warehouse Hosur, six months"),)
    yield DemoDocument(today - 2 * week, PARTS, store, kind="quote", ending="sent")
    yield DemoDocument(today - week, SCHOOLS, buses, kind="quote", ending="invoiced")
    yield DemoDocument(today - week, RHINE, (DemoLine(ROUTES, Decimal(60), Decimal("82.00")),), kind="proforma",
                       rate=euro_rate(today - week))  # fmt: skip


def _special(today: date) -> Iterator[DemoDocument]:
    """One of each thing that goes otherwise."""
    day = month_day(months_back(today, 2), 9)
    loads = (DemoLine(GOODS, Decimal(3), None, "Return loads"), DemoLine(LOADING, Decimal(2), None, "Not carried out"))
    yield DemoDocument(day, FOODS, loads, payments=(DemoPayment(day + timedelta(days=30)),), ending="credited")
    yield DemoDocument(day, HOTELS, (DemoLine(CAB, Decimal(4), None, "Entered twice"),), ending="void")
    trip = (DemoLine(CAB, Decimal(3), None, "Three days in Ooty"),)
    yield DemoDocument(day, ROHAN, trip, payments=(DemoPayment(day + timedelta(days=5), 99),), ending="written_off")
    yield DemoDocument(today, PARK, (DemoLine(BUS, Decimal(8), None, "Extra buses, to be checked"),), ending="draft")
    yield DemoDocument(today, GANESH, (DemoLine(TAXI, Decimal(20)),), ending="draft")


RECURRING = (
    DemoRecurring("Staff shuttle", PARK, CAB, Decimal(22), "Staff shuttle, {month}", action="finalize"),
    DemoRecurring("Warehouse at Chakan", FOODS, STORE, Decimal(3), "Warehousing, {period}", every=3),
)
ACME_SALES = DemoSales(BILLER, CUSTOMERS, SERVICES, write, RECURRING)
