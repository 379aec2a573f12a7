"""States, tax identities, postal codes: tables of cases, and a property of the check character."""

from __future__ import annotations

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from tracktok.customers.rules import identity, states

VALID = ["29AABCI5678G1Z7", "27AAPFU0939F1ZV", "29AAGCB7383J1Z4"]
BASE_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(
    "text", [*VALID, "29aabci5678g1z7", " 27 AAPFU 0939F 1ZV ", "38AAGCB7383J1Z5", "97AAGCB7383J1Z1"]
)
def test_these_gstins_are_right(text):
    assert identity.gstin_problem(text) is None


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "15 characters; this has 0"),
        ("29AABCI5678G1Z", "this has 14"),
        ("29AABCI5678G1Z77", "this has 16"),
        ("29AABCI5678G1₹7", "not “₹”"),
        ("00AABCI5678G1Z7", "00 is none"),
        ("39AABCI5678G1Z7", "39 is none"),
        ("96AABCI5678G1Z7", "96 is none"),
        ("AAAABCI5678G1Z7", "AA is none"),
        ("291ABCI5678G1Z7", "here 1ABCI5678G"),
        ("29AABCI567AG1Z7", "five letters, four digits and a letter"),
        ("29AABCI5678G0Z7", "never 0"),
        ("29AABCI5678G117", "Character 14 of a GSTIN is Z, not 1"),
        ("29AABCI5678G1Z8", "is 8, but 7 belongs"),
        ("29ABCDE1234F1Z5", "is 5, but W belongs"),
        ("29ABCDE1234F1ZW", "fourth letter of a PAN"),
        ("29AABCI0000G1Z9", "begin at 0001"),
    ],
)
def test_what_is_wrong_with_a_gstin(text, wrong):
    assert wrong in identity.gstin_problem(text)


@given(st.sampled_from(VALID), st.integers(0, 14), st.sampled_from(BASE_36))
def test_one_mistyped_character_is_always_noticed(gstin, position, other):
    changed = gstin[:position] + other + gstin[position + 1 :]
    assert (identity.gstin_problem(changed) is None) == (changed == gstin)


@given(st.text("29ABCPZ01 -₹é\n\0९", max_size=20))
def test_any_text_is_answered(text):
    assert identity.gstin_problem(text)
    assert isinstance(identity.pan_kind(text), str)
    assert isinstance(identity.gstin_state(text), str)
    assert identity.pan_problem(text) or identity.pan_kind(text)


@given(st.from_regex(rf"[A-Z]{{3}}[{''.join(identity.PAN_KINDS)}][A-Z][0-9]{{4}}[A-Z]", fullmatch=True))
def test_a_pan_tells_who_holds_it(pan):
    assert identity.pan_kind(pan) == identity.PAN_KINDS[pan[3]]
    assert (identity.pan_problem(pan) is None) == (pan[5:9] != "0000")
    assert identity.pan_problem(pan[:-1]) == "A PAN has 10 characters; this has 9."


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("AAPFU0939F", None),
        ("aapfu0939f", None),
        ("AAPFU0939", "this has 9"),
        ("AAPF10939F", "five letters"),
        ("AAPXU0939F", "X is none"),
        ("AAPFU0000F", "0001"),
    ],
)
def test_pan(text, wrong):
    problem = identity.pan_problem(text)
    assert problem is None if wrong is None else wrong in problem


@pytest.mark.parametrize(
    ("text", "pan", "kind", "state", "corporate"),
    [
        ("29AABCI5678G1Z7", "AABCI5678G", "company", "29", True),
        ("27AAPFU0939F1ZV", "AAPFU0939F", "firm", "27", None),
        ("29ABCPD1234F1ZW", "ABCPD1234F", "individual", "29", False),
        ("29BLRX12345A1ZX", "", "", "29", None),
        ("99", "", "", "", None),
    ],
)
def test_what_a_gstin_says(text, pan, kind, state, corporate):
    assert identity.pan_of_gstin(text) == pan
    assert identity.pan_kind(text) == kind
    assert identity.gstin_state(text) == state
    assert identity.is_body_corporate(text) is corporate


def test_a_gstin_and_the_address_belong_together():
    assert identity.gstin_mismatch("29AABCI5678G1Z7", state="29", pan="AABCI5678G") is None
    assert "is of Karnataka, but the address is in Maharashtra" in identity.gstin_mismatch(VALID[0], state="27")
    assert "PAN AABCI5678G" in identity.gstin_mismatch(VALID[0], pan="AAPFU0939F")


@pytest.mark.parametrize(
    ("country", "code", "wrong"),
    [
        ("IN", "560001", None),
        ("IN", "560 001", None),
        ("IN", "", None),
        ("IN", "056000", "six digits"),
        ("IN", "56000", "six digits"),
        ("IN", "56000A", "six digits"),
        ("IN", "५६०००१", "six digits"),
        ("GB", "SW1A 1AA", None),
        ("US", "94107-1234", None),
        ("GB", "SW1A<1AA", "letters, digits"),
        ("AE", "x" * 13, "12 at most"),
    ],
)
def test_postal_codes(country, code, wrong):
    problem = identity.postal_code_problem(country, code)
    assert problem is None if wrong is None else wrong in problem


def test_a_pin_code_of_another_state_is_remarked_only():
    assert identity.postal_code_warning("29", "560001") is None
    assert "Karnataka usually begin with 56, 57, 58 or 59; this begins with 40" in identity.postal_code_warning(
        "29", "400001"
    )
    assert identity.postal_code_warning("96", "400001") is None
    assert identity.postal_code_warning("29", "SW1A") is None


def test_the_states_are_those_of_the_schema():
    codes = {f"{number:02d}" for number in range(1, 39)} | {"96", "97"}
    assert set(states.STATES) == codes
    offered = dict(states.state_choices(overseas=True))
    assert set(offered) == codes - {"25", "28"}
    assert "96" not in dict(states.state_choices())
    assert states.state_name("29") == "Karnataka"
    assert states.state_label("07") == "Delhi (07)"
    assert states.state_name("99") == states.state_label("") == ""
    names = [name for _, name in states.state_choices()]
    assert names == sorted(names)


def test_territories_without_a_legislature_levy_utgst():
    assert {code for code in states.STATES if states.levies_utgst(code)} == {"04", "25", "26", "31", "35", "38", "97"}
    assert not states.levies_utgst("nowhere")


@pytest.mark.parametrize(
    ("code", "overseas", "wrong"),
    [("29", False, None), ("97", False, None), ("96", False, "Choose"), ("96", True, None), ("", False, "Choose"),
     ("28", False, "no longer"), ("39", True, "Choose")],
)  # fmt: skip
def test_states_of_addresses(code, overseas, wrong):
    problem = states.state_problem(code, overseas=overseas)
    assert problem is None if wrong is None else wrong in problem


def test_every_country_has_a_name():
    assert len(states.COUNTRIES) == len(set(states.COUNTRIES)) == 249
    names = Locale("en").territories
    assert all(names[code] for code in states.COUNTRIES)
    assert states.country_problem("IN") is None
    assert states.country_problem("XX") == "Use a country's two-letter code, such as IN, AE or GB."
