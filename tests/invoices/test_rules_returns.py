"""GSTR-1 and the e-invoice, from plain documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracktok.invoices.rules import einvoice, gstr1
from tracktok.invoices.rules.gst_documents import GstDocument, GstLine, GstParty, unit_code

SUPPLIER = GstParty(
    "29AABCI5678G1Z7", "Acme Commute Private Limited", "", "12 Residency Road", "", "Bengaluru", "560025", "29"
)
BUYER = GstParty("27AAPFU0939F1ZV", "Globex LLP", "", "7 Ring Road", "", "Mumbai", "400001", "27")
PERSON = GstParty("", "Asha Rao", "", "1 Lake View", "", "Pune", "411001", "27")
ABROAD = GstParty("", "Initech GmbH", "", "Hauptstr. 1", "", "Berlin", "10115", "", "DE")


def line(taxable="1000.00", rate="18", *, inter=True, code="996412", **over):
    amount, percent = Decimal(taxable), Decimal(rate)
    tax = (amount * percent / 100).quantize(Decimal("0.01"))
    half = (tax / 2).quantize(Decimal("0.01"))
    taxes = {"igst": tax} if inter else {"cgst": half, "sgst": half}
    whole = amount + sum(taxes.values())
    made = {
        "description": "Cab hire", "hsn_sac": code, "quantity": Decimal(1), "unit": "trip", "unit_price": amount,
        "gross": amount, "taxable": amount, "tax_rate": percent, "total": whole, **taxes,
    }  # fmt: skip
    return GstLine(**{**made, **over})


def document(number="INV-26-ACM-00001", *lines, **over):
    lines = lines or (line(),)
    made = {
        "id": number, "kind": "invoice", "number": number, "day": date(2026, 11, 20), "supplier": SUPPLIER,
        "buyer": BUYER, "supply_type": "B2B", "place_of_supply": "27", "inter_state": True, "reverse_charge": False,
        "lines": lines, "total": sum((one.total for one in lines), Decimal(0)),
    }  # fmt: skip
    return GstDocument(**{**made, **over})


def consumer(number, *lines, **over):
    return document(number, *lines, buyer=PERSON, supply_type="B2C", **over)


def made(*documents, month=date(2026, 11, 1)):
    return gstr1.make_return(SUPPLIER.gstin, month, documents)


@pytest.mark.parametrize(
    ("over", "section"),
    [
        ({}, "b2b"),
        ({"supply_type": "SEZWOP"}, "b2b"),
        ({"kind": "credit_note", "original_number": "INV-1"}, "cdnr"),
        ({"kind": "debit_note", "original_number": "INV-1"}, "cdnr"),
        ({"buyer": PERSON, "supply_type": "B2C"}, "b2cs"),
        ({"buyer": PERSON, "supply_type": "B2C", "total": Decimal("100000.01")}, "b2cl"),
        ({"buyer": PERSON, "supply_type": "B2C", "total": Decimal(100_000)}, "b2cs"),
        ({"buyer": PERSON, "supply_type": "B2C", "total": Decimal(200_000), "day": date(2024, 7, 31)}, "b2cs"),
        ({"buyer": PERSON, "supply_type": "B2C", "total": Decimal(200_000), "day": date(2024, 8, 1)}, "b2cl"),
        ({"buyer": PERSON, "supply_type": "B2C", "total": Decimal(200_000), "inter_state": False}, "b2cs"),
        ({"buyer": ABROAD, "supply_type": "EXPWOP", "place_of_supply": "96"}, "exp"),
        ({"buyer": ABROAD, "supply_type": "EXPWP", "kind": "credit_note"}, "cdnur"),
        (
            {"buyer": PERSON, "supply_type": "B2C", "kind": "credit_note", "original_total": Decimal(300_000)},
            "cdnur",
        ),
        ({"buyer": PERSON, "supply_type": "B2C", "kind": "credit_note", "original_total": Decimal(300)}, "b2cs"),
    ],
)
def test_each_document_has_its_section(over, section):
    assert gstr1.section_of(document(**over)) == section


def test_a_credit_note_to_a_consumer_is_taken_off():
    told = made(
        consumer("INV-26-ACM-00001", line("1000.00")),
        consumer("CRN-26-ACM-00001", line("400.00"), kind="credit_note", original_number="INV-26-ACM-00001"),
    )
    (row,) = told.sections["b2cs"]
    assert (row["taxable"], row["igst"]) == (Decimal("600.00"), Decimal("108.00"))
    assert told.json["b2cs"] == [
        {"sply_ty": "INTER", "typ": "OE", "pos": "27", "rt": 18, "txval": 600, "iamt": 108, "csamt": 0}
    ]
    assert told.totals.taxable == Decimal("600.00")


def test_nil_rated_lines_are_told_once_and_apart():
    told = made(document("INV-1", line("1000.00"), line("250.00", "0")), document("INV-2", line("99.00", "0")))
    assert [row["taxable"] for row in told.sections["b2b"]] == [Decimal("1000.00")]
    assert [invoice["inum"] for party in told.json["b2b"] for invoice in party["inv"]] == ["INV-1"]
    assert told.sections["nil"] == [{"sply_ty": "INTRB2B", "nil_amt": 349, "expt_amt": 0, "ngsup_amt": 0}]


def test_an_intra_state_invoice_tells_both_halves():
    told = made(document("INV-1", line("33.33", "5", inter=False), inter_state=False, place_of_supply="29"))
    detail = told.json["b2b"][0]["inv"][0]["itms"][0]["itm_det"]
    assert set(detail) == {"rt", "txval", "camt", "samt", "csamt"}


def test_an_export_without_payment_has_no_rate():
    told = made(
        document(
            "INV-1", line("1000.00", "18", igst=Decimal(0)), buyer=ABROAD, supply_type="EXPWOP", place_of_supply="96"
        )
    )
    assert told.json["exp"][0]["exp_typ"] == "WOPAY"
    assert told.json["exp"][0]["inv"][0]["itms"] == [{"rt": 0, "txval": 1000, "iamt": 0, "csamt": 0}]


@pytest.mark.parametrize(("month", "keys"), [(date(2025, 4, 1), {"data"}), (date(2025, 5, 1), {"hsn_b2b", "hsn_b2c"})])
def test_hsn_is_apart_from_may_2025(month, keys):
    assert set(made(document(), consumer("INV-2"), month=month).json["hsn"]) == keys


def test_issued_numbers_count_void_ones():
    told = made(
        document("INV-26-ACM-00001"), document("INV-26-ACM-00002", is_void=True), document("INV-26-ACM-00010"),
        document("CRN-26-ACM-00001", kind="credit_note", original_number="INV-26-ACM-00001"),
    )  # fmt: skip
    rows = [
        (row["doc_num"], row["from"], row["to"], row["total"], row["cancelled"]) for row in told.sections["doc_issue"]
    ]
    assert rows == [
        (1, "INV-26-ACM-00001", "INV-26-ACM-00010", 3, 1),
        (5, "CRN-26-ACM-00001", "CRN-26-ACM-00001", 1, 0),
    ]
    assert "INV-26-ACM-00002" not in str(told.json["b2b"])


def test_what_the_portal_would_refuse_is_said():
    told = made(document("0INV", line(code="99"), line(code="")), document("INV-2"))
    assert {one.number for one in told.refused} == {"0INV"}
    assert len(told.refused) == 3


@given(
    st.lists(
        st.tuples(st.integers(1, 10**8), st.sampled_from(["0", "5", "12", "18"]), st.booleans(), st.booleans()),
        max_size=8,
    )
)
def test_sections_add_up_to_the_documents(rows):
    documents = []
    for number, (paise, rate, registered, note) in enumerate(rows, 1):
        over = {"kind": "credit_note", "original_number": "X1"} if note else {}
        make = document if registered else consumer
        documents.append(make(f"D-{number}", line(str(Decimal(paise) / 100), rate), **over))
    told = made(*documents)
    signed = sum((-one.lines[0].taxable if one.kind == "credit_note" else one.lines[0].taxable) for one in documents)
    listed = sum(
        (-row["taxable"] if row["kind"] == "credit_note" else row["taxable"])
        for name in ("b2b", "b2cl", "cdnr", "cdnur", "exp")
        for row in told.sections[name]
    )
    consumers = sum(row["taxable"] for row in told.sections["b2cs"])
    nil = sum(row["nil_amt"] for row in told.sections["nil"])
    by_code = sum(row["taxable"] for name in ("hsn_b2b", "hsn_b2c") for row in told.sections[name])
    assert told.totals.taxable == signed == listed + consumers + nil == by_code


@pytest.mark.parametrize(
    ("unit", "code"), [("trip", "OTH"), ("km", "KME"), ("KGS", "KGS"), ("Nos.", "NOS"), ("", "OTH"), ("parsec", "OTH")]
)
def test_units(unit, code):
    assert unit_code(unit, service=False) == code
    assert unit_code(unit, service=True) == "NA"


def test_an_e_invoice_adds_up():
    one = document("INV-26-ACM-00001", line("32185.40"), line("100.00", "5"), round_off=Decimal("0.00"))
    assert einvoice.problems(one) == []
    told = einvoice.build(one)
    assert told["DocDtls"] == {"Typ": "INV", "No": "INV-26-ACM-00001", "Dt": "20/11/2026"}
    assert told["ValDtls"]["AssVal"] == Decimal("32285.40")
    assert told["ValDtls"]["TotInvVal"] == sum(item["TotItemVal"] for item in told["ItemList"])
    assert told["ItemList"][0]["UnitPrice"].as_tuple().exponent == -3


def test_an_export_names_the_buyer_abroad():
    told = einvoice.build(
        document(
            buyer=ABROAD, supply_type="EXPWOP", place_of_supply="96", currency="EUR", exchange_rate=Decimal("98.40")
        )
    )
    buyer = told["BuyerDtls"]
    assert (buyer["Gstin"], buyer["Pin"], buyer["Stcd"], buyer["Pos"]) == ("URP", 999999, "96", "96")
    assert told["ExpDtls"] == {"ForCur": "EUR", "CntCode": "DE"}
    assert told["ValDtls"]["TotInvVal"] == Decimal("116112.00")
    assert told["ValDtls"]["TotInvValFc"] == Decimal("1180.00")


@pytest.mark.parametrize(
    ("over", "word"),
    [
        ({"buyer": PERSON, "supply_type": "B2C"}, "consumers"),
        ({"is_void": True}, "void"),
        ({"number": "-1"}, "number"),
        (
            {"buyer": GstParty("27AAPFU0939F1ZV", "Globex", city="Mumbai", postal_code="400001", state_code="27")},
            "address",
        ),
        ({"lines": (line(code="12345"),)}, "HSN"),
        ({"lines": (line("-5.00"),)}, "negative"),
        ({"lines": (line("1.00"),) * 1001}, "1,000"),
    ],
)
def test_what_the_e_invoice_portal_would_refuse(over, word):
    assert any(word in problem for problem in einvoice.problems(document(**over)))


def test_under_reverse_charge_taxes_are_told_and_not_charged():
    told = einvoice.build(document("INV-1", line("96450.00", "5", total=Decimal("96450.00")), reverse_charge=True))
    assert told["TranDtls"]["RegRev"] == "Y"
    assert told["ItemList"][0]["IgstAmt"] == Decimal("4822.50")
    assert told["ValDtls"]["TotInvVal"] == Decimal("96450.00") == told["ItemList"][0]["TotItemVal"]
