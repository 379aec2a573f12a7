"""The sums of documents: the worked examples to the paisa, and tables of cases."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from tracktok.invoices.rules import supply as supplies
from tracktok.invoices.rules.computing import Computed, ComputingProblem, DocumentInput, LineInput, compute
from tracktok.invoices.rules.supply import PLAIN, Supply, decide_supply, reverse_charge_note
from tracktok.invoices.rules.taxes import Component, TaxSpec, regime_of

D = Decimal
KARNATAKA_BUYER, MAHARASHTRA_BUYER = "29AAGCB7383J1Z4", "27AAPFU0939F1ZV"
GST, GENERIC, NONE = regime_of("gst"), regime_of("generic"), regime_of("none")
INTRA = Supply("29", "29", inter_state=False, supply_type="B2B")
INTER = Supply("29", "27", inter_state=True, supply_type="B2B")


def line(quantity: str, price: str, rate: str = "18", **over) -> LineInput:
    return LineInput(D(quantity), D(price), TaxSpec(D(rate), **over.pop("spec", {})), **over)


def bill(*lines: LineInput, currency="INR", regime=GST, supply=INTRA, **over) -> Computed:
    return compute(DocumentInput(currency, lines, regime, supply, **over))


def sold_to(gstin: str, **over) -> Supply:
    return decide_supply(supplier_state="29", gst_category="registered", buyer_gstin=gstin, **over)


def taxes(computed: Computed) -> list[dict[str, str]]:
    return [{code: str(amount) for code, amount in one.taxes.items()} for one in computed.lines]


def test_example_1_inside_the_state():
    done = bill(line("22", "1249.50"), line("318.4", "14.75"), supply=sold_to(KARNATAKA_BUYER), round_to_unit=True)
    assert [str(one.taxable_amount) for one in done.lines] == ["27489.00", "4696.40"]
    assert str(done.taxable_total) == "32185.40"
    assert taxes(done) == [{"cgst": "2474.01", "sgst": "2474.01"}, {"cgst": "422.68", "sgst": "422.68"}]
    assert {code: str(amount) for code, amount in done.taxes_by_code.items()} == {"cgst": "2896.69", "sgst": "2896.69"}
    assert str(done.tax_total) == "5793.38"
    assert (str(done.total - done.round_off), str(done.round_off), str(done.total)) == ("37978.78", "0.22", "37979.00")


def test_example_2_between_states():
    where = sold_to(MAHARASHTRA_BUYER)
    done = bill(line("1", "187345.65"), supply=where, round_to_unit=True)
    assert where.place_of_supply == "27"
    assert taxes(done) == [{"igst": "33722.22"}]
    assert (str(done.total - done.round_off), str(done.round_off), str(done.total)) == (
        "221067.87",
        "0.13",
        "221068.00",
    )


def test_example_3_reverse_charge():
    where = sold_to(KARNATAKA_BUYER, reverse_charge=True)
    done = bill(line("1", "96450.00", "5"), supply=where, round_to_unit=True)
    assert where.reverse_charge
    assert not where.charged
    assert (str(done.tax_total), done.taxes_by_code, done.groups) == ("0.00", {}, ())
    assert (str(done.round_off), str(done.total)) == ("0.00", "96450.00")
    assert done.reverse_charge_taxes == {"cgst": D("2411.25"), "sgst": D("2411.25")}
    assert done.reverse_charge_total == D("4822.50")
    assert done.lines[0].reverse_charge_taxes == done.reverse_charge_taxes
    assert [part.percent for part in done.lines[0].parts] == [D("2.5"), D("2.5")]
    assert "CGST 2,411.25 + SGST 2,411.25" in reverse_charge_note(done.reverse_charge_taxes, "INR")


def test_example_4_the_remainder_is_carried():
    done = bill(*[line("1", "33.33", "5")] * 3, round_to_unit=True)
    assert [one["cgst"] for one in taxes(done)] == ["0.83", "0.84", "0.83"]
    assert [one["sgst"] for one in taxes(done)] == ["0.83", "0.84", "0.83"]
    assert done.taxes_by_code == {"cgst": D("2.50"), "sgst": D("2.50")}
    assert (str(done.total - done.round_off), str(done.round_off), str(done.total)) == ("104.99", "0.01", "105.00")


def test_example_5_tax_is_rounded_once_for_the_group():
    done = bill(*[line("1", "0.10", "5")] * 10)
    assert done.taxes_by_code == {"cgst": D("0.03"), "sgst": D("0.03")}
    assert str(done.total) == "1.06"


def test_groups_name_tax_rate_base_and_amount():
    done = bill(line("1", "100.00", "5"), line("2", "50.00"), line("1", "10.00", "0"))
    assert [(one.label, str(one.percent), str(one.taxable), str(one.amount)) for one in done.groups] == [
        ("CGST", "9", "100.00", "9.00"),
        ("SGST", "9", "100.00", "9.00"),
        ("CGST", "2.5", "100.00", "2.50"),
        ("SGST", "2.5", "100.00", "2.50"),
    ]
    assert (done.lines[2].taxes, str(done.lines[2].total)) == ({}, "10.00")


def test_a_territory_without_legislature_has_utgst():
    done = bill(line("1", "100.00"), supply=Supply("04", "04", supply_type="B2B"))
    assert done.taxes_by_code == {"cgst": D("9.00"), "utgst": D("9.00")}


def test_cess_by_value_and_by_quantity_are_a_tax_of_their_own():
    done = bill(line("2", "1000.00", "28", spec={"cess_percent": D(22), "cess_per_unit": D("4.17")}), supply=INTER)
    assert done.taxes_by_code == {"igst": D("560.00"), "cess": D("448.34")}
    assert [(one.code, str(one.percent), str(one.per_unit), str(one.amount)) for one in done.groups] == [
        ("igst", "28", "0", "560.00"),
        ("cess", "22", "0", "440.00"),
        ("cess", "0", "4.17", "8.34"),
    ]
    assert str(done.groups[2].quantity) == "2.0000"
    assert [str(part.amount) for part in done.lines[0].parts] == ["560.00", "440.00", "8.34"]


@pytest.mark.parametrize(
    ("price", "rate", "supply", "taxable", "each"),
    [
        ("100.00", "18", INTRA, "84.74", {"cgst": "7.63", "sgst": "7.63"}),
        ("118.00", "18", INTRA, "100.00", {"cgst": "9.00", "sgst": "9.00"}),
        ("100.00", "18", INTER, "84.75", {"igst": "15.25"}),
        ("105.00", "5", INTER, "100.00", {"igst": "5.00"}),
        ("99.99", "0", INTER, "99.99", {}),
    ],
)
def test_prices_that_include_tax_stay_what_they_are(price, rate, supply, taxable, each):
    done = bill(line("1", price, rate), supply=supply, tax_inclusive=True)
    assert (str(done.total), str(done.taxable_total), taxes(done)) == (price, taxable, [each])


def test_an_inclusive_price_with_cess_by_quantity():
    done = bill(line("10", "150.00", "28", spec={"cess_per_unit": D("2.00")}), supply=INTER, tax_inclusive=True)
    assert str(done.total) == "1500.00"
    assert done.taxes_by_code == {"igst": D("323.75"), "cess": D("20.00")}  # 1480 x 28 / 128
    with pytest.raises(ComputingProblem, match="more than the price"):
        bill(line("10", "1.00", "28", spec={"cess_per_unit": D("2.00")}), supply=INTER, tax_inclusive=True)


@pytest.mark.parametrize("kind", [{"reverse_charge": True}, {"supply_type": supplies.EXPWOP}])
def test_where_no_tax_is_charged_an_inclusive_price_is_the_price(kind):
    where = Supply("29", "29" if "reverse_charge" in kind else "96", inter_state=True, charged=False, **kind)
    done = bill(line("1", "100.00"), supply=where, tax_inclusive=True)
    assert (str(done.total), str(done.taxable_total), done.taxes_by_code) == ("100.00", "100.00", {})
    assert done.reverse_charge_taxes == ({"igst": D("18.00")} if where.reverse_charge else {})


QUEBEC = (Component("gst", "GST", D(5)), Component("qst", "QST", D("9.5"), compound=True))
NEW_YORK = (Component("state", "State", D(4)), Component("city", "City", D("4.5")), Component("zero", "None", D(0)))


def test_generic_components():
    done = bill(LineInput(D(1), D("10.00"), TaxSpec(components=NEW_YORK)), currency="USD", regime=GENERIC, supply=PLAIN)
    assert done.taxes_by_code == {"city": D("0.45"), "state": D("0.40")}
    plain = bill(line("1", "10.00", "19"), currency="EUR", regime=GENERIC, supply=PLAIN)
    assert plain.taxes_by_code == {"tax": D("1.90")}
    assert bill(line("1", "10.00", "19"), regime=NONE, supply=PLAIN).total == D("10.00")


def test_a_tax_on_a_tax_is_a_percentage_of_what_is_shown():
    done = bill(LineInput(D(1), D("100.10"), TaxSpec(components=QUEBEC)), currency="CAD", regime=GENERIC, supply=PLAIN)
    assert [(one.code, str(one.taxable), str(one.amount)) for one in done.groups] == [
        ("gst", "100.10", "5.01"),
        ("qst", "105.11", "9.99"),
    ]
    inclusive = bill(
        LineInput(D(1), D("115.10"), TaxSpec(components=QUEBEC)),
        currency="CAD", regime=GENERIC, supply=PLAIN, tax_inclusive=True,
    )  # fmt: skip
    assert inclusive.taxes_by_code == done.taxes_by_code
    assert inclusive.groups == done.groups
    assert str(inclusive.taxable_total) == "100.10"


def test_discounts_of_lines_and_of_the_document():
    done = bill(
        line("3", "33.33", discount_percent=D(10)),
        line("1", "50.00", discount_amount=D("5.00")),
        line("1", "20.00", discount_percent=D(50), discount_amount=D("1.00")),
        discount_percent=D(5), discount_amount=D("1.00"),
    )  # fmt: skip
    assert [str(one.gross) for one in done.lines] == ["99.99", "50.00", "20.00"]
    assert str(done.subtotal) == "169.99"
    # 89.99 + 45.00 + 9.00 = 143.99; 5 % of it is 7.20, and 1.00 more.
    assert [str(one.document_discount) for one in done.lines] == ["5.12", "2.57", "0.51"]
    assert str(done.discount_total) == "34.20"
    assert [str(one.taxable_amount) for one in done.lines] == ["84.87", "42.43", "8.49"]
    assert str(done.taxable_total) == "135.79"


def test_a_deduction_is_a_negative_line():
    done = bill(line("1", "1000.00"), line("-2", "100.00"), line("1", "-50.00", "5"))
    assert [str(one.total) for one in done.lines] == ["1180.00", "-236.00", "-52.50"]
    assert [str(one.amount) for one in done.groups] == ["72.00", "72.00", "-1.25", "-1.25"]
    assert str(done.total) == "891.50"
    with pytest.raises(ComputingProblem, match="below zero"):
        bill(line("1", "10.00"), line("1", "-10.01"))
    assert str(bill(line("1", "10.00"), line("1", "-10.00")).total) == "0.00"


def test_what_is_passed_on_as_pure_agent_bears_no_tax_and_no_discount():
    done = bill(line("1", "1000.00"), line("1", "140.00", pure_agent=True), discount_percent=D(10))
    assert (str(done.taxable_total), str(done.pure_agent_total), str(done.tax_total)) == ("900.00", "140.00", "162.00")
    assert str(done.total) == "1202.00"
    assert (done.lines[1].taxable_amount, done.lines[1].taxes, str(done.lines[1].total)) == (0, {}, "140.00")


@pytest.mark.parametrize(
    ("currency", "price", "tax", "total"),
    [("JPY", "1005", "181", "1186"), ("KWD", "10.0055", "1.801", "11.807"), ("CLF", "1.00005", "0.1800", "1.1801"),
     ("USD", "10.005", "1.80", "11.81")],
)  # fmt: skip
def test_amounts_have_the_places_of_their_currency(currency, price, tax, total):
    if currency == "CLF":
        price = "1.0001"
    done = bill(line("1", price), currency=currency, regime=GENERIC, supply=PLAIN, round_to_unit=True)
    assert str(done.tax_total) == tax
    assert str(done.total - done.round_off) == total
    assert bool(done.round_off) == (currency == "USD"), "only two places are rounded to the unit"


@pytest.mark.parametrize(
    ("price", "round_off", "total"),
    [("100.49", "-0.49", "100.00"), ("100.50", "0.50", "101.00"), ("100.51", "0.49", "101.00"),
     ("7.00", "0.00", "7.00"), ("0.49", "-0.49", "0.00")],
)  # fmt: skip
def test_the_rupee_round_off_is_a_line_of_its_own(price, round_off, total):
    done = bill(line("1", price, "0"), round_to_unit=True)
    assert (str(done.round_off), str(done.total)) == (round_off, total)
    assert str(bill(line("1", price, "0")).round_off) == "0.00"


def test_quantities_and_prices_have_four_places():
    assert str(bill(line("0.0001", "5000.0000", "0")).total) == "0.50"
    assert str(bill(line("12.3456", "7.8912", "0")).total) == "97.42"
    assert str(bill(line("1.00000", "1.0000000", "0")).total) == "1.00"
    assert str(bill(line("0.5", "0.01", "0")).total) == "0.01"


@pytest.mark.parametrize(
    ("over", "field", "words"),
    [
        ({"quantity": D("1.00001")}, "lines/0/quantity", "4 decimal places"),
        ({"quantity": D("1E-999999")}, "lines/0/quantity", "4 decimal places"),
        ({"quantity": D("NaN")}, "lines/0/quantity", "number"),
        ({"quantity": D("1E+13")}, "lines/0/quantity", "at most"),
        ({"unit_price": D("1.00001")}, "lines/0/unit_price", "4 decimal places"),
        ({"unit_price": D("Infinity")}, "lines/0/unit_price", "number"),
        ({"quantity": D(1_000_000), "unit_price": D(1_000_001)}, "lines/0/quantity", "too large"),
        ({"tax": TaxSpec(D(-1))}, "lines/0/tax", "between 0 and 100"),
        ({"tax": TaxSpec(D(101))}, "lines/0/tax", "between 0 and 100"),
        ({"tax": TaxSpec(D("18.00001"))}, "lines/0/tax", "4 decimal places"),
        ({"tax": TaxSpec(D(18), D(1001))}, "lines/0/tax", "between 0 and 1000"),
        ({"tax": TaxSpec(D(18), cess_per_unit=D(-1))}, "lines/0/tax", "for each unit"),
        ({"tax": TaxSpec(D(18), cess_per_unit=D("1E-999999"))}, "lines/0/tax", "6 decimal places"),
        ({"tax": TaxSpec(components=(NEW_YORK[0], NEW_YORK[0]))}, "lines/0/tax", "each tax once"),
        ({"discount_percent": D("100.01")}, "lines/0/discount_percent", "between 0 and 100"),
        ({"discount_percent": D("1E-999999")}, "lines/0/discount_percent", "4 decimal places"),
        ({"discount_amount": D("100.01")}, "lines/0/discount_amount", "more than"),
        ({"discount_amount": D("-1")}, "lines/0/discount_amount", "sign"),
        ({"discount_amount": D("1.005")}, "lines/0/discount_amount", "2 decimal places"),
        ({"discount_amount": D("sNaN")}, "lines/0/discount_amount", "such as"),
    ],
)
def test_what_cannot_be_billed_is_refused_at_its_field(over, field, words):
    one = LineInput(**{"quantity": D(1), "unit_price": D(100), "tax": TaxSpec(D(18)), **over})
    with pytest.raises(ComputingProblem, match=words) as refusal:
        bill(one)
    assert refusal.value.field == field
    assert [error.pointer for error in refusal.value.errors] == [f"/{field}"]


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"discount_amount": D("100.01")}, "discount_amount"),
        ({"discount_percent": D(-1)}, "discount_percent"),
        ({"discount_percent": D(60), "discount_amount": D("40.01")}, "discount_amount"),
        ({"currency": "XXX"}, "currency"),
    ],
)  # fmt: skip
def test_what_a_document_may_not_say(over, field):
    with pytest.raises(ComputingProblem) as refusal:
        bill(line("1", "100.00"), **over)
    assert refusal.value.field == field


def test_a_discount_of_everything_and_a_document_without_lines():
    done = bill(line("3", "33.33"), line("1", "0.01", "5"), discount_percent=D(100))
    assert (str(done.total), str(done.discount_total)) == ("0.00", "100.00")
    assert str(bill().total) == "0.00"
    with pytest.raises(ComputingProblem, match="more than"):
        bill(discount_amount=D(1))


def test_five_thousand_lines_are_a_matter_of_a_moment():
    rates = ("5", "18", "28")
    lines = [line("3", f"{number % 97}.{number % 90 + 10}", rates[number % 3]) for number in range(5000)]
    begin = time.process_time()
    done = bill(*lines, discount_percent=D(3), tax_inclusive=True)
    assert time.process_time() - begin < 2
    assert sum(one.total for one in done.lines) == done.total
