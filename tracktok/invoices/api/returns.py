"""The routes /api/v1/gst-returns and /api/v1/{invoices, credit-notes, debit-notes}/{id}/einvoice."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.customers.queries import get_company
from tracktok.customers.services import default_company
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.queries.return_files import portal_file, return_name, sheet_file
from tracktok.invoices.schemas.documents import DocumentOut
from tracktok.invoices.schemas.returns import IrnIn, ReturnOut, ReturnQuery
from tracktok.invoices.services import return_sheets, returns
from tracktok.web.api import PROBLEMS, Api, check_if_match, json_response, path_of

from . import answers

api = Api("gst_returns", __name__, prefix="", tag="GST")
DocumentPath = path_of("document_id")
_NOT_UNDER_GST: dict[Any, Any] = {409: {**PROBLEMS[409], "description": "Not under GST, or not issued"}}
_INV01: dict[Any, Any] = {
    200: {"description": "INV-01 v1.1", "content": {"application/json": {"schema": {"type": "object"}}}},
    **_NOT_UNDER_GST,
}


@api.get("/gst-returns/gstr1", responses={200: ReturnOut, **_NOT_UNDER_GST})
@permits("invoices.read")
def gstr1(query: ReturnQuery) -> Response:
    """Make GSTR-1 of a month: to read, as the portal's JSON, or as a workbook; with what would be refused."""
    company = get_company(query.company_id) if query.company_id else default_company()
    made = returns.make_gstr1(company, query.month)
    if query.format == "portal":
        return portal_file(made.json, return_name(made))
    if query.format == "xlsx":
        return sheet_file(made, return_sheets.workbook(made))
    total = made.totals
    return json_response(
        {
            "gstin": made.gstin,
            "month": f"{made.month:%Y-%m}",
            "sections": made.sections,
            "totals": {name: getattr(total, name) for name in ("taxable", "igst", "cgst", "sgst", "cess")},
            "refused": [
                {"document_id": one.document_id, "number": one.number, "reason": one.reason} for one in made.refused
            ],
        }
    )


def _serve(kind: DocumentKind) -> None:
    address, noun = f"/{answers.plural(kind)}/<uuid:document_id>/einvoice", kind.label.lower()

    def make(path: DocumentPath) -> Response:  # type: ignore[valid-type]
        document = get_document(path.document_id, kind)  # type: ignore[attr-defined]
        return portal_file(returns.make_einvoice(document.id), f"INV01-{document.number}".replace("/", "-"))

    def take(path: DocumentPath, body: IrnIn) -> Response:  # type: ignore[valid-type]
        document = get_document(path.document_id, kind, for_update=True)  # type: ignore[attr-defined]
        check_if_match(document.version)
        return answers.shown(returns.take_answer(document, **body.model_dump()))

    make.__name__, take.__name__ = f"{kind.value}_einvoice", f"{kind.value}_irn"
    make.__doc__ = (
        f"Get an issued {noun} as INV-01 v1.1, for the invoice registration portal; 422 names what it would refuse."
    )
    take.__doc__ = f"Keep the IRN and signed QR code that the portal answered for a {noun}."
    api.get(address, responses=_INV01)(permits("invoices.read")(make))
    api.post(address, responses={200: DocumentOut})(permits("invoices.finalize")(take))


for _kind in (DocumentKind.invoice, DocumentKind.credit_note, DocumentKind.debit_note):
    _serve(_kind)
