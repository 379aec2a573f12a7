"""GSTR-1 as the JSON that the portal's offline tool reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from .advances import advances_json
from .gst_documents import CREDIT_NOTE, ZERO, GstDocument, taxed_by_rate

HSN_APART_FROM = date(2025, 5, 1)
_SUPPLIES = {"B2B": "R", "SEZWP": "SEWP", "SEZWOP": "SEWOP"}


def portal_json(
    gstin: str,
    month: date,
    placed: Mapping[str, list[GstDocument]],
    sections: dict[str, list[dict[str, Any]]],
    turnover: Decimal,
) -> dict[str, Any]:
    """The whole return; `placed` are the documents by section, `sections` the rows that are sums."""
    return {
        "gstin": gstin,
        "fp": month.strftime("%m%Y"),
        "gt": turnover,
        "cur_gt": ZERO,
        "b2b": _by_party(placed.get("b2b", []), _invoice_json),
        "b2cl": _by_place(placed.get("b2cl", [])),
        "b2cs": [_b2cs_json(row) for row in sections["b2cs"]],
        "exp": _exports(placed.get("exp", [])),
        "cdnr": _by_party(placed.get("cdnr", []), _note_json, name="nt"),
        "cdnur": [_unregistered_note_json(one) for one in placed.get("cdnur", []) if taxed_by_rate(one)],
        "nil": {"inv": sections["nil"]},
        "at": advances_json(sections["at"]),
        "txpd": advances_json(sections["txpd"]),
        "ata": advances_json(sections["ata"]),
        "txpda": advances_json(sections["txpda"]),
        "hsn": _hsn_json(month, sections),
        "doc_issue": {"doc_det": _issued_json(sections["doc_issue"])},
    }


def _day(day: date) -> str:
    return day.strftime("%d-%m-%Y")


def _items(
    document: GstDocument, *, only: frozenset[str] = frozenset({"iamt", "camt", "samt", "csamt"})
) -> list[dict[str, Any]]:
    found = []
    for number, (rate, part) in enumerate(taxed_by_rate(document).items(), 1):
        detail: dict[str, Any] = {"rt": rate, "txval": part.taxable}
        if document.inter_state or document.is_export:
            taxes = {"iamt": part.igst, "csamt": part.cess}
        else:
            taxes = {"camt": part.cgst, "samt": part.sgst, "csamt": part.cess}
        detail.update({name: amount for name, amount in taxes.items() if name in only})
        found.append({"num": number, "itm_det": detail})
    return found


def _invoice_json(document: GstDocument) -> dict[str, Any]:
    return {
        "inum": document.number,
        "idt": _day(document.day),
        "val": document.value,
        "pos": document.place_of_supply,
        "rchrg": "Y" if document.reverse_charge else "N",
        "inv_typ": _SUPPLIES.get(document.supply_type, "R"),
        "itms": _items(document),
    }


def _note_json(document: GstDocument) -> dict[str, Any]:
    return {
        "ntty": "C" if document.kind == CREDIT_NOTE else "D",
        "nt_num": document.number,
        "nt_dt": _day(document.day),
        "val": document.value,
        "pos": document.place_of_supply,
        "rchrg": "Y" if document.reverse_charge else "N",
        "inv_typ": _SUPPLIES.get(document.supply_type, "R"),
        "itms": _items(document),
    }


def _unregistered_note_json(document: GstDocument) -> dict[str, Any]:
    told = {
        "typ": document.supply_type if document.is_export else "B2CL",
        "ntty": "C" if document.kind == CREDIT_NOTE else "D",
        "nt_num": document.number,
        "nt_dt": _day(document.day),
        "val": document.value,
        "itms": _items(document, only=frozenset({"iamt", "csamt"})),
    }
    if not document.is_export:
        told["pos"] = document.place_of_supply
    return told


def _by_party(documents: Iterable[GstDocument], tell: Any, *, name: str = "inv") -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in filter(taxed_by_rate, documents):
        found[document.buyer.gstin].append(tell(document))
    return [{"ctin": gstin, name: told} for gstin, told in sorted(found.items())]


def _by_place(documents: Iterable[GstDocument]) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in filter(taxed_by_rate, documents):
        told = {
            "inum": document.number,
            "idt": _day(document.day),
            "val": document.value,
            "itms": _items(document, only=frozenset({"iamt", "csamt"})),
        }
        found[document.place_of_supply].append(told)
    return [{"pos": place, "inv": told} for place, told in sorted(found.items())]


def _exports(documents: Iterable[GstDocument]) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in documents:
        items = [
            {"rt": rate, "txval": part.taxable, "iamt": part.igst, "csamt": part.cess}
            for rate, part in taxed_by_rate(document).items()
        ]
        kind = "WPAY" if document.supply_type == "EXPWP" else "WOPAY"
        found[kind].append({"inum": document.number, "idt": _day(document.day), "val": document.value, "itms": items})
    return [{"exp_typ": kind, "inv": told} for kind, told in sorted(found.items())]


def _b2cs_json(row: dict[str, Any]) -> dict[str, Any]:
    taxes = {"iamt": row["igst"]} if row["inter_state"] else {"camt": row["cgst"], "samt": row["sgst"]}
    return {
        "sply_ty": "INTER" if row["inter_state"] else "INTRA",
        "typ": "OE",
        "pos": row["place_of_supply"],
        "rt": row["rate"],
        "txval": row["taxable"],
        **taxes,
        "csamt": row["cess"],
    }


def _hsn_json(month: date, sections: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    def told(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                "num": number,
                "hsn_sc": row["hsn_sac"],
                "desc": row["description"],
                "uqc": row["unit"],
                "qty": row["quantity"],
                "rt": row["rate"],
                "txval": row["taxable"],
                "iamt": row["igst"],
                "camt": row["cgst"],
                "samt": row["sgst"],
                "csamt": row["cess"],
            }
            for number, row in enumerate(rows, 1)
        ]

    if month >= HSN_APART_FROM:
        return {"hsn_b2b": told(sections["hsn_b2b"]), "hsn_b2c": told(sections["hsn_b2c"])}
    return {"data": told([*sections["hsn_b2b"], *sections["hsn_b2c"]])}


def _issued_json(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        kind = found.setdefault(row["doc_num"], {"doc_num": row["doc_num"], "doc_typ": row["nature"], "docs": []})
        kind["docs"].append(
            {
                "num": len(kind["docs"]) + 1,
                "from": row["from"],
                "to": row["to"],
                "totnum": row["total"],
                "cancel": row["cancelled"],
                "net_issue": row["net"],
            }
        )
    return list(found.values())
