"""What a customer or a company says about its tax identity, made whole and checked: nothing in it may contradict.

A GSTIN says the State and the PAN, and that its holder is registered; a country says whether somebody is overseas.
Where these are left out they are filled in; where they are given and do not fit, the field at fault is named.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from . import identity
from .states import INDIA, OTHER_COUNTRY, country_problem, state_name, state_problem

REGISTERED, UNREGISTERED, SEZ, OVERSEAS = "registered", "unregistered", "sez", "overseas"
GST, GENERIC, NO_TAX = "gst", "generic", "none"
Problems = tuple[tuple[str, str], ...]
"""(field, sentence) of all that is wrong."""


@dataclass(frozen=True, slots=True)
class Party:
    """What is said of somebody. `gst_category` and `country` "" are to be found out."""

    gst_category: str = ""
    gstin: str = ""
    pan: str = ""
    state_code: str = ""
    country: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """A party made whole, what is wrong with it, and what is only remarkable: (field, sentence)."""

    party: Party
    problems: Problems = ()
    remarks: Problems = ()


def settle_customer(said: Party, home: str = INDIA) -> Looked:
    """A customer's identity made whole. `home` is the country of the company, for customers of whom none is said."""
    gstin, pan = identity.clean_identity(said.gstin), identity.clean_identity(said.pan)
    if gstin and (problem := identity.gstin_problem(gstin)):
        party = replace(said, gstin=gstin, pan=pan, country=said.country.upper() or INDIA)
        return Looked(party, (("gstin", problem), *_place_problems(party)))
    if not said.country and said.gst_category == OVERSEAS and not gstin:
        return Looked(said, (("country", "Say in which country this overseas customer is."),))
    country = said.country.upper() or (INDIA if gstin or said.gst_category in {REGISTERED, SEZ} else home)
    category = said.gst_category or (REGISTERED if gstin else UNREGISTERED if country == INDIA else OVERSEAS)
    party = replace(said, gst_category=category, gstin=gstin, pan=pan, country=country)
    problems = [*_category_problems(party), *_place_problems(party)]
    if pan and not gstin and country == INDIA and (problem := identity.pan_problem(pan)):
        problems.append(("pan", problem))
    if not problems and gstin:
        party = replace(
            party,
            state_code=party.state_code or identity.gstin_state(gstin),
            pan=pan or identity.pan_of_gstin(gstin),
        )
        problems += _gstin_mismatches(party)
    elif not problems and category == OVERSEAS:
        party = replace(party, state_code=OTHER_COUNTRY)
    return Looked(party, tuple(problems), _remarks(party))


def _category_problems(party: Party) -> Problems:
    if party.country == INDIA:
        if party.gst_category == OVERSEAS:
            return (("country", "An overseas customer has an address outside India; choose its country."),)
    elif not country_problem(party.country):
        if party.gstin:
            return (("country", "A GSTIN belongs to an address in India."),)
        if party.gst_category != OVERSEAS:
            return (("gst_category", "A customer with an address outside India is overseas."),)
    if party.gstin and party.gst_category == UNREGISTERED:
        return (("gst_category", "A customer with a GSTIN is registered, or an SEZ unit or developer."),)
    if not party.gstin and party.gst_category in {REGISTERED, SEZ}:
        who = "A registered business" if party.gst_category == REGISTERED else "An SEZ unit or developer"
        return (("gstin", f"{who} has a GSTIN; enter it, or choose another GST category."),)
    return ()


def _place_problems(party: Party) -> Problems:
    found = []
    if problem := country_problem(party.country):
        found.append(("country", problem))
    elif problem := identity.postal_code_problem(party.country, party.postal_code):
        found.append(("postal_code", problem))
    if party.state_code:
        abroad = party.gst_category == OVERSEAS
        if abroad and party.state_code != OTHER_COUNTRY:
            found.append(("state_code", "An overseas customer has no State of India; leave it empty."))
        elif problem := state_problem(party.state_code, overseas=abroad):
            found.append(("state_code", problem))
    return tuple(found)


def _gstin_mismatches(party: Party) -> Problems:
    found = []
    if problem := identity.gstin_mismatch(party.gstin, state=party.state_code):
        found.append(("gstin", problem))
    if problem := identity.gstin_mismatch(party.gstin, pan=party.pan):
        found.append(("pan", problem))
    return tuple(found)


def _remarks(party: Party) -> Problems:
    if party.country == INDIA and (remark := identity.postal_code_warning(party.state_code, party.postal_code)):
        return (("postal_code", remark),)
    return ()


def settle_address(country: str, state_code: str, postal_code: str) -> tuple[tuple[str, str], Problems]:
    """((country, State code), problems) of an address that bears no tax identity of its own."""
    country = country.upper() or INDIA
    found: list[tuple[str, str]] = []
    if problem := country_problem(country):
        found.append(("country", problem))
    elif problem := identity.postal_code_problem(country, postal_code):
        found.append(("postal_code", problem))
    if country != INDIA:
        return (country, ""), tuple(found)
    if state_code and (problem := state_problem(state_code)):
        found.append(("state_code", problem))
    return (country, state_code), tuple(found)


@dataclass(frozen=True, slots=True)
class TaxSettings:
    """What a company says about its taxes. `registered` None: as the GSTIN tells; `regime` "": as that tells."""

    regime: str = ""
    registered: bool | None = None
    gstin: str = ""
    pan: str = ""
    state_code: str = ""
    country: str = INDIA
    postal_code: str = ""
    lut: bool = False
    body_corporate: bool | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """A company's taxes made whole, and what is wrong with them: (field, sentence)."""

    settings: TaxSettings
    problems: Problems = field(default=())


def settle_company(said: TaxSettings) -> Settled:
    """A company's taxes made whole: a GSTIN makes the regime GST; without one no GST is charged."""
    gstin, pan = identity.clean_identity(said.gstin), identity.clean_identity(said.pan)
    country = said.country.upper()
    cleaned = replace(said, gstin=gstin, pan=pan, country=country)
    if gstin and (problem := identity.gstin_problem(gstin)):
        return Settled(cleaned, (("gstin", problem), *_place_of_company(cleaned)))
    if gstin:
        return _settle_registered(cleaned)
    problems = list(_place_of_company(cleaned))
    if said.registered:
        problems.append(("gstin", "A registered company has a GSTIN; enter it."))
    elif said.regime == GST:
        problems.append(("gstin", "GST is charged by registered companies only; enter the GSTIN."))
    if said.lut:
        problems.append(("lut", "A letter of undertaking is given to registered companies; enter the GSTIN first."))
    if pan and country == INDIA and (problem := identity.pan_problem(pan)):
        problems.append(("pan", problem))
    regime = said.regime or (NO_TAX if country == INDIA else GENERIC)
    told = said.body_corporate if said.body_corporate is not None else identity.is_body_corporate(pan)
    return Settled(replace(cleaned, regime=regime, registered=False, body_corporate=told), tuple(problems))


def _settle_registered(said: TaxSettings) -> Settled:
    problems: list[tuple[str, str]] = []
    if said.regime not in {"", GST}:
        problems.append(("tax_regime", "A company with a GSTIN keeps to GST."))
    if said.registered is False:
        problems.append(("registered", "A company with a GSTIN is registered. Take the GSTIN away if it is not."))
    if said.country != INDIA:
        problems.append(("country", "A GSTIN belongs to an address in India."))
    whole = replace(
        said,
        regime=GST,
        registered=True,
        state_code=said.state_code or identity.gstin_state(said.gstin),
        pan=said.pan or identity.pan_of_gstin(said.gstin),
    )
    problems += _place_of_company(whole)
    if whole.state_code != identity.gstin_state(said.gstin) and not state_problem(whole.state_code):
        own = state_name(identity.gstin_state(said.gstin))
        problems.append(("state_code", f"The GSTIN is of {own}, not of {state_name(whole.state_code)}."))
    if problem := identity.gstin_mismatch(said.gstin, pan=whole.pan):
        problems.append(("pan", problem))
    told = whole.body_corporate if whole.body_corporate is not None else identity.is_body_corporate(said.gstin)
    return Settled(replace(whole, body_corporate=told), tuple(problems))


def _place_of_company(said: TaxSettings) -> Problems:
    found = []
    if problem := country_problem(said.country):
        found.append(("country", problem))
    elif problem := identity.postal_code_problem(said.country, said.postal_code):
        found.append(("postal_code", problem))
    if said.country == INDIA and said.state_code and (problem := state_problem(said.state_code)):
        found.append(("state_code", problem))
    return tuple(found)
