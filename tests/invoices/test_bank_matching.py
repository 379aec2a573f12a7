"""What is suggested for money that came in: a table of cases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from tracktok.invoices.rules.matching import BankMoney, OpenDocument, name_likeness, names, squeeze, suggest

D = Decimal
ACME, BLUE = UUID(int=1), UUID(int=2)
NAMES = {ACME: "Acme Traders Private Limited", BLUE: "Bluewater Travel"}


def document(number: str, due: str, customer: UUID = ACME, day: date = date(2026, 11, 20), currency: str = "INR"):
    issued = date(2026, 10, 21)
    return OpenDocument(
        UUID(int=hash(number) % 10**9), number, customer, NAMES[customer], D(due), currency, issued, day
    )


OPEN = [
    document("INV-26-IND-00001", "1180.00"),
    document("INV-26-IND-00002", "500.00"),
    document("INV-26-IND-00003", "1180.00", BLUE),
    document("INV-26-IND-00012", "77.70", BLUE, date(2026, 12, 30)),
    document("INV-26-IND-00020", "99.00", BLUE, currency="USD"),
]


def money(amount: str, said: str = "", payer: str = "", currency: str = "INR", day: date = date(2026, 11, 21)):
    return BankMoney(D(amount), currency, day, payer, said)


@pytest.mark.parametrize(
    ("line", "numbers", "lowest", "highest"),
    [
        # the number and the amount
        (money("1180.00", "pay INV-26-IND-00003"), ["00003"], 90, 99),
        (money("1180.00", "PAYMENT INV26IND00003 THANKS"), ["00003"], 90, 99),
        (money("1180.00", "inv 26/ind/00001", "ACME TRADERS"), ["00001"], 100, 100),
        # the number, and less or more
        (money("600.00", "INV-26-IND-00001"), ["00001"], 50, 60),
        (money("9000.00", "INV-26-IND-00001"), ["00001"], 50, 60),
        # the amount and the name
        (money("1180.00", "", "BLUEWATER TRAVEL LTD"), ["00003"], 45, 60),
        (money("500.00", "NEFT CR HDFC0001 ACME TRADERS PVT LTD"), ["00002"], 60, 70),
        # the amount alone: certain only when no other has it
        (money("500.00"), ["00002"], 40, 45),
        (money("1180.00"), ["00001"], 25, 30),
        # several together
        (money("1680.00", "INV-26-IND-00001 and INV-26-IND-00002"), ["00001", "00002"], 90, 95),
        (money("1680.00", "", "Acme Traders"), ["00001", "00002"], 55, 65),
        (money("1257.70"), ["00003", "00012"], 35, 40),
        # another currency
        (money("99.00", currency="USD"), ["00020"], 40, 45),
    ],
)
def test_the_best_suggestion(line: BankMoney, numbers: list[str], lowest: int, highest: int):
    best = suggest(line, OPEN)[0]
    assert [one.number[-5:] for one in best.documents] == numbers
    assert lowest <= best.score <= highest, best.why
    assert best.why


@pytest.mark.parametrize(
    "line",
    [
        money("-1180.00", "INV-26-IND-00001"),
        money("123.45"),
        money("123.45", "", "Acme Traders"),
        money("1180.00", "INV-26-IND-00001", currency="EUR"),
        money("99.00"),
        money("123.45", "INV-26-IND-0000"),
        money("123.45", "INV-26-IND-000012"),
    ],
)
def test_nothing_is_suggested(line: BankMoney):
    assert suggest(line, OPEN) == []


def test_reasons_are_said_and_suggestions_come_in_order():
    found = suggest(money("1180.00", "INV-26-IND-00003", "Acme Traders"), OPEN)
    assert [one.documents[0].number for one in found][:2] == ["INV-26-IND-00003", "INV-26-IND-00001"]
    assert found[0].why == ("INV-26-IND-00003 is named", "the amount is what is due", "it came near the due date")
    assert "the payer's name is the customer's" in found[1].why
    assert found == sorted(found, key=lambda one: -one.score)
    assert suggest(money("1180.00", "INV-26-IND-00003", "Acme Traders"), reversed(OPEN)) == found


def test_what_came_before_the_invoice_is_less_likely():
    early, late = money("500.00", day=date(2026, 1, 1)), money("500.00", day=date(2026, 11, 1))
    assert suggest(early, OPEN)[0].score < suggest(late, OPEN)[0].score


def test_many_open_documents_are_looked_at_in_time():
    many = [document(f"INV-{number:06}", f"{number}.37") for number in range(1, 400)]
    best = suggest(money("6.74", "", "Acme Traders"), many)[0]
    assert best.due == D("6.74") or best.documents[0].amount_due == D("6.74")
    assert len(suggest(money("5.37", "INV-000005"), many)) <= 5


@pytest.mark.parametrize(
    ("text", "number", "found"),
    [
        ("INV-1234", "INV-1234", True),
        ("inv 1234.", "INV/1234", True),
        ("INV-12345", "INV-1234", False),
        ("91234 paid", "1234", False),
        ("ref 1234 paid", "1234", True),
        ("123", "123", False),
        ("INV-12345 INV-1234", "INV-1234", True),
    ],
)
def test_a_number_in_a_text(text: str, number: str, found: bool):
    assert names(squeeze(text), number) is found


@pytest.mark.parametrize(
    ("customer", "payer", "said", "least", "most"),
    [
        ("Acme Traders Pvt Ltd", "ACME TRADERS", "", 1, 1),
        ("Acme Traders", "", "neft/acme traders/9", 1, 1),
        ("Acme Traders", "Traders Acme", "", 0.99, 1),
        ("Acme Traders", "Acme Trader", "", 0.85, 0.99),
        ("Acme Traders", "Bluewater", "", 0, 0),
        ("Li", "Li", "", 0, 0),
        ("The Company Ltd", "Ltd", "", 0, 0),
    ],
)
def test_how_alike_names_are(customer: str, payer: str, said: str, least: float, most: float):
    assert least <= name_likeness(customer, payer, said) <= most
