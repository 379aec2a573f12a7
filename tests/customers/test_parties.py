"""Tables and properties: identities made whole, codes, parts of a tax, prices of a day, short codes, defaults."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracktok.customers.rules import catalog, defaults, parties
from tracktok.customers.rules.identity import gstin_problem
from tracktok.customers.rules.parties import Party, TaxSettings, settle_company, settle_customer
from tracktok.customers.rules.states import COUNTRIES, STATES

KA, MH = "29AAGCB7383J1Z4", "27AAPFU0939F1ZV"


@pytest.mark.parametrize(
    ("said", "home", "told"),
    [
        (Party(gstin=KA.lower()), "IN", Party("registered", KA, "AAGCB7383J", "29", "IN")),
        (Party(gstin=KA), "DE", Party("registered", KA, "AAGCB7383J", "29", "IN")),
        (Party(gstin=MH, gst_category="sez"), "IN", Party("sez", MH, "AAPFU0939F", "27", "IN")),
        (Party(), "IN", Party("unregistered", country="IN")),
        (Party(), "DE", Party("overseas", state_code="96", country="DE")),
        (Party(country="ae"), "IN", Party("overseas", state_code="96", country="AE")),
        (Party(state_code="07"), "IN", Party("unregistered", state_code="07", country="IN")),
    ],
)
def test_a_customer_is_made_whole(said, home, told):
    looked = settle_customer(said, home)
    assert looked.problems == ()
    assert looked.party == told


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        (Party(gstin="29X", postal_code="12", country="IN"), {"gstin", "postal_code"}),
        (Party(gst_category="overseas"), {"country"}),
        (Party(gst_category="overseas", country="IN"), {"country"}),
        (Party(gst_category="registered", country="IN"), {"gstin"}),
        (Party(gstin=KA, state_code="27"), {"gstin"}),
        (Party(gstin=KA, state_code="27", pan="AAPFU0939F"), {"gstin", "pan"}),
        (Party(gstin=KA, country="AE"), {"country"}),
        (Party(country="ZZ"), {"country"}),
        (Party(state_code="25"), {"state_code"}),
    ],
)
def test_what_contradicts_is_named(said, fields):
    assert {name for name, _ in settle_customer(said).problems} == fields


_CATEGORIES = st.sampled_from(["", "registered", "unregistered", "sez", "overseas"])
_PARTIES = st.builds(
    Party,
    gst_category=_CATEGORIES,
    gstin=st.sampled_from(["", KA, MH, "29ABCDE1234F1Z5"]),
    pan=st.sampled_from(["", "AAGCB7383J", "AAPFU0939F", "nonsense"]),
    state_code=st.sampled_from(["", *STATES]),
    country=st.sampled_from(["", "IN", "AE", "US", "ZZ"]),
    postal_code=st.sampled_from(["", "560025", "1"]),
)


@given(_PARTIES, st.sampled_from(["IN", "DE"]))
def test_what_is_accepted_never_contradicts_itself(said, home):
    looked = settle_customer(said, home)
    party = looked.party
    if looked.problems:
        return
    assert party.gst_category
    assert party.country in COUNTRIES
    assert (party.gst_category in {"registered", "sez"}) == bool(party.gstin)
    assert (party.gst_category == "overseas") == (party.country != "IN")
    if party.gstin:
        assert party.gstin[:2] == party.state_code
        assert party.gstin[2:12] == party.pan
        assert gstin_problem(party.gstin) is None
    # What has been made whole stays as it is.
    assert settle_customer(party, home).party == party


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (TaxSettings(gstin=KA), ("gst", True, "29", "AAGCB7383J", True)),
        (TaxSettings(gstin=MH), ("gst", True, "27", "AAPFU0939F", None)),
        (TaxSettings(gstin=KA, body_corporate=False), ("gst", True, "29", "AAGCB7383J", False)),
        (TaxSettings(), ("none", False, "", "", None)),
        (TaxSettings(regime="generic"), ("generic", False, "", "", None)),
        (TaxSettings(country="de"), ("generic", False, "", "", None)),
        (TaxSettings(country="DE", regime="none"), ("none", False, "", "", None)),
    ],
)
def test_a_companys_taxes_are_made_whole(said, told):
    settled = settle_company(said)
    assert settled.problems == ()
    found = settled.settings
    assert (found.regime, found.registered, found.state_code, found.pan, found.body_corporate) == told


@given(
    st.builds(
        TaxSettings,
        regime=st.sampled_from(["", "gst", "generic", "none"]),
        registered=st.sampled_from([None, True, False]),
        gstin=st.sampled_from(["", KA, MH, "29ABCDE1234F1Z5"]),
        state_code=st.sampled_from(["", "27", "29", "96"]),
        country=st.sampled_from(["IN", "DE", "ZZ"]),
        lut=st.booleans(),
    )
)
def test_gst_a_gstin_and_being_registered_go_together(said):
    settled = settle_company(said)
    if not settled.problems:
        found = settled.settings
        assert (found.regime == "gst") == bool(found.gstin) == bool(found.registered)
        assert not found.lut or found.gstin


@pytest.mark.parametrize(
    ("code", "goods", "right"),
    [
        ("", False, True), ("9966", False, True), ("99661", False, True), ("996601", False, True),
        ("996601", True, False), ("8703", True, True), ("8703", False, False), ("87032291", True, True),
        ("99", False, False), ("9966012", False, False), ("99AB", False, False),
    ],
)  # fmt: skip
def test_hsn_and_sac(code, goods, right):
    assert (catalog.hsn_sac_problem(code, goods=goods) is None) is right


def test_a_compound_tax_is_also_on_those_before_it():
    parts = [catalog.TaxPart("a", "A", Decimal(5)), catalog.TaxPart("b", "B", Decimal(10), compound=True)]
    assert catalog.percent_of(parts) == Decimal("15.5")
    assert catalog.percent_of(reversed(parts)) == 15
    assert catalog.percent_of([]) == 0


def test_parts_of_the_same_name_have_codes_of_their_own():
    assert catalog.part_code("City Tax") == "city_tax"
    assert catalog.part_code("City Tax", ["city_tax", "city_tax_2"]) == "city_tax_3"
    assert catalog.part_code("税") == "tax"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Acme Logistics Pvt Ltd", "ACME"), ("Bluewater", "BLUEWA"), ("The A to Z Company", "ATOZ"), ("X Ltd", "XXX"),
        ("Company", "COMPAN"), ("शर्मा", "ORG"), ("A1", "A1X"),
    ],
)  # fmt: skip
def test_short_codes(name, code):
    assert defaults.org_code_of(name) == code


@pytest.mark.parametrize(
    ("price", "currency", "text"),
    [("1000.000000000000", "INR", "1000.00"), ("14.7525", "INR", "14.7525"), ("5", "JPY", "5"), ("0", "KWD", "0.000")],
)
def test_prices_as_the_api_writes_them(price, currency, text):
    assert catalog.format_price(Decimal(price), currency) == text


def test_default_rates_begin_in_order_and_services_name_them():
    names = {rate.name for rate in defaults.GST_RATES}
    for rate in defaults.GST_RATES:
        days = [since for since, _ in rate.periods]
        assert days == sorted(set(days))
    for service in defaults.TRANSPORT_SERVICES:
        assert service.rate in names
        assert catalog.hsn_sac_problem(service.hsn_sac, goods=False) is None
    assert all(country in COUNTRIES for country in defaults._ELSEWHERE)
    assert defaults.rates_elsewhere("US") == ()
    assert parties.GST == "gst"
