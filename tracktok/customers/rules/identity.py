"""Tax identities: what a GSTIN and a PAN say, what is wrong with one, and postal codes.

GSTIN (Rule 10 of the CGST Rules, 2017): State code (2), PAN (10), number of the registration in the State (1),
Z, check character (Luhn in base 36). PAN: three letters, the kind of holder, a letter of the name, four digits, a
letter.
"""

from __future__ import annotations

import re

from stdnum import luhn

from .states import INDIA, OTHER_COUNTRY, STATES, state_name

GSTIN_LENGTH = 15
PAN_LENGTH = 10
_BASE_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SEPARATORS = re.compile(r"[\s\-./]+")
_PAN = re.compile(r"[A-Z]{5}[0-9]{4}[A-Z]")
_TAN = re.compile(r"[A-Z]{4}[0-9]{5}[A-Z]")
_INDIAN_PIN = re.compile(r"[1-9][0-9]{5}")
_POSTAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 \-]*")
_LONGEST_POSTAL = 12

COMPANY = "company"
PAN_KINDS: dict[str, str] = {
    "A": "association of persons",
    "B": "body of individuals",
    "C": COMPANY,
    "E": "limited liability partnership",
    "F": "firm",
    "G": "government",
    "H": "Hindu undivided family",
    "J": "artificial juridical person",
    "K": "trust",
    "L": "local authority",
    "P": "individual",
    "T": "trust",
}
"""The fourth letter of a PAN: who holds it. A limited liability partnership may also have F, as firms do."""


def clean_identity(text: str) -> str:
    """A GSTIN or PAN as it is stored: capitals, without the blanks, dashes and dots that people type."""
    return _SEPARATORS.sub("", text).upper()


def gstin_problem(text: str) -> str | None:
    """What is wrong with a GSTIN, in one sentence that says where to look, or None.

    Blanks and small letters are no fault: store `clean_identity(text)`. Only the form is checked here; whether the
    registration is active is known to the portal alone.
    """
    gstin = clean_identity(text)
    if len(gstin) != GSTIN_LENGTH:
        return f"A GSTIN has 15 characters; this has {len(gstin)}."
    if strange := [one for one in gstin if one not in _BASE_36]:
        return f"A GSTIN has letters and digits only, not “{strange[0]}”."
    if (state := STATES.get(gstin[:2])) is None or gstin[:2] == OTHER_COUNTRY:
        return f"A GSTIN begins with the code of a State; {gstin[:2]} is none."
    pan = gstin[2:12]
    if not _TAN.fullmatch(pan) and not _PAN.fullmatch(pan):
        return f"Characters 3 to 12 are the PAN, here {pan}. {pan_problem(pan)}"
    if gstin[12] == "0":
        return "Character 13 counts the registrations in the State and is never 0."
    if gstin[13] != "Z":
        return f"Character 14 of a GSTIN is Z, not {gstin[13]}."
    right = str(luhn.calc_check_digit(gstin[:-1], _BASE_36))
    if gstin[14] != right:
        return (
            f"The check character at the end is {gstin[14]}, but {right} belongs to the fourteen before it"
            f" ({state.name}, {pan}); one of the characters is mistyped."
        )
    if not _TAN.fullmatch(pan) and (problem := pan_problem(pan)):
        return f"Characters 3 to 12 are the PAN, here {pan}. {problem}"
    return None


def pan_problem(text: str) -> str | None:
    """What is wrong with a PAN, or None. Its last letter is a check whose rule is not published."""
    pan = clean_identity(text)
    if len(pan) != PAN_LENGTH:
        return f"A PAN has 10 characters; this has {len(pan)}."
    if not _PAN.fullmatch(pan):
        return "A PAN is five letters, four digits and a letter, such as AAPFU0939F."
    if pan[3] not in PAN_KINDS:
        return f"The fourth letter of a PAN tells who holds it, such as P or C; {pan[3]} is none of them."
    if pan[5:9] == "0000":
        return "The four digits of a PAN begin at 0001."
    return None


def gstin_state(text: str) -> str:
    """The State code that a GSTIN begins with, such as "29"; "" when it begins with none."""
    code = clean_identity(text)[:2]
    return code if code in STATES and code != OTHER_COUNTRY else ""


def pan_of_gstin(text: str) -> str:
    """The PAN inside a GSTIN; "" when there is none (a department that deducts tax registers by its TAN)."""
    pan = clean_identity(text)[2:12]
    return pan if _PAN.fullmatch(pan) else ""


def pan_kind(text: str) -> str:
    """Who holds a PAN, or the PAN inside a GSTIN: `company`, `individual`, `firm`, ...; "" when it cannot be told."""
    identity = clean_identity(text)
    pan = pan_of_gstin(identity) if len(identity) == GSTIN_LENGTH else identity
    return PAN_KINDS.get(pan[3], "") if _PAN.fullmatch(pan) else ""


def is_body_corporate(text: str) -> bool | None:
    """Whether the holder of a PAN or GSTIN is a body corporate; None when the letter does not tell.

    Reverse charge on cab hire depends on it (notification 13/2017-CT(R), entry 15: from a supplier that is no body
    corporate to one that is). Whether a limited liability partnership is one is contested (the notification counts it
    as a firm, the Companies Act as a body corporate), so firms and such partnerships answer None.
    """
    kind = pan_kind(text)
    if kind == COMPANY:
        return True
    if kind in {"individual", "Hindu undivided family"}:
        return False
    return None


def gstin_mismatch(text: str, *, state: str = "", pan: str = "") -> str | None:
    """What in an address or a PAN does not fit a valid GSTIN, or None."""
    if state and gstin_state(text) != state:
        return f"This GSTIN is of {state_name(gstin_state(text))}, but the address is in {state_name(state)}."
    if pan and pan_of_gstin(text) not in {"", clean_identity(pan)}:
        return f"This GSTIN belongs to the PAN {pan_of_gstin(text)}, not {clean_identity(pan)}."
    return None


def postal_code_problem(country: str, text: str) -> str | None:
    """What is wrong with a postal code, or None; empty is allowed. India: six digits, the first not 0."""
    code = text.strip()
    if not code:
        return None
    if country == INDIA:
        if not _INDIAN_PIN.fullmatch(code.replace(" ", "")):
            return "A PIN code has six digits and does not begin with 0."
        return None
    if len(code) > _LONGEST_POSTAL or not _POSTAL.fullmatch(code):
        return "A postal code has letters, digits, blanks and dashes, 12 at most."
    return None


def postal_code_warning(state: str, text: str) -> str | None:
    """A remark when an Indian PIN code does not look like one of the State (some offices serve across borders)."""
    code, known = text.strip().replace(" ", ""), STATES.get(state)
    if known is None or not known.pin or not _INDIAN_PIN.fullmatch(code) or code.startswith(known.pin):
        return None
    return f"PIN codes of {known.name} usually begin with {_one_of(known.pin)}; this begins with {code[:2]}."


def _one_of(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
