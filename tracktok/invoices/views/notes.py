"""Credit and debit notes: made from an invoice, by its lines, with what they come to while they are filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.context import preferences
from tracktok.core.errors import DomainError
from tracktok.core.permissions import permits
from tracktok.invoices import services
from tracktok.invoices.models import SalesDocument
from tracktok.invoices.queries.documents import get_document, lines_of
from tracktok.invoices.schemas.documents import CreditNoteIn, DebitNoteIn
from tracktok.invoices.services.filling import plain
from tracktok.web.filters import figures, format_number, today
from tracktok.web.forms import Form
from tracktok.web.inputs import plain_decimal
from tracktok.web.render import redirect_to, render, toast
from tracktok.web.saving import go_on, save

from . import words
from .blueprint import NOTES, Section, here, pages
from .entering import uuid_of

_AT = re.compile(r"lines-(\d+)(?:-(\w+))?$")
_MOST_TURNS = 30
Values = MultiDict[str, str]


@dataclass(slots=True)
class NoteLook:
    """What a note that is being entered comes to; like `looking.Look` for what has lines of its own."""

    found: Mapping[str, Any] | None = None
    lines: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    waiting: str = ""
    number: str = ""
    addresses: Sequence[Any] = ()

    def problem_of(self, key: str) -> str:
        """What is wrong with a line."""
        return " ".join(text for name, text in self.problems.items() if name.startswith(f"lines-{key}-"))


def _keys(values: Values, left: Sequence[services.LineLeft]) -> list[str]:
    """The lines of which something was entered, by their place on the invoice."""
    places = [str(one.line.position) for one in left]
    return [
        key for key in places if any(values.get(f"lines-{key}-{name}", "").strip() for name in ("quantity", "amount"))
    ]


def _read(section: Section, source: Values, invoice_id: UUID, left: Sequence[services.LineLeft]) -> Form[Any]:
    values: Values = MultiDict(source)
    by_place = {str(one.line.position): one.line for one in left}
    decimal = figures(preferences().locale).decimal
    lines = []
    for key in _keys(values, left):
        said: dict[str, Any] = {"line_id": by_place[key].id}
        for name in ("quantity", "amount"):
            if text := values.get(f"lines-{key}-{name}", "").strip():
                said[name] = plain_decimal(text, decimal) or text
        if text := values.get(f"lines-{key}-description", "").strip():
            said["description"] = text
        lines.append(said)
    schema = CreditNoteIn if section.name == "credit_notes" else DebitNoteIn
    return Form.read(schema, values, invoice_id=invoice_id, lines=lines, finalize=False)


def _place_errors(form: Form[Any], keys: Sequence[str]) -> None:
    found, form.errors = form.errors, {}
    for name, sentences in found.items():
        at = _AT.match(name)
        if at and int(at[1]) < len(keys):
            part = at[2] if at[2] in {"quantity", "amount"} else "quantity"
            key = keys[int(at[1])]
            name = f"lines-{key}-{part}"  # noqa: PLW2901 - its name in the form
            form.labels[name] = f"Line {key}, {part}"
        form.errors.setdefault(name, []).extend(sentences)
    if "lines" in form.errors and not keys:
        form.errors["lines"] = ["Say of one line at least how much."]
    form.general += form.errors.pop("invoice_id", [])
    form.labels["reason"] = "Why"


def _look(
    section: Section, form: Form[Any], invoice_id: UUID, left: Sequence[services.LineLeft], note: SalesDocument | None
) -> NoteLook:
    look, values = NoteLook(), form.values.copy()
    if not values.get("reason", "").strip():
        values["reason"] = "?"  # it does not change what the note comes to
    for _ in range(_MOST_TURNS):
        tried = _read(section, values, invoice_id, left)
        keys = _keys(values, left)
        if not keys:
            look.waiting = "" if look.left_out else "Say of one line at least how much."
            break
        if tried.data is not None:
            try:
                look.found = services.preview_note(section.kind, tried.data, note)
            except DomainError as refusal:
                tried.refuse(refusal)
            else:
                look.lines = dict(zip(keys, look.found["lines"], strict=True))
                break
        _place_errors(tried, keys)
        if tried.general:
            look.problems[""] = " ".join(tried.general)
            break
        for name, sentences in tried.errors.items():
            look.problems[name] = " ".join(sentences)
            if name.startswith("lines-"):
                key = name.split("-")[1]
                look.left_out.append(key)
                for part in ("quantity", "amount"):
                    values.poplist(f"lines-{key}-{part}")
            else:
                values.poplist(name)
    return look


def _page(
    form: Form[Any], invoice: SalesDocument, left: Sequence[services.LineLeft], note: SalesDocument | None = None
) -> Response:
    section = here()
    look = _look(section, form, invoice.id, left, note)
    _place_errors(form, _keys(form.values, left))
    return render(
        "invoices/note_form.html", block="form", status=form.status, section=section, form=form, document=note,
        invoice=invoice, left=left, look=look, words=words, base=preferences().currency,
    )  # fmt: skip


def _lines_left(invoice_id: UUID, note: SalesDocument | None) -> tuple[SalesDocument, Sequence[services.LineLeft]]:
    return services.left_of(invoice_id, note)


@pages("/new", of=NOTES)
@permits("invoices.write")
def new() -> Response:
    """The form of a note over an invoice: a credit note begins with all that is left of it."""
    section = here()
    invoice_id = uuid_of(request.args.get("invoice_id", ""))
    if invoice_id is None:
        toast(f"Open the invoice, then choose “{section.kind.label}” there.", "info")
        return redirect_to(url_for("invoices.index", status="open"))
    try:
        invoice, left = _lines_left(invoice_id, None)
    except DomainError as refusal:
        toast(refusal.detail, "danger")
        return redirect_to(url_for("invoices.show", document_id=invoice_id))
    values: dict[str, Any] = {"date": max(today(), invoice.document_date)}
    for one in left if section.name == "credit_notes" else ():
        if one.quantity:
            values[f"lines-{one.line.position}-quantity"] = _text(abs(one.quantity))
        elif one.value:
            values[f"lines-{one.line.position}-amount"] = _text(one.value)
    return _page(Form(values), invoice, left)


def _text(value: Any) -> str:
    return format_number(plain(value)).replace("\N{MINUS SIGN}", "-")


@pages("/", methods=("POST",), of=NOTES)
@permits("invoices.write")
def create() -> Response:
    """Make a draft note of `invoice_id`."""
    section = here()
    invoice, left = _lines_left(_invoice_named(), None)
    return save(
        _read(section, request.form, invoice.id, left),
        lambda body: services.create_note(section.kind, body),
        lambda made: _saved(made, "saved as a draft"),
        lambda form: _page(form, invoice, left),
    )


def _invoice_named() -> UUID:
    return get_document(uuid_of(request.args.get("invoice_id", "")) or UUID(int=0), "invoice").id


@pages("/<uuid:document_id>/edit", of=NOTES)
@permits("invoices.write")
def edit(document_id: UUID) -> Response:
    """The form of a draft note."""
    note = get_document(document_id, here().kind)
    if note.status != "draft" or note.original_id is None:
        toast(f"{note.number} is issued. What is issued is not changed.", "info")
        return redirect_to(url_for(".show", document_id=document_id))
    invoice, left = _lines_left(note.original_id, note)
    places = {one.line.id: one.line.position for one in left}
    values: dict[str, Any] = {"date": note.document_date, "due_date": note.due_date if note.entered else None}
    values |= {name: getattr(note, name) for name in ("reason", "reference", "notes")}
    for line in lines_of(document_id):
        if line.original_line_id not in places:
            continue
        key = places[line.original_line_id]
        if services.is_by_quantity(note, line) and line.quantity:
            values[f"lines-{key}-quantity"] = _text(abs(line.quantity))
        else:
            values[f"lines-{key}-amount"] = _text(line.total - line.tax_amount)
    return _page(Form(values), invoice, left, note)


@pages("/<uuid:document_id>/edit", methods=("POST",), of=NOTES)
@permits("invoices.write")
def update(document_id: UUID) -> Response:
    """Change a draft note as a whole."""
    section = here()
    note = services.lock_note(document_id, section.kind)
    invoice, left = _lines_left(note.original_id or UUID(int=0), note)
    return save(
        _read(section, request.form, invoice.id, left),
        lambda body: services.change_note(note, body),
        lambda made: _saved(made, "saved"),
        lambda form: _page(form, invoice, left, note),
        version=note.version,
    )


@pages("/preview", methods=("POST",), of=NOTES)
@permits("invoices.write")
def preview() -> Response:
    """What the form comes to, as it stands."""
    section = here()
    document_id = uuid_of(request.args.get("document_id", ""))
    note = get_document(document_id, section.kind) if document_id else None
    invoice, left = _lines_left((note.original_id if note else None) or _invoice_named(), note)
    form: Form[Any] = Form.of(request.form)
    return render(
        "invoices/note_preview.html", section=section, form=form, left=left,
        look=_look(section, form, invoice.id, left, note), base=preferences().currency,
    )  # fmt: skip


def _saved(made: services.Written, word: str) -> Response:
    for warning in made.warnings:
        toast(warning.detail, "warning")
    if request.form.get("do") == "finalize":
        return redirect_to(url_for(".finalizing", document_id=made.document.id))
    return go_on(f"{here().kind.label} {word}", url_for(".show", document_id=made.document.id))
