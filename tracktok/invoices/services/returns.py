"""GSTR-1 and e-invoices: made from what was issued, and what the portal answered taken back."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date
from typing import Any
from uuid import UUID

from tracktok.core import jobs
from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.customers.models import Company
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.queries import returns as queries
from tracktok.invoices.queries.advances import advances_between, amended_between
from tracktok.invoices.rules import einvoice, gstr1, statuses
from tracktok.invoices.rules.gst_documents import GstDocument, month_after

from .paper.keeping import PDF_JOB


class NotUnderGst(Conflict):
    code, title = "not_under_gst", "This is no document under GST"


class WouldBeRefused(Invalid):
    code, title = "portal_would_refuse", "The portal would refuse this document"


class IrnKept(Conflict):
    code, title = "irn_kept", "This document has an IRN already"


def make_gstr1(company: Company, month: date) -> gstr1.Return:
    """The return of outward supplies of a company for a month. Raises NotUnderGst (409) for one without a GSTIN."""
    if not company.gstin:
        raise NotUnderGst(f"{company.legal_name} has no GSTIN: there is nothing to return. Enter it in its settings.")
    days = company.id, month, month_after(month)
    advances, amended = advances_between(*days), amended_between(*days)
    return gstr1.make_return(company.gstin, month, queries.documents_of_month(company.id, month), advances, amended)


def make_einvoice(document_id: UUID) -> dict[str, Any]:
    """INV-01 v1.1 of an issued document. Raises NotUnderGst (409), WouldBeRefused (422) with every reason."""
    found = _portal_document(document_id)
    reasons = einvoice.problems(found)
    if reasons:
        errors = [FieldError("", WouldBeRefused.code, reason) for reason in reasons]
        raise WouldBeRefused(" ".join(reasons[:5]), errors=errors)
    return einvoice.build(found)


def _portal_document(document_id: UUID) -> GstDocument:
    found = queries.document_for_portal(document_id)
    if found is None:
        raise NotUnderGst("Only issued invoices and notes under GST go to the invoice registration portal.")
    return found


def take_answer(
    document: SalesDocument, *, irn: str, ack_number: str = "", ack_date: str = "", signed_qr: str = ""
) -> SalesDocument:
    """Keep what the portal answered for a document, locked by the caller. The IRN is never made here.

    Raises Invalid at the field, IrnKept (409) where another one is kept, NotUnderGst (409) where none can be.
    """
    irn = irn.strip().lower()
    if not einvoice.IRN.fullmatch(irn):
        raise Invalid.at("irn", "An IRN has 64 digits and letters a to f. Copy it from the portal's answer.")
    if document.number is None or document.status == statuses.VOID or document.tax_regime != "gst":
        raise NotUnderGst("Only issued invoices and notes under GST have an IRN.")
    if document.kind not in {DocumentKind.invoice, DocumentKind.credit_note, DocumentKind.debit_note}:
        raise NotUnderGst("Only issued invoices and notes under GST have an IRN.")
    if document.irn and document.irn != irn:
        raise IrnKept(f"{document.number} has the IRN {document.irn}. An IRN is for ever; cancel it at the portal.")
    named = _number_in(signed_qr)
    if named is not None and named != document.number:
        raise Invalid.at("signed_qr", f"This code is of {named}, not of {document.number}.")
    document.irn = irn
    document.irn_ack_number, document.irn_ack_date = ack_number.strip(), ack_date.strip()
    document.irn_signed_qr = signed_qr.strip()
    # An e-invoice is an invoice with its IRN and signed code on it (rule 48(4)): its file is drawn anew, once. The one
    # before stays among the tenant's files.
    document.pdf_file_id = document.pdf_sha256 = None
    db.session.flush()
    jobs.start(PDF_JOB, {"document_id": str(document.id)}, run_key=f"pdf:{document.id}:{irn}:{document.version}")
    return document


def _number_in(signed_qr: str) -> str | None:
    """The number of the document that a signed QR code (a JWT of the portal) is of; None where it cannot be read.

    The portal's signature is checked by those who scan the code; here only a mix-up of two documents is caught.
    """
    parts = signed_qr.strip().split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        told = claims.get("data") if isinstance(claims, dict) else None
        inner = json.loads(told) if isinstance(told, str) else told
    except (binascii.Error, ValueError):
        return None
    number = inner.get("DocNo") if isinstance(inner, dict) else None
    return number if isinstance(number, str) else None


__all__ = [
    "IrnKept",
    "NotUnderGst",
    "WouldBeRefused",
    "make_einvoice",
    "make_gstr1",
    "take_answer",
]
