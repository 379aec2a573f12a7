"""Drafts: their form, what it comes to while it is filled in, and its saving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, jsonify, request, url_for

from tracktok.core.context import preferences
from tracktok.core.errors import NotFound
from tracktok.core.permissions import may, permits
from tracktok.customers.queries import all_taxes_on, company_choices, find_customers, service_choices
from tracktok.expenses.rules.amounts import COMMON_CURRENCIES
from tracktok.invoices import services
from tracktok.invoices.models import SalesDocument, SalesLine
from tracktok.invoices.queries.billed_trips import count_unbilled
from tracktok.invoices.queries.documents import get_document, lines_of
from tracktok.invoices.services.offering import offer_of
from tracktok.web.filters import format_day, today
from tracktok.web.forms import Form
from tracktok.web.inputs import plain_date
from tracktok.web.render import redirect_to, render, toast
from tracktok.web.saving import go_on, save

from . import entering, words
from .blueprint import WRITTEN, here, pages
from .index import customer_options
from .looking import Look, look_at

_FEW_SERVICES = 50
_MANY_LINES = 40


def _page(form: Form[Any], document: SalesDocument | None = None, lines: Sequence[SalesLine] = ()) -> Response:
    section = here()
    if not entering.keys_of(form.values):
        form.values.update(entering.first_line())
    keys = entering.keys_of(form.values)
    look = look_at(section, form, document, lines)
    entering.place_errors(form, entering.filled_keys(form.values))
    return render(
        "invoices/form.html", block="form", status=form.status, section=section, form=form, document=document,
        keys=keys, look=look, words=words, waiting_trips=_waiting_trips(form), **choices(form, keys, look.found),
    )  # fmt: skip


def _waiting_trips(form: Form[Any]) -> int:
    customer_id = entering.uuid_of(form.text("customer_id")) if here().name == "invoices" else None
    return count_unbilled(customer_id) if customer_id else 0


def choices(form: Form[Any], keys: Sequence[str], found: Any) -> dict[str, Any]:
    """What the fields of the form offer."""
    base = preferences().currency
    companies = company_choices()
    named = {form.text(f"lines-{key}-tax") for key in keys}
    regimes = {row.tax_regime for row in companies}
    rates = [
        one
        for one in all_taxes_on(found["date"] if found else today())
        if str(one.tax_rate_id) in named or (not one.is_archived and one.regime in regimes)
    ]
    services_found = service_choices()
    chosen = {form.text(f"lines-{key}-service_type_id") for key in keys}
    few = services_found[: _FEW_SERVICES if len(keys) <= _MANY_LINES else 0]
    offered = [row for row in services_found if row in few or str(row.id) in chosen]
    own = form.text("currency")
    codes = [base, *(code for code in COMMON_CURRENCIES if code != base)]
    return {
        "base": base,
        "companies": [(row.id, row.legal_name, row.gstin) for row in companies],
        "is_gst": any(row.tax_regime == "gst" for row in companies),
        "is_taxed": any(row.tax_regime != "none" for row in companies),
        "customers": customer_options(form.text("customer_id")),
        "services": [(row.id, row.name, row.hsn_sac) for row in offered],
        "taxes": [(row.tax_rate_id, row.name) for row in rates],
        "currency_options": [(code, code) for code in (codes if own in codes or not own else [own, *codes])],
        "blank": Form(entering.first_line("KEY")),
        "nothing": Look(),
        "places": words.PLACES,
        "supplies": words.SUPPLIES,
    }


@pages("/new", of=WRITTEN)
@permits("invoices.write")
def new() -> Response:
    """An empty form of today; `customer_id` fills in a customer, `copy` another document."""
    section = here()
    copied = entering.uuid_of(request.args.get("copy", ""))
    if copied is not None:
        other = get_document(copied, section.kind)
        form = entering.form_of(other, lines_of(other.id), section=section)
        for name in ("due_date", "valid_until", "exchange_rate", "reference"):
            form.values.poplist(name)
        for key in entering.keys_of(form.values):
            form.values.poplist(f"lines-{key}-id")
    else:
        form = Form({"customer_id": request.args.get("customer_id", "")})
        form.values.update(entering.first_line())
    form.values.setlist(section.day_field, [format_day(today())])
    return _page(form)


@pages("/", methods=("POST",), of=WRITTEN)
@permits("invoices.write")
def create() -> Response:
    """Make a draft; or, without scripts, add or take away a line of its form."""
    section = here()
    if request.form.get("do", "") not in {"", "save", "finalize"}:
        return _page(Form.of(entering.change_lines(request.form, request.form["do"])))
    return save(
        entering.read(section, request.form),
        lambda body: services.create_document(section.kind, body),
        lambda made: _saved(made, "saved as a draft"),
        _page,
    )


@pages("/<uuid:document_id>/edit", of=WRITTEN)
@permits("invoices.write")
def edit(document_id: UUID) -> Response:
    """The form of a draft."""
    section = here()
    document = get_document(document_id, section.kind)
    if document.status != "draft":
        toast(f"{document.number} is issued. What is issued is not changed.", "info")
        return redirect_to(url_for(".show", document_id=document_id))
    lines = lines_of(document_id)
    return _page(entering.form_of(document, lines, section=section), document, lines)


@pages("/<uuid:document_id>/edit", methods=("POST",), of=WRITTEN)
@permits("invoices.write")
def update(document_id: UUID) -> Response:
    """Change a draft as a whole."""
    section = here()
    document = get_document(document_id, section.kind, for_update=True)
    lines = lines_of(document_id)
    if request.form.get("do", "") not in {"", "save", "finalize"}:
        return _page(Form.of(entering.change_lines(request.form, request.form["do"])), document, lines)
    return save(
        entering.read(section, request.form, document, lines),
        lambda body: services.change_document(document, body),
        lambda made: _saved(made, "saved"),
        lambda form: _page(form, document, lines),
        version=document.version,
    )


def _saved(made: services.Written, word: str) -> Response:
    section = here()
    for warning in made.warnings:
        toast(warning.detail, "warning")
    if request.form.get("do") == "finalize":
        return redirect_to(url_for(".finalizing", document_id=made.document.id))
    return go_on(f"{section.kind.label} {word}", url_for(".show", document_id=made.document.id))


@pages("/preview", methods=("POST",), of=WRITTEN)
@permits("invoices.write")
def preview() -> Response:
    """What the form comes to, as it stands: parts of the page that replace those that are there."""
    section = here()
    document: SalesDocument | None = None
    lines: Sequence[SalesLine] = ()
    if (document_id := entering.uuid_of(request.args.get("document_id", ""))) is not None:
        document = get_document(document_id, section.kind)
        lines = lines_of(document_id)
    form: Form[Any] = Form.of(request.form)
    look = look_at(section, form, document, lines)
    return render(
        "invoices/preview.html", section=section, form=form, look=look, keys=entering.keys_of(form.values),
        words=words, base=preferences().currency, may_finalize=may("invoices.finalize"), oob=True,
    )  # fmt: skip


@pages("/fill", of=("invoices",))
@permits("invoices.write")
def fill() -> Response:
    """What a line says of a service type: for the form's script."""
    asked = request.args
    service_type_id = entering.uuid_of(asked.get("service_type_id", ""))
    if service_type_id is None:
        raise NotFound("There is no such service type.")
    day = plain_date(asked.get("day", ""), preferences().date_format, today())
    offer = offer_of(
        service_type_id,
        customer_id=entering.uuid_of(asked.get("customer_id", "")),
        company_id=entering.uuid_of(asked.get("company_id", "")),
        currency=asked.get("currency", ""),
        day=day,
    )
    shown: Form[Any] = Form({"unit_price": offer.unit_price})
    return jsonify(
        {
            "description": offer.description,
            "hsn_sac": offer.hsn_sac,
            "unit": offer.unit,
            "unit_price": shown.text("unit_price"),
            "tax": str(offer.tax_rate_id or ""),
        }
    )


@pages("/find-customers", of=("invoices",))
@permits("customers.read")
def customers_found() -> Response:
    """Customers by part of their name, code or GSTIN: for fields that search."""
    rows = find_customers(request.args.get("q", "").strip()[:120], 20)
    return jsonify([{"value": str(row.id), "label": row.name, "note": row.city or row.code} for row in rows])


@pages("/find-services", of=("invoices",))
@permits("customers.read")
def services_found() -> Response:
    """Service types by part of their name or code: for fields that search."""
    wanted = request.args.get("q", "").strip().lower().split()
    found = [
        row
        for row in service_choices()
        if all(word in f"{row.name} {row.code} {row.hsn_sac}".lower() for word in wanted)
    ]
    return jsonify([{"value": str(row.id), "label": row.name, "note": row.hsn_sac} for row in found[:20]])
