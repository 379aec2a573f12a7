"""GSTR-1: the return of outward supplies, section by section, as the portal's JSON, and what it would refuse.

Source: form GSTR-1 (rule 59 CGST) and GSTN's JSON of the returns offline tool. Thresholds are by date:
B2CL is inter-State supplies to unregistered persons above 2,50,000, from 1 August 2024 above 1,00,000 (notification
12/2024-CT); HSN summaries are apart for B2B and B2C from May 2025.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from .advances import Advance, Amended, amended_rows, rows_of
from .gst_documents import (
    CREDIT_NOTE,
    DEBIT_NOTE,
    INVOICE,
    PAISA,
    ZERO,
    GstDocument,
    TaxSum,
    by_rate,
    month_after,
    sum_of,
    taxed_by_rate,
    unit_code,
)
from .gstr1_json import portal_json

B2CL_THRESHOLDS: tuple[tuple[date, Decimal], ...] = (
    (date(2024, 8, 1), Decimal(100_000)),
    (date(2017, 7, 1), Decimal(250_000)),
)
_NUMBER = re.compile(r"[A-Za-z1-9][A-Za-z0-9/-]{0,15}")
_DOCUMENT_TYPES = {
    INVOICE: (1, "Invoices for outward supply"),
    DEBIT_NOTE: (4, "Debit Note"),
    CREDIT_NOTE: (5, "Credit Note"),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that the portal would refuse, and why."""

    document_id: str
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Return:
    """GSTR-1 of a month. `sections` hold rows for people and sheets; `json` is what the portal reads."""

    gstin: str
    month: date
    json: dict[str, Any]
    sections: dict[str, list[dict[str, Any]]]
    refused: list[Refused]
    totals: TaxSum = field(default_factory=TaxSum)


def b2cl_threshold(day: date) -> Decimal:
    """Above which value an inter-State invoice to an unregistered person is told by itself, on a day."""
    return next(limit for since, limit in B2CL_THRESHOLDS if day >= since)


def section_of(document: GstDocument) -> str:
    """Where a document belongs: b2b, b2cl, b2cs, exp, cdnr or cdnur."""
    is_note = document.kind != INVOICE
    if document.is_export:
        return "cdnur" if is_note else "exp"
    if document.is_to_registered:
        return "cdnr" if is_note else "b2b"
    value = document.original_total if is_note else document.value
    day = (document.original_day or document.day) if is_note else document.day
    if document.inter_state and value > b2cl_threshold(day):
        return "cdnur" if is_note else "b2cl"
    return "b2cs"


def problems(document: GstDocument) -> list[str]:
    """Why the portal would refuse a document, in words."""
    found = []
    if not _NUMBER.fullmatch(document.number):
        found.append("The number must have at most 16 letters, digits, - or /, and not begin with 0, - or /.")
    if not document.place_of_supply:
        found.append("It has no place of supply.")
    for number, line in enumerate(document.lines, 1):
        if not line.hsn_sac:
            found.append(f"Line {number} has no HSN or SAC.")
        elif not re.fullmatch(r"\d{4}|\d{6}|\d{8}", line.hsn_sac):
            found.append(f"Line {number}: the HSN or SAC “{line.hsn_sac}” has not 4, 6 or 8 digits.")
    if document.kind != INVOICE and not document.original_number:
        found.append("It names no original invoice.")
    if document.buyer.gstin and document.buyer.gstin == document.supplier.gstin:
        found.append("The buyer's GSTIN is your own.")
    return found


def make_return(
    gstin: str,
    month: date,
    documents: Sequence[GstDocument],
    advances: Sequence[Advance] = (),
    amended: Sequence[Amended] = (),
    *,
    turnover: Decimal = ZERO,
) -> Return:
    """The return of a month from all its documents, void ones too (they count in `doc_issue` only), and its advances.

    `amended` are those of earlier months that have changed in it. The totals are those of documents: advances are told
    beside them.
    """
    live = [document for document in documents if not document.is_void]
    refused = [Refused(document.id, document.number, reason) for document in live for reason in problems(document)]
    placed: dict[str, list[GstDocument]] = defaultdict(list)
    for document in live:
        placed[section_of(document)].append(document)
    received, adjusted = rows_of(advances, month, month_after(month))
    received_anew, adjusted_anew = amended_rows(amended)
    sections = {
        "at": received,
        "txpd": adjusted,
        "ata": received_anew,
        "txpda": adjusted_anew,
        "b2b": _rows(placed["b2b"]),
        "b2cl": _rows(placed["b2cl"]),
        "b2cs": _b2cs_rows(placed["b2cs"]),
        "exp": _rows(placed["exp"]),
        "cdnr": _rows(placed["cdnr"]),
        "cdnur": _rows(placed["cdnur"]),
        "nil": _nil_rows(live),
        "hsn_b2b": _hsn_rows(document for document in live if document.is_to_registered or document.is_export),
        "hsn_b2c": _hsn_rows(document for document in live if not (document.is_to_registered or document.is_export)),
        "doc_issue": _issued_rows(documents),
    }
    told = portal_json(gstin, month, placed, sections, turnover)
    total = TaxSum()
    for document in live:
        for part in by_rate(document).values():
            total += -part if document.kind == CREDIT_NOTE else part
    return Return(gstin, month, told, sections, refused, total)


def _rows(documents: Iterable[GstDocument]) -> list[dict[str, Any]]:
    """One row for each document and rate."""
    return [
        {
            "id": document.id,
            "gstin": document.buyer.gstin,
            "name": document.buyer.name,
            "kind": document.kind,
            "number": document.number,
            "date": document.day,
            "value": document.value,
            "place_of_supply": document.place_of_supply,
            "reverse_charge": document.reverse_charge,
            "supply_type": document.supply_type,
            "rate": rate,
            "taxable": part.taxable,
            "igst": part.igst,
            "cgst": part.cgst,
            "sgst": part.sgst,
            "cess": part.cess,
        }
        for document in documents
        for rate, part in taxed_by_rate(document).items()
    ]


def _b2cs_rows(documents: Iterable[GstDocument]) -> list[dict[str, Any]]:
    """Consumers, summed by place and rate; credit notes to them are taken off."""
    sums: dict[tuple[bool, str, Decimal], TaxSum] = defaultdict(TaxSum)
    for document in documents:
        for rate, part in taxed_by_rate(document).items():
            key = (document.inter_state, document.place_of_supply, rate)
            sums[key] += -part if document.kind == CREDIT_NOTE else part
    return [
        {
            "inter_state": inter_state,
            "place_of_supply": place,
            "rate": rate,
            "taxable": part.taxable,
            "igst": part.igst,
            "cgst": part.cgst,
            "sgst": part.sgst,
            "cess": part.cess,
        }
        for (inter_state, place, rate), part in sorted(sums.items())
    ]


def _nil_rows(documents: Iterable[GstDocument]) -> list[dict[str, Any]]:
    """Nil-rated supplies inside India, by whether they cross a State's border and whether the buyer is registered."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO.quantize(PAISA))
    for document in documents:
        if document.is_export or document.supply_type.startswith("SEZ"):
            continue
        across = "INTR" if document.inter_state else "INTRA"
        buyer = "B2B" if document.is_to_registered else "B2C"
        for line in document.lines:
            if not line.tax_rate:
                amount = document.rupees(line.taxable)
                sums[f"{across}{buyer}"] += -amount if document.kind == CREDIT_NOTE else amount
    return [
        {"sply_ty": kind, "nil_amt": amount, "expt_amt": ZERO.quantize(PAISA), "ngsup_amt": ZERO.quantize(PAISA)}
        for kind, amount in sorted(sums.items())
    ]


def _hsn_rows(documents: Iterable[GstDocument]) -> list[dict[str, Any]]:
    """By code, unit and rate: quantity and amounts, credit notes taken off."""
    sums: dict[tuple[str, str, Decimal], TaxSum] = defaultdict(TaxSum)
    quantities: dict[tuple[str, str, Decimal], Decimal] = defaultdict(lambda: ZERO)
    described: dict[tuple[str, str, Decimal], str] = {}
    for document in documents:
        for line in document.lines:
            rate = line.tax_rate.normalize() if line.tax_rate else ZERO
            key = (line.hsn_sac, unit_code(line.unit, service=line.is_service), rate)
            part, quantity = sum_of(document, line), ZERO if line.is_service else line.quantity
            if document.kind == CREDIT_NOTE:
                part, quantity = -part, -quantity
            sums[key] += part
            quantities[key] += quantity
            described.setdefault(key, line.description)
    return [
        {
            "hsn_sac": key[0],
            "description": described[key][:30],
            "unit": key[1],
            "quantity": quantities[key],
            "rate": key[2],
            "taxable": part.taxable,
            "igst": part.igst,
            "cgst": part.cgst,
            "sgst": part.sgst,
            "cess": part.cess,
        }
        for key, part in sorted(sums.items())
    ]


_TAIL = re.compile(r"(\d+)(\D*)$")


def _series(number: str) -> tuple[str, str]:
    """What stands before and behind the running number: numbers of one series have both the same."""
    found = _TAIL.search(number)
    return (number[: found.start()], found.group(2)) if found else (number, "")


def _running(number: str) -> int:
    found = _TAIL.search(number)
    return int(found.group(1)) if found else 0


def _issued_rows(documents: Iterable[GstDocument]) -> list[dict[str, Any]]:
    """From which to which number each series went, how many there are, how many of them were made void."""
    series: dict[tuple[str, tuple[str, str]], list[GstDocument]] = defaultdict(list)
    for document in documents:
        series[document.kind, _series(document.number)].append(document)
    rows = []
    for (kind, _), found in sorted(series.items()):
        found.sort(key=lambda document: _running(document.number))
        void = sum(1 for document in found if document.is_void)
        number, nature = _DOCUMENT_TYPES[kind]
        rows.append(
            {
                "doc_num": number,
                "nature": nature,
                "from": found[0].number,
                "to": found[-1].number,
                "total": len(found),
                "cancelled": void,
                "net": len(found) - void,
            }
        )
    return sorted(rows, key=lambda row: (row["doc_num"], row["from"]))
