"""Customers as a kind of import: their fields, and how people write States, countries, categories and terms."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from babel import Locale

from tracktok.imports.rules.cells import Bad
from tracktok.imports.rules.columns import Field, FieldType, Kind, normal

from .states import COUNTRIES, INDIA, STATES

CUSTOMERS: Final = Kind(
    name="customers",
    label="Customers",
    noun="customer",
    nouns="customers",
    needs=(("name",),),
    fields=(
        Field("name", "Name", FieldType.text,
              ("customer name", "name", "display name", "company name", "customer", "company", "party name", "party",
               "client name", "client", "account name", "business name", "legal name", "trade name", "buyer",
               "organisation", "organization", "bill to"),
              longest=200, examples=("Bluepeak Foods Pvt Ltd", "Gulf Trading LLC")),
        Field("code", "Code", FieldType.text,
              ("customer code", "code", "customer no", "customer number", "customer id", "client code", "client id",
               "account no", "account number", "party code", "short name", "ref", "reference", "id", "number"),
              longest=30, examples=("C-104", "C-105")),
        Field("email", "E-mail", FieldType.text,
              ("email", "e mail", "email id", "emailid", "email address", "mail", "billing email", "contact email"),
              longest=254, examples=("accounts@bluepeak.example", "pay@gulf.example")),
        Field("phone", "Phone", FieldType.text,
              ("phone", "phone number", "mobile", "mobile no", "mobile number", "mobilephone", "telephone", "tel",
               "contact no", "contact number", "work phone", "phone no"),
              longest=40, examples=("+91 80 4123 4567", "")),
        Field("contact", "Contact person", FieldType.text,
              ("contact name", "contact person", "contact", "primary contact", "attention", "attn", "person"),
              longest=120, examples=("Meera Iyer", "")),
        Field("gstin", "GSTIN", FieldType.text,
              ("gstin", "gst no", "gst number", "gst identification number", "gst identification number gstin",
               "gst registration no", "gst", "gstin uin", "gstin no", "party gstin"),
              longest=30, examples=("29AAGCB7383J1Z4", "")),
        Field("gst_category", "GST category", FieldType.text,
              ("gst category", "gst treatment", "registration type", "gst registration type", "tax treatment",
               "customer gst type"),
              longest=80),
        Field("pan", "PAN", FieldType.text, ("pan", "pan no", "pan number", "income tax pan"), longest=30),
        Field("tax_id", "Tax id", FieldType.text,
              ("tax id", "vat number", "vat no", "vat id", "vat", "trn", "tax number", "tax registration number",
               "tax reg no", "ein", "abn"),
              longest=50, examples=("", "100123456700003")),
        Field("address_line1", "Address", FieldType.text,
              ("address", "address line 1", "address line1", "address1", "street", "street address", "billing address",
               "billing street", "billing address line 1", "billing street1", "address 1"),
              longest=200, examples=("14 Residency Road", "Office 12, Al Quoz 3")),
        Field("address_line2", "Address, second line", FieldType.text,
              ("address line 2", "address line2", "address2", "street 2", "billing street2", "billing address line 2",
               "address 2", "locality", "area"),
              longest=200),
        Field("city", "City", FieldType.text,
              ("city", "town", "billing city", "city town", "district", "place"), longest=100,
              examples=("Bengaluru", "Dubai")),
        Field("postal_code", "Postal code", FieldType.text,
              ("postal code", "pin code", "pincode", "pin", "zip", "zip code", "postcode", "billing code",
               "billing zip", "billing postal code", "post code"),
              longest=20, examples=("560025", "")),
        Field("state", "State", FieldType.text,
              ("state", "state code", "billing state", "state name", "place of supply", "place of contact", "province",
               "region", "state ut"),
              longest=100, help="A name, a code such as 29, or both.", examples=("Karnataka", "")),
        Field("country", "Country", FieldType.text,
              ("country", "country code", "billing country", "country name"), longest=80,
              examples=("India", "United Arab Emirates")),
        Field("currency", "Currency", FieldType.currency,
              ("currency", "currency code", "billing currency", "ccy"), examples=("INR", "AED")),
        Field("payment_terms", "Payment terms", FieldType.text,
              ("payment terms", "terms", "credit period", "credit days", "payment terms days", "due days",
               "payment term", "net days", "bill wise credit period", "payment terms label"),
              longest=60, help="Days, also as “Net 30” or “on receipt”.", examples=("30", "Net 45")),
        Field("credit_limit", "Credit limit", FieldType.amount,
              ("credit limit", "credit limit amount", "limit"), examples=("500000.00", "")),
        Field("client_type", "Client type", FieldType.reference,
              ("client type", "customer type", "type", "group", "customer group", "category", "segment"),
              longest=80, most_values=200, examples=("Corporate", "Corporate")),
        Field("account_manager", "Account manager", FieldType.reference,
              ("account manager", "manager", "owner", "account owner", "sales person", "salesperson", "sales rep",
               "relationship manager"),
              longest=120, most_values=500, examples=("Ravi Shetty", "")),
        Field("website", "Website", FieldType.text, ("website", "web site", "url", "web", "homepage"), longest=200),
        Field("notes", "Notes", FieldType.words,
              ("notes", "note", "remarks", "remark", "comment", "comments", "description"), longest=5000),
    ),
)  # fmt: skip

CATEGORIES: Final = {
    **dict.fromkeys(
        ("registered", "regular", "business gst", "registered business regular", "b2b", "registered regular",
         "composition", "business registered composition", "registered business composition"),
        "registered",
    ),
    **dict.fromkeys(
        ("unregistered", "consumer", "unregistered business", "business none", "b2c", "unregistered consumer",
         "not registered", "unknown", "none"),
        "unregistered",
    ),
    **dict.fromkeys(
        ("sez", "sez unit", "sez developer", "special economic zone", "business sez", "sez unit or developer"), "sez"
    ),
    **dict.fromkeys(("overseas", "export", "foreign", "outside india", "import export"), "overseas"),
}  # fmt: skip
_SHORT: Final = dict(
    pair.split(":")
    for pair in (
        "JK:01 HP:02 PB:03 CH:04 UK:05 UT:05 HR:06 DL:07 RJ:08 UP:09 BR:10 SK:11 AR:12 NL:13 MN:14 MZ:15 TR:16 ML:17"
        " AS:18 WB:19 JH:20 OD:21 OR:21 CG:22 CT:22 MP:23 GJ:24 DD:26 DN:26 DNHDD:26 MH:27 KA:29 GA:30 LD:31 KL:32"
        " TN:33 PY:34 AN:35 TS:36 TG:36 AP:37 LA:38"
    ).split()
)
_OTHER_NAMES: Final = {
    "orissa": "21", "pondicherry": "34", "uttaranchal": "05", "new delhi": "07", "nct of delhi": "07",
    "jammu kashmir": "01", "jammu and kashmir": "01", "andaman and nicobar": "35", "andaman nicobar islands": "35",
    "lakshadweep islands": "31", "dadra and nagar haveli": "26", "daman and diu": "26", "chattisgarh": "22",
    "tamilnadu": "33",
}  # fmt: skip
_OTHER_COUNTRIES: Final = {
    "usa": "US", "u s a": "US", "united states of america": "US", "uk": "GB", "great britain": "GB", "england": "GB",
    "uae": "AE", "bharat": "IN", "holland": "NL", "korea": "KR", "hong kong": "HK", "macau": "MO", "burma": "MM",
    "czech republic": "CZ", "turkey": "TR",
}  # fmt: skip
_CODE_BESIDE: Final = re.compile(r"(?:^|\D)(\d{1,2})(?:\D|$)")
_DAYS: Final = re.compile(r"(?:^|\D)(\d{1,4})(?:\D|$)")
_AT_ONCE: Final = frozenset(
    {"on receipt", "due on receipt", "immediate", "immediately", "cash", "advance", "prepaid", "cod"}
)


@cache
def _states() -> dict[str, str]:
    names = {normal(state.name): state.code for state in STATES.values() if state.is_place and not state.is_former}
    return {**names, **_OTHER_NAMES, **{short.lower(): code for short, code in _SHORT.items()}}


def read_state(text: str) -> str | Bad:
    """The code of a State: from its name, its number, its letters, or "29-Karnataka"; "" for nothing."""
    if not text:
        return ""
    digits = _CODE_BESIDE.search(text)
    if digits:
        return digits[1].zfill(2)
    found = _states().get(normal(text).replace(" state", ""))
    return found or Bad(f"“{text[:40]}” is no State or Union territory of India.")


@cache
def _countries() -> dict[str, str]:
    names = Locale.parse("en").territories
    return {**{normal(names[code]): code for code in COUNTRIES if code in names}, **_OTHER_COUNTRIES}


def read_country(text: str) -> str | Bad:
    """The code of a country, from its code or its English name; "" for nothing."""
    plain = text.strip()
    if not plain:
        return ""
    if plain.upper() in COUNTRIES:
        return plain.upper()
    return _countries().get(normal(plain)) or Bad(
        f"“{plain[:40]}” is no country; write its name or code, such as {INDIA}."
    )


def read_category(text: str) -> str | Bad:
    """A GST category in any of the words that are used for it; "" for nothing."""
    plain = normal(text)
    if not plain:
        return ""
    return CATEGORIES.get(plain) or Bad(f"“{text[:40]}” is no GST category: registered, unregistered, SEZ or overseas.")


def read_terms(text: str) -> int | Bad | None:
    """Days until an invoice is due: "30", "Net 30", "45 days", "on receipt"; None for nothing."""
    plain = normal(text)
    if not plain:
        return None
    if plain in _AT_ONCE:
        return 0
    if (found := _DAYS.search(plain)) and int(found[1]) <= 3650:
        return int(found[1])
    return Bad(f"“{text[:40]}” does not say in how many days to pay; write 30 or Net 30.")
