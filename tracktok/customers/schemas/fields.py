"""Fields that several schemas have: addresses, tax identities, e-mail, phone."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from babel.localedata import exists as locale_exists
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, create_model
from stdnum import iban

from tracktok.auth.rules import is_email
from tracktok.customers.rules import identity, states
from tracktok.web.api import Schema

_WEBSITE = re.compile(r"^(https?://)?([a-z0-9-]+\.)+[a-z]{2,}(:[0-9]+)?(/\S*)?$", re.IGNORECASE)
_PHONE = re.compile(r"^[+0-9][0-9 ()./\-]{2,30}( ?(x|ext\.?) ?[0-9]{1,6})?$", re.IGNORECASE)
HSN_DIGITS = (4, 6, 8)
_IFSC = re.compile(r"[A-Z]{4}0[A-Z0-9]{6}")
_SWIFT = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
_UPI = re.compile(r"[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9.-]{1,64}")
_ACCOUNT = re.compile(r"[A-Z0-9]{4,34}")
_BLANKS = re.compile(r"[\s-]+")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _email(value: str) -> str:
    if value and not is_email(value):
        raise ValueError("Write an e-mail address such as name@example.com.")
    return value


def _phone(value: str) -> str:
    if value and not _PHONE.match(value):
        raise ValueError("Write a phone number such as +91 98450 12345.")
    return value


def _website(value: str) -> str:
    if value and not _WEBSITE.match(value):
        raise ValueError("Write an address such as www.example.com.")
    return value


def _state(value: object) -> object:
    """Codes as people write them: 7 is 07, and a State's name is its code."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.isascii() and text.isdigit():
        return text.zfill(2)
    return _BY_NAME.get(text.lower(), text)


def _language(value: str) -> str:
    value = value.replace("-", "_")
    if value and not locale_exists(value):
        raise ValueError("Use a locale such as en_IN, hi_IN or de_DE.")
    return value


def _hsn_digits(value: int) -> int:
    if value not in HSN_DIGITS:
        raise ValueError("Choose 4, 6 or 8.")
    return value


def _plain(value: str) -> str:
    if CONTROL.search(value):
        raise ValueError("Leave control characters out.")
    return value


def _ifsc(value: str) -> str:
    value = _BLANKS.sub("", value).upper()
    if value and not _IFSC.fullmatch(value):
        raise ValueError("An IFSC is four letters, a 0 and six letters or digits, such as HDFC0001234.")
    return value


def _swift(value: str) -> str:
    value = _BLANKS.sub("", value).upper()
    if value and not _SWIFT.fullmatch(value):
        raise ValueError("A SWIFT code (BIC) has 8 or 11 letters and digits, such as HDFCINBB.")
    return value


def _upi(value: str) -> str:
    if value and not _UPI.fullmatch(value):
        raise ValueError("A UPI id looks like name@bank.")
    return value


def _account(value: str) -> str:
    plain = _BLANKS.sub("", value).upper()
    if not plain:
        return ""
    if not _ACCOUNT.fullmatch(plain):
        raise ValueError("An account number has 4 to 34 letters and digits.")
    if plain[:2].isalpha() and plain[2:4].isdigit() and len(plain) >= 15 and not iban.is_valid(plain):
        raise ValueError("The check digits of this IBAN do not fit; one of its characters is mistyped.")
    return plain


_BY_NAME = {name.lower(): code for code, name in states.state_choices()}

Email = Annotated[str, Field(max_length=254, examples=["accounts@example.com"]), AfterValidator(_email)]
Phone = Annotated[str, Field(max_length=40, examples=["+91 98450 12345"]), AfterValidator(_phone)]
Website = Annotated[str, Field(max_length=200, examples=["www.example.com"]), AfterValidator(_website)]
Gstin = Annotated[
    str,
    Field(max_length=30, description="15 characters, checked to the last", examples=["29AAGCB7383J1Z4"]),
    AfterValidator(identity.clean_identity),
]
Pan = Annotated[
    str,
    Field(max_length=30, description="From the GSTIN when left out", examples=["AAGCB7383J"]),
    AfterValidator(identity.clean_identity),
]
StateCode = Annotated[
    str,
    BeforeValidator(_state),
    Field(max_length=40, description="Two digits as in a GSTIN, or the State's name", examples=["29"]),
]
Country = Annotated[
    str,
    Field(max_length=2, description="ISO 3166, two letters", examples=["IN"]),
    AfterValidator(str.upper),
]
Language = Annotated[
    str,
    Field(max_length=20, description="A locale; empty: the company's", examples=["hi_IN"]),
    AfterValidator(_language),
]
HsnDigits = Annotated[int, Field(json_schema_extra={"enum": list(HSN_DIGITS)}), AfterValidator(_hsn_digits)]
Line = Annotated[str, AfterValidator(_plain)]
"""Text of one line that stands on documents."""
Terms = Annotated[int, Field(ge=0, le=3650, description="Days until an invoice is due")]
Ifsc = Annotated[str, AfterValidator(_ifsc)]
Swift = Annotated[str, AfterValidator(_swift)]
UpiId = Annotated[str, AfterValidator(_upi)]
BankAccount = Annotated[str, AfterValidator(_account)]
Percent = Annotated[Decimal, Field(ge=0, le=1000, max_digits=12, decimal_places=6, examples=["18"])]
UnitPrice = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4, examples=["1249.50"])]
Life = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2199, 12, 31))]


def patch_of(schema: type[BaseModel], about: str) -> type[BaseModel]:
    """The schema of a change of what it names: all members may be left out. What they make is checked by `schema`."""
    fields: dict[str, Any] = {
        name: (field.rebuild_annotation() | None, Field(None, description=field.description))
        for name, field in schema.model_fields.items()
    }
    name = f"{schema.__name__.removesuffix('In')}Patch"
    return create_model(name, __base__=Schema, __doc__=about, **fields)
