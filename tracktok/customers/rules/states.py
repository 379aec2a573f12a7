"""The States and territories of India as GST numbers them, and the countries of the world by code.

The two digits are those of the GSTIN and of the e-invoice schema (INV-01 v1.1, "State code").
"""

from __future__ import annotations

from dataclasses import dataclass

OTHER_COUNTRY = "96"
"""The State code of a buyer or a place of supply outside India."""
OTHER_TERRITORY = "97"
"""The State code of the sea, the continental shelf and the like (section 2(114)(f) of the CGST Act, 2017)."""
INDIA = "IN"


@dataclass(frozen=True, slots=True)
class State:
    """A State or territory. `pin` are the first two digits of its postal codes.

    `is_union_territory_without_legislature`: its own tax is UTGST, not SGST (section 2(114) of the CGST Act, 2017;
    Delhi, Puducherry and Jammu and Kashmir have legislatures and levy SGST). `is_former`: found in old identities
    only, never offered. `is_place`: part of India.
    """

    code: str
    name: str
    is_union_territory_without_legislature: bool = False
    pin: tuple[str, ...] = ()
    is_former: bool = False
    is_place: bool = True


def _pins(first: int, last: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(first, last + 1))


STATES: dict[str, State] = {
    state.code: state
    for state in (
        State("01", "Jammu and Kashmir", pin=("18", "19")),
        State("02", "Himachal Pradesh", pin=("17",)),
        State("03", "Punjab", pin=("14", "15", "16")),
        State("04", "Chandigarh", is_union_territory_without_legislature=True, pin=("14", "16")),
        State("05", "Uttarakhand", pin=("24", "26")),
        State("06", "Haryana", pin=("12", "13")),
        State("07", "Delhi", pin=("11",)),
        State("08", "Rajasthan", pin=_pins(30, 34)),
        State("09", "Uttar Pradesh", pin=_pins(20, 28)),
        State("10", "Bihar", pin=_pins(80, 85)),
        State("11", "Sikkim", pin=("73",)),
        State("12", "Arunachal Pradesh", pin=("79",)),
        State("13", "Nagaland", pin=("79",)),
        State("14", "Manipur", pin=("79",)),
        State("15", "Mizoram", pin=("79",)),
        State("16", "Tripura", pin=("79",)),
        State("17", "Meghalaya", pin=("78", "79")),
        State("18", "Assam", pin=("78", "79")),
        State("19", "West Bengal", pin=_pins(70, 74)),
        State("20", "Jharkhand", pin=_pins(81, 83)),
        State("21", "Odisha", pin=_pins(75, 77)),
        State("22", "Chhattisgarh", pin=("49",)),
        State("23", "Madhya Pradesh", pin=_pins(45, 48)),
        State("24", "Gujarat", pin=_pins(36, 39)),
        State("25", "Daman and Diu", is_union_territory_without_legislature=True, pin=("36", "39"), is_former=True),
        State(
            "26", "Dadra and Nagar Haveli and Daman and Diu", is_union_territory_without_legislature=True,
            pin=("36", "39"),
        ),
        State("27", "Maharashtra", pin=_pins(40, 44)),
        State("28", "Andhra Pradesh (before division)", pin=_pins(50, 53), is_former=True),
        State("29", "Karnataka", pin=_pins(56, 59)),
        State("30", "Goa", pin=("40",)),
        State("31", "Lakshadweep", is_union_territory_without_legislature=True, pin=("68",)),
        State("32", "Kerala", pin=_pins(67, 69)),
        State("33", "Tamil Nadu", pin=_pins(60, 64)),
        State("34", "Puducherry", pin=("53", "60", "67")),
        State("35", "Andaman and Nicobar Islands", is_union_territory_without_legislature=True, pin=("74",)),
        State("36", "Telangana", pin=("50",)),
        State("37", "Andhra Pradesh", pin=_pins(51, 53)),
        State("38", "Ladakh", is_union_territory_without_legislature=True, pin=("19",)),
        State(OTHER_COUNTRY, "Other country", is_place=False),
        State(OTHER_TERRITORY, "Other territory", is_union_territory_without_legislature=True),
    )
}  # fmt: skip
"""By code. 25 became part of 26 on 26 January 2020; 28 is the undivided Andhra Pradesh of before June 2014."""

COUNTRIES: tuple[str, ...] = tuple(
    """AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO
    JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR
    MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO
    RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV
    TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW""".split()
)
"""ISO 3166-1 alpha-2, all 249. Names come from Babel in the reader's language where they are shown."""
_KNOWN_COUNTRIES = frozenset(COUNTRIES)


def state_name(code: str) -> str:
    """The name of a State by its code; "" for no code of a State."""
    state = STATES.get(code)
    return state.name if state else ""


def state_label(code: str) -> str:
    """The State as an invoice writes it, name and code (Rule 46(n) of the CGST Rules, 2017): "Karnataka (29)"."""
    state = STATES.get(code)
    return f"{state.name} ({code})" if state else ""


def state_choices(*, overseas: bool = False) -> list[tuple[str, str]]:
    """(code, name) of the States that are offered, by name; with `overseas`, "Other country" at the end."""
    inside = [(state.code, state.name) for state in STATES.values() if state.is_place and not state.is_former]
    inside.sort(key=lambda choice: choice[1])
    return [*inside, (OTHER_COUNTRY, STATES[OTHER_COUNTRY].name)] if overseas else inside


def state_problem(code: str, *, overseas: bool = False) -> str | None:
    """What is wrong with the State code of an address, or None. `overseas` allows 96."""
    state = STATES.get(code)
    if state is None or (not state.is_place and not overseas):
        return "Choose a State or Union territory of India."
    if state.is_former:
        return f"{state.name} ({code}) is no longer in use; choose the State it belongs to now."
    return None


def levies_utgst(code: str) -> bool:
    """Whether a supply inside the territory bears UTGST in place of SGST (section 7 of the UTGST Act, 2017)."""
    state = STATES.get(code)
    return state is not None and state.is_union_territory_without_legislature


def country_problem(code: str) -> str | None:
    """What is wrong with a country code, or None."""
    if code not in _KNOWN_COUNTRIES:
        return "Use a country's two-letter code, such as IN, AE or GB."
    return None
