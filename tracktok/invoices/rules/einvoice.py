"""The e-invoice: INV-01 v1.1 as JSON, and what the invoice registration portal would refuse.

Source: GSTN's schema of FORM GST INV-01 (notification 60/2020) and rule 48(4) CGST. The IRN is issued by the portal and
never made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .gst_documents import (
    CREDIT_NOTE,
    DEBIT_NOTE,
    INVOICE,
    PAISA,
    ZERO,
    GstDocument,
    GstLine,
    GstParty,
    einvoice_unit,
)

VERSION = "1.1"
MOST_ITEMS = 1000
OVERSEAS_PIN, OVERSEAS_STATE, UNREGISTERED = 999999, "96", "URP"
_TYPES = {INVOICE: "INV", CREDIT_NOTE: "CRN", DEBIT_NOTE: "DBN"}
_SUPPLIES = frozenset({"B2B", "SEZWP", "SEZWOP", "EXPWP", "EXPWOP"})
_NUMBER = re.compile(r"[A-Za-z1-9][A-Za-z0-9/-]{0,15}")
_CODE = re.compile(r"(?!0+$)(?:\d{4}|\d{6}|\d{8})")
_MAIL = re.compile(r"[a-zA-Z0-9+_.-]+@[a-zA-Z0-9.-]+")
IRN = re.compile(r"[0-9a-f]{64}")


def problems(document: GstDocument) -> list[str]:
    """Why the portal would refuse a document, in words; empty when it would take it."""
    found: list[str] = []
    if document.supply_type not in _SUPPLIES:
        found.append("An e-invoice is for supplies to registered buyers, SEZ and exports, not to consumers.")
    if document.is_void:
        found.append("A void document gets no e-invoice.")
    if not document.supplier.gstin:
        found.append("Your company has no GSTIN.")
    if not document.is_export and not document.buyer.gstin:
        found.append("The buyer has no GSTIN.")
    if not _NUMBER.fullmatch(document.number):
        found.append("The number must have at most 16 letters, digits, - or /, and not begin with 0, - or /.")
    if len(document.lines) > MOST_ITEMS:
        found.append(f"It has {len(document.lines):,} lines; the portal takes {MOST_ITEMS:,}.")
    found += _party_problems("Your company", document.supplier, overseas=False)
    found += _party_problems("The buyer", document.buyer, overseas=document.is_export)
    for number, line in enumerate(document.lines, 1):
        if not _CODE.fullmatch(line.hsn_sac):
            found.append(f"Line {number}: the HSN or SAC must have 4, 6 or 8 digits.")
        if line.quantity < 0 or line.gross < 0 or line.taxable < 0:
            found.append(f"Line {number}: the portal takes no negative amounts; use a discount.")
    return found


def _party_problems(who: str, party: GstParty, *, overseas: bool) -> list[str]:
    found = []
    if len(party.name) < 3:
        found.append(f"{who} needs a name of at least 3 letters.")
    if not party.address_line1:
        found.append(f"{who} needs an address.")
    if len(party.city) < 3:
        found.append(f"{who} needs a city.")
    if not overseas and not re.fullmatch(r"[1-9]\d{5}", party.postal_code.replace(" ", "")):
        found.append(f"{who} needs a PIN code of 6 digits.")
    if not overseas and not party.state_code:
        found.append(f"{who} needs a State.")
    return found


def build(document: GstDocument) -> dict[str, Any]:
    """The document as INV-01 v1.1; amounts are Decimals with two places, for the caller to write as numbers.

    Call `problems` first: what it names would make the answer invalid.
    """
    export = document.is_export
    buyer = _party(document.buyer, overseas=export)
    buyer["Pos"] = OVERSEAS_STATE if export else document.place_of_supply
    items = [_item(document, number, line) for number, line in enumerate(document.lines, 1)]
    made: dict[str, Any] = {
        "Version": VERSION,
        "TranDtls": {
            "TaxSch": "GST",
            "SupTyp": document.supply_type,
            "RegRev": "Y" if document.reverse_charge else "N",
            "IgstOnIntra": "Y" if _is_igst_on_intra(document) else "N",
        },
        "DocDtls": {"Typ": _TYPES[document.kind], "No": document.number, "Dt": document.day.strftime("%d/%m/%Y")},
        "SellerDtls": _party(document.supplier, overseas=False),
        "BuyerDtls": buyer,
        "ItemList": items,
        "ValDtls": _values(document, items),
    }
    if document.original_number and document.original_day is not None:
        preceding = {"InvNo": document.original_number, "InvDt": document.original_day.strftime("%d/%m/%Y")}
        made["RefDtls"] = {"PrecDocDtls": [preceding]}
    if export:
        made["ExpDtls"] = {"ForCur": document.currency, "CntCode": document.buyer.country}
    return made


def _is_igst_on_intra(document: GstDocument) -> bool:
    """IGST between places of one State: not for SEZ and exports, which are inter-State by law."""
    same = document.supplier.state_code == document.place_of_supply
    return same and document.supply_type == "B2B" and any(line.igst for line in document.lines)


def _clean(text: str, longest: int) -> str:
    return " ".join(text.replace('"', "'").split())[:longest].strip()


def _party(party: GstParty, *, overseas: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Gstin": UNREGISTERED if overseas else party.gstin,
        "LglNm": _clean(party.name, 100),
        "Addr1": _clean(party.address_line1, 100),
        "Loc": _clean(party.city, 50),
        "Pin": OVERSEAS_PIN if overseas else int(party.postal_code.replace(" ", "") or 0),
        "Stcd": OVERSEAS_STATE if overseas else party.state_code,
    }
    for name, value in (("TrdNm", party.trade_name), ("Addr2", party.address_line2)):
        if len(text := _clean(value, 100)) >= 3:
            made[name] = text
    phone = re.sub(r"\D", "", party.phone)
    if 6 <= len(phone) <= 12:
        made["Ph"] = phone
    if _MAIL.fullmatch(party.email) and 6 <= len(party.email) <= 100:
        made["Em"] = party.email
    return made


def _item(document: GstDocument, number: int, line: GstLine) -> dict[str, Any]:
    rupees = document.rupees
    flat = rupees(line.cess_flat)
    made: dict[str, Any] = {
        "SlNo": str(number),
        "IsServc": "Y" if line.is_service else "N",
        "HsnCd": line.hsn_sac,
        "Qty": line.quantity.quantize(Decimal("0.001"), rounding=ROUND_HALF_UP),
        "Unit": einvoice_unit(line.unit),
        "UnitPrice": (line.unit_price * document.exchange_rate).quantize(Decimal("0.001"), rounding=ROUND_HALF_UP),
        "TotAmt": rupees(line.gross),
        "Discount": rupees(line.gross) - rupees(line.taxable) if line.gross > line.taxable else ZERO.quantize(PAISA),
        "AssAmt": rupees(line.taxable),
        "GstRt": line.tax_rate.quantize(Decimal("0.001")),
        "IgstAmt": rupees(line.igst),
        "CgstAmt": rupees(line.cgst),
        "SgstAmt": rupees(line.sgst),
        "CesRt": line.cess_rate.quantize(Decimal("0.001")),
        "CesAmt": rupees(line.cess) - flat,
        "CesNonAdvlAmt": flat,
    }
    # Under reverse charge the taxes are told, since the return is made of them, and not charged.
    taxes = made["IgstAmt"] + made["CgstAmt"] + made["SgstAmt"] + made["CesAmt"] + flat
    made["TotItemVal"] = made["AssAmt"] + (ZERO if document.reverse_charge else taxes)
    if len(text := _clean(line.description, 300)) >= 3:
        made["PrdDesc"] = text
    return made


def _values(document: GstDocument, items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    listed = list(items)

    def total(*names: str) -> Decimal:
        return sum((item[name] for item in listed for name in names), ZERO).quantize(PAISA)

    made: dict[str, Any] = {
        "AssVal": total("AssAmt"),
        "IgstVal": total("IgstAmt"),
        "CgstVal": total("CgstAmt"),
        "SgstVal": total("SgstAmt"),
        "CesVal": total("CesAmt", "CesNonAdvlAmt"),
        "TotInvVal": document.value,
    }
    # What is left between the lines and the document's value: the rupee round-off, and in another currency the paise
    # that converting line by line and as a whole differ by. The schema allows up to 99.99.
    made["RndOffAmt"] = document.value - total("TotItemVal")
    if document.currency != "INR":
        made["TotInvValFc"] = document.total.quantize(PAISA, rounding=ROUND_HALF_UP)
    return made
