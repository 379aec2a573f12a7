"""What a vendor says about its tax identity, made whole and checked: nothing in it may contradict."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracktok.customers.rules import identity
from tracktok.customers.rules.states import INDIA, country_problem, state_problem

Problems = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class VendorIdentity:
    """What is said of a vendor. `country` "" is to be found out."""

    gstin: str = ""
    pan: str = ""
    state_code: str = ""
    country: str = ""
    postal_code: str = ""


def settle_vendor(said: VendorIdentity, home: str = INDIA) -> tuple[VendorIdentity, Problems]:
    """A vendor's identity made whole, and what is wrong with it. A GSTIN tells the State and the PAN."""
    gstin, pan = identity.clean_identity(said.gstin), identity.clean_identity(said.pan)
    country = said.country.upper() or (INDIA if gstin or pan else home)
    whole = replace(said, gstin=gstin, pan=pan, country=country)
    problems = list(_place_problems(whole))
    if gstin and (problem := identity.gstin_problem(gstin)):
        problems.append(("gstin", problem))
    elif pan and not gstin and country == INDIA and (problem := identity.pan_problem(pan)):
        problems.append(("pan", problem))
    if problems or not gstin:
        return whole, tuple(problems)
    whole = replace(
        whole,
        state_code=whole.state_code or identity.gstin_state(gstin),
        pan=pan or identity.pan_of_gstin(gstin),
    )
    if problem := identity.gstin_mismatch(gstin, state=whole.state_code):
        problems.append(("gstin", problem))
    if problem := identity.gstin_mismatch(gstin, pan=whole.pan):
        problems.append(("pan", problem))
    return whole, tuple(problems)


def _place_problems(said: VendorIdentity) -> Problems:
    found = []
    if problem := country_problem(said.country):
        found.append(("country", problem))
    elif problem := identity.postal_code_problem(said.country, said.postal_code):
        found.append(("postal_code", problem))
    if said.country != INDIA:
        if said.gstin:
            found.append(("country", "A GSTIN belongs to an address in India."))
        if said.state_code:
            found.append(("state_code", "A vendor abroad has no State of India; leave it empty."))
    elif said.state_code and (problem := state_problem(said.state_code)):
        found.append(("state_code", problem))
    return tuple(found)
