"""Where a supply takes place, what kind it is, and what contradicts itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tracktok.core.errors import DomainError
from tracktok.invoices.rules import law
from tracktok.invoices.rules.supply import (
    STATEMENTS,
    Supply,
    SupplyProblem,
    decide_supply,
    details_required,
    place_of_supply,
    reverse_charge_note,
)
from tracktok.invoices.rules.taxes import TaxSpec, regime_of

D = Decimal
BENGALURU, MUMBAI = "29AAGCB7383J1Z4", "27AAPFU0939F1ZV"


@pytest.mark.parametrize(
    ("kind", "registered", "buyer", "origin", "country", "place"),
    [
        ("goods_transport", True, "27", "33", "IN", "27"),
        ("goods_transport", False, "27", "33", "IN", "33"),
        ("goods_transport", False, "27", "", "IN", "29"),
        ("passenger_transport", True, "27", "33", "IN", "27"),
        ("passenger_transport", False, "27", "33", "IN", "33"),
        ("passenger_transport", False, "27", "", "IN", "29"),
        ("other", True, "27", "33", "IN", "27"),
        ("other", False, "27", "33", "IN", "27"),
        ("other", False, "", "33", "IN", "29"),
        ("goods", False, "27", "33", "IN", "27"),
        ("other", False, "", "", "AE", "96"),
        ("goods_transport", False, "", "29", "AE", "96"),
        ("passenger_transport", False, "", "", "AE", "96"),
        ("passenger_transport", False, "", "33", "AE", "33"),
        ("other", False, "96", "", "IN", "96"),
    ],
)
def test_place_of_supply(kind, registered, buyer, origin, country, place):
    found = place_of_supply(
        kind=kind, buyer_registered=registered, buyer_state=buyer, origin_state=origin, supplier_state="29",
        buyer_country=country,
    )  # fmt: skip
    assert found == place


def decide(category: str, gstin: str = "", **over) -> Supply:
    return decide_supply(**{"supplier_state": "29", "gst_category": category, "buyer_gstin": gstin, **over})


@pytest.mark.parametrize(
    ("category", "gstin", "over", "type_", "place", "inter", "charged"),
    [
        ("registered", BENGALURU, {}, "B2B", "29", False, True),
        ("registered", MUMBAI, {}, "B2B", "27", True, True),
        ("registered", MUMBAI, {"buyer_state": "29"}, "B2B", "27", True, True),
        ("registered", MUMBAI, {"place": "29"}, "B2B", "29", False, True),
        ("registered", MUMBAI, {"kind": "goods_transport", "origin_state": "29"}, "B2B", "27", True, True),
        ("unregistered", "", {"buyer_state": "27"}, "B2C", "27", True, True),
        ("unregistered", "", {}, "B2C", "29", False, True),
        ("unregistered", "", {"buyer_state": "27", "kind": "passenger_transport", "origin_state": "29"},
         "B2C", "29", False, True),
        ("registered", BENGALURU, {"reverse_charge": True}, "B2B", "29", False, False),
        ("sez", BENGALURU, {}, "SEZWP", "29", True, True),
        ("sez", BENGALURU, {"lut": True}, "SEZWOP", "29", True, False),
        ("sez", BENGALURU, {"lut": True, "supply_type": "SEZWP"}, "SEZWP", "29", True, True),
        ("overseas", "", {"buyer_country": "AE"}, "EXPWP", "96", True, True),
        ("overseas", "", {"buyer_country": "AE", "lut": True}, "EXPWOP", "96", True, False),
        ("overseas", "", {"buyer_country": "AE", "kind": "passenger_transport", "origin_state": "29"},
         "B2C", "29", False, True),
        ("registered", BENGALURU, {"supplier_is_sez": True}, "B2B", "29", True, True),
        ("unregistered", "", {"place": "97"}, "B2C", "97", True, True),
    ],
)  # fmt: skip
def test_decisions(category, gstin, over, type_, place, inter, charged):
    found = decide(category, gstin, **over)
    assert (found.supply_type, found.place_of_supply, found.inter_state, found.charged) == (
        type_, place, inter, charged,
    )  # fmt: skip
    if type_ in STATEMENTS:
        assert found.statement == STATEMENTS[type_]


@pytest.mark.parametrize(
    ("category", "gstin", "over", "field"),
    [
        ("unregistered", "", {"reverse_charge": True}, "reverse_charge"),
        ("overseas", "", {"buyer_country": "AE", "reverse_charge": True}, "reverse_charge"),
        ("sez", BENGALURU, {"reverse_charge": True}, "reverse_charge"),
        ("overseas", "", {"buyer_country": "AE", "supply_type": "EXPWP", "place": "29"}, "place_of_supply"),
        ("registered", BENGALURU, {"supply_type": "EXPWP"}, "supply_type"),
        ("registered", BENGALURU, {"place": "96"}, "place_of_supply"),
        ("registered", BENGALURU, {"place": "28"}, "place_of_supply"),
        ("unregistered", "", {"place": "42"}, "place_of_supply"),
        ("sez", "", {}, "gstin"),
        ("sez", BENGALURU, {"supply_type": "B2B"}, "supply_type"),
        ("registered", BENGALURU, {"supply_type": "SEZWP"}, "supply_type"),
        ("registered", "", {}, "gstin"),
        ("registered", "29ABCDE1234F1Z5", {}, "gstin"),
        ("unregistered", "", {"supply_type": "B2B"}, "gstin"),
        ("registered", BENGALURU, {"supply_type": "B2C"}, "supply_type"),
        ("unregistered", BENGALURU, {}, "gstin"),
        ("overseas", "", {}, "buyer_country"),
        ("overseas", BENGALURU, {"buyer_country": "AE"}, "gstin"),
        ("unregistered", "", {"buyer_country": "AE"}, "buyer_country"),
        ("unregistered", "", {"buyer_state": "55"}, "buyer_state"),
        ("overseas", "", {"buyer_country": "AE", "supply_type": "B2C"}, "supply_type"),
        ("overseas", "", {"buyer_country": "AE", "supply_type": "EXPWOP"}, "supply_type"),
        ("sez", BENGALURU, {"supply_type": "SEZWOP"}, "supply_type"),
        ("registered", BENGALURU, {"supply_type": "B2G"}, "supply_type"),
        ("foreign", "", {}, "gst_category"),
        ("registered", BENGALURU, {"supplier_state": ""}, "supplier_state"),
        ("registered", BENGALURU, {"supplier_state": "96"}, "supplier_state"),
    ],
)
def test_contradictions_are_refused_at_their_field(category, gstin, over, field):
    with pytest.raises(SupplyProblem) as refusal:
        decide(category, gstin, **over)
    assert refusal.value.field == field
    assert refusal.value.errors[0].pointer == f"/{field}"
    assert isinstance(refusal.value, DomainError)
    assert refusal.value.status == 422


def test_the_sentences_of_the_law():
    assert STATEMENTS["EXPWOP"].endswith("WITHOUT PAYMENT OF INTEGRATED TAX")
    assert STATEMENTS["SEZWOP"].endswith("WITHOUT PAYMENT OF INTEGRATED TAX")
    assert STATEMENTS["EXPWP"].endswith("EXPORT ON PAYMENT OF INTEGRATED TAX")
    assert STATEMENTS["SEZWP"].endswith("ON PAYMENT OF INTEGRATED TAX")
    assert "REVERSE CHARGE" in decide("registered", BENGALURU, reverse_charge=True).statement
    assert decide("registered", BENGALURU).statement == ""


def test_the_note_of_reverse_charge():
    assert reverse_charge_note({"igst": D("1234567.50")}, "INR") == (
        "Tax payable by the recipient under reverse charge: IGST 12,34,567.50."
    )
    assert reverse_charge_note({}, "INR").startswith("Tax on this supply is payable by the recipient")
    assert "VAT 1,900." in reverse_charge_note({"vat": D(1900)}, "JPY", {"vat": "VAT"})


@pytest.mark.parametrize(
    ("category", "gstin", "over", "codes"),
    [
        ("registered", BENGALURU, {}, ["cgst", "sgst"]),
        ("registered", MUMBAI, {}, ["igst"]),
        ("unregistered", "", {"supplier_state": "38"}, ["cgst", "utgst"]),
        ("unregistered", "", {"supplier_state": "07"}, ["cgst", "sgst"]),
        ("sez", BENGALURU, {}, ["igst"]),
        ("sez", BENGALURU, {"lut": True}, []),
        ("overseas", "", {"buyer_country": "AE", "lut": True}, []),
        ("overseas", "", {"buyer_country": "AE"}, ["igst"]),
        ("registered", BENGALURU, {"reverse_charge": True}, ["cgst", "sgst"]),
    ],
)
def test_the_split(category, gstin, over, codes):
    found = regime_of("gst").components(TaxSpec(D(18)), decide(category, gstin, **over))
    assert [one.code for one in found] == codes
    assert sum(one.percent for one in found) == (18 if codes else 0)
    assert regime_of("gst").components(TaxSpec(), decide(category, gstin, **over)) == ()


def test_unknown_regimes_are_no_regimes():
    with pytest.raises(KeyError):
        regime_of("vat")


@pytest.mark.parametrize(
    ("supply_type", "value", "needed"),
    [("B2C", "49999.99", False), ("B2C", "50000", True), ("B2B", "90000", False)],
)
def test_when_an_unregistered_buyer_must_be_named(supply_type, value, needed):
    assert details_required(supply_type, D(value), date(2026, 11, 20)) is needed


@pytest.mark.parametrize(
    ("sac", "rate", "supplier", "registered", "buyer", "expected"),
    [
        ("996601", "5", False, True, True, True),
        ("996601", "5", True, True, True, False),
        ("996601", "5", False, True, False, False),
        ("996601", "5", None, True, True, False),
        ("996601", "18", False, True, True, False),
        ("996601", "5", False, False, True, False),
        ("996511", "5", True, True, None, True),
        ("996511", "18", True, True, None, False),
        ("996511", "5", True, False, None, False),
        ("996791", "5", True, True, None, True),
        ("996412", "5", False, True, True, False),
    ],
)
def test_where_reverse_charge_is_expected(sac, rate, supplier, registered, buyer, expected):
    found = law.expects_reverse_charge(
        sac, D(rate), supplier_is_body_corporate=supplier, buyer_is_registered=registered, buyer_is_body_corporate=buyer
    )
    assert found is expected


def test_what_holds_on_a_day():
    assert law.in_force(law.E_INVOICE_ABOVE, date(2023, 7, 31)) == 100_000_000
    assert law.in_force(law.E_INVOICE_ABOVE, date(2026, 11, 20)) == 50_000_000
    assert law.in_force(law.E_INVOICE_ABOVE, date(2019, 1, 1)) is None
    assert law.credit_note_deadline(date(2026, 11, 20)) == date(2027, 11, 30)
    assert law.credit_note_deadline(date(2027, 3, 31)) == date(2027, 11, 30)
    assert law.kept_until(date(2026, 11, 20)) == date(2033, 12, 31)
    assert law.hsn_digits(D(50_000_000), date(2026, 1, 1)) == 4
    assert law.hsn_digits(D(50_000_001), date(2026, 1, 1)) == 6
