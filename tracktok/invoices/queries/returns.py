"""Issued documents as the tax authority sees them: from their rows and snapshots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid, and_, bindparam, select
from sqlalchemy.orm import aliased

from tracktok.core.db import db
from tracktok.invoices.models import SalesDocument, SalesLine
from tracktok.invoices.rules import statuses
from tracktok.invoices.rules.gst_documents import GstDocument, GstLine, GstParty, month_after
from tracktok.invoices.rules.spreading import shared

ZERO = Decimal(0)
_KINDS = ("invoice", "credit_note", "debit_note")
_Original = aliased(SalesDocument)
_DOCUMENTS = (
    select(
        SalesDocument.id, SalesDocument.kind, SalesDocument.number, SalesDocument.status, SalesDocument.document_date,
        SalesDocument.snapshot, SalesDocument.supply_type, SalesDocument.place_of_supply, SalesDocument.inter_state,
        SalesDocument.reverse_charge, SalesDocument.total, SalesDocument.round_off, SalesDocument.currency,
        SalesDocument.exchange_rate, SalesDocument.tax_inclusive, SalesDocument.tax_groups, SalesDocument.irn,
        _Original.number.label("original_number"), _Original.document_date.label("original_date"),
        _Original.total.label("original_total"), _Original.exchange_rate.label("original_rate"),
    )
    .outerjoin(
        _Original,
        and_(_Original.tenant_id == SalesDocument.tenant_id, _Original.id == SalesDocument.original_id),
    )
    .where(SalesDocument.kind.in_(_KINDS), SalesDocument.number.is_not(None), SalesDocument.tax_regime == "gst")
)  # fmt: skip
_OF_MONTH = _DOCUMENTS.where(
    SalesDocument.company_id == bindparam("company_id", type_=Uuid()),
    SalesDocument.document_date >= bindparam("first", type_=Date()),
    SalesDocument.document_date < bindparam("after", type_=Date()),
).order_by(SalesDocument.kind, SalesDocument.document_date, SalesDocument.id)
_ONE = _DOCUMENTS.where(SalesDocument.id == bindparam("document_id", type_=Uuid()))
_LINES = (
    select(SalesLine)
    .where(SalesLine.document_id == bindparam("ids", type_=ARRAY(Uuid())).any_())
    .order_by(SalesLine.document_id, SalesLine.position)
)


def documents_of_month(company_id: UUID, month: date) -> list[GstDocument]:
    """What a company issued in a month under GST, void documents too, in the order of their days."""
    rows = db.session.execute(_OF_MONTH, {"company_id": company_id, "first": month, "after": month_after(month)}).all()
    return _with_lines(rows)


def document_for_portal(document_id: UUID) -> GstDocument | None:
    """One issued document; None for what is no issued document under GST."""
    rows = db.session.execute(_ONE, {"document_id": document_id}).all()
    return _with_lines(rows)[0] if rows else None


def _with_lines(rows: Sequence[Any]) -> list[GstDocument]:
    lines: dict[UUID, list[SalesLine]] = defaultdict(list)
    for line in db.session.execute(_LINES, {"ids": [row.id for row in rows]}).scalars() if rows else ():
        lines[line.document_id].append(line)
    return [_document(row, lines[row.id]) for row in rows]


def _document(row: Any, lines: Sequence[SalesLine]) -> GstDocument:
    owed = _owed_by_recipient(row, lines) if row.reverse_charge else {}
    return GstDocument(
        id=str(row.id),
        kind=row.kind,
        number=row.number,
        day=row.document_date,
        supplier=_party(row.snapshot["company"], "legal_name"),
        buyer=_party(row.snapshot["customer"], "name"),
        supply_type=row.supply_type,
        place_of_supply=row.place_of_supply,
        inter_state=row.inter_state,
        reverse_charge=row.reverse_charge,
        lines=tuple(_line(line, owed.get(line.id, {}), inclusive=row.tax_inclusive) for line in lines),
        total=row.total,
        round_off=row.round_off,
        currency=row.currency,
        exchange_rate=row.exchange_rate,
        is_void=row.status == statuses.VOID,
        original_number=row.original_number or "",
        original_day=row.original_date,
        original_total=(row.original_total or ZERO) * (row.original_rate or 1),
        irn=row.irn or "",
    )


def _party(said: Mapping[str, Any], name: str) -> GstParty:
    return GstParty(
        gstin=said.get("gstin") or "",
        name=said[name],
        trade_name=said.get("trade_name") or "",
        address_line1=said["address_line1"],
        address_line2=said["address_line2"],
        city=said["city"],
        postal_code=said["postal_code"],
        state_code=said["state_code"],
        country=said["country"],
        email=said.get("email") or "",
        phone=said.get("phone") or "",
    )


def _line(line: SalesLine, owed: Mapping[str, Decimal], *, inclusive: bool) -> GstLine:
    gross, price = line.gross_amount, line.unit_price
    if inclusive:  # returns and e-invoices know prices before tax only
        gross = line.taxable_amount
        price = gross / line.quantity if line.quantity else gross
    flat = min(line.cess_amount, line.cess_per_unit * line.quantity) if line.cess_per_unit else ZERO
    return GstLine(
        description=line.description,
        hsn_sac=line.hsn_sac,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=price,
        gross=gross,
        taxable=line.total - line.tax_amount if line.pure_agent else line.taxable_amount,
        tax_rate=ZERO if line.pure_agent else line.tax_rate,
        cgst=owed.get("cgst", line.cgst_amount),
        sgst=owed.get("sgst", line.sgst_amount),
        igst=owed.get("igst", line.igst_amount),
        cess=owed.get("cess", line.cess_amount),
        cess_rate=line.cess_rate,
        cess_flat=flat,
        total=line.total,
    )


def _owed_by_recipient(row: Any, lines: Iterable[SalesLine]) -> dict[UUID, dict[str, Decimal]]:
    """What the recipient owes under reverse charge, line by line: each group's amount shared by taxable value."""
    found: dict[UUID, dict[str, Decimal]] = defaultdict(dict)
    listed = list(lines)
    for group in row.tax_groups:
        code = "sgst" if group["code"] == "utgst" else group["code"]
        rate = Decimal(group["percent"]) * (1 if code in {"igst", "cess"} else 2)
        of_group = [line for line in listed if (line.cess_rate if code == "cess" else line.tax_rate) == rate]
        weights = [int(line.taxable_amount * 10000) for line in of_group]
        if not sum(weights):
            continue
        parts = shared(int(Decimal(group["amount"]) * 10000), weights)
        for line, part in zip(of_group, parts, strict=True):
            found[line.id][code] = found[line.id].get(code, ZERO) + Decimal(part) / 10000
    return found
