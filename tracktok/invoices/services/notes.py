"""Credit and debit notes against an issued invoice: by line, taxed as it was, numbered and posted on their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.core.money import round_amount
from tracktok.customers.models import Company
from tracktok.invoices.models import DocumentKind, SalesDocument, SalesLine
from tracktok.invoices.queries import documents as queries
from tracktok.invoices.queries import parties, present
from tracktok.invoices.rules import noting, statuses
from tracktok.invoices.rules.computing import DocumentInput, LineInput, compute
from tracktok.invoices.rules.law import credit_note_deadline
from tracktok.invoices.rules.supply import WITHOUT_PAYMENT, Supply
from tracktok.invoices.rules.taxes import TaxSpec, regime_of
from tracktok.invoices.rules.words import amount_in_words
from tracktok.invoices.schemas.documents import CreditNoteIn, DebitNoteIn
from tracktok.invoices.schemas.lines import NoteLineIn
from tracktok.invoices.signals import DocumentWarning

from . import numbering
from .deriving import Derived, amounts_of, due_by_terms, line_values, tax_columns, today
from .drafts import Written, check_draft, write
from .filling import FilledLine, components_of, plain
from .issuing import IllegalStatus, enter, issue
from .settling import apply_credit_note

ZERO = Decimal(0)
NoteIn = CreditNoteIn | DebitNoteIn
_OF_THE_INVOICE = (
    "company_id", "customer_id", "currency", "exchange_rate", "rate_date", "rate_source", "tax_regime", "supply_type",
    "place_of_supply", "inter_state", "reverse_charge", "transport", "delivery_address_id",
)  # fmt: skip
_OF_THE_LINE = (
    "service_type_id", "hsn_sac", "supply_kind", "unit", "tax_rate_id", "tax_rate", "cess_rate", "cess_per_unit",
    "book_account_id", "pure_agent",
)  # fmt: skip


class NothingLeft(Conflict):
    code, title = "nothing_left", "Nothing of this invoice is left to credit"


class MoreThanLeft(Conflict):
    code, title = "more_than_left", "Somebody else has credited this meanwhile"


@dataclass(slots=True)
class _Original:
    """The invoice of a note, locked, with its lines and (by line) what was credited of them."""

    invoice: SalesDocument
    lines: dict[UUID, SalesLine]
    credited: dict[UUID, list[SalesLine]]
    notes: Sequence[SalesDocument]

    def line(self, line: SalesLine) -> noting.OriginalLine:
        """A line as crediting sees it."""
        taken = self.credited.get(line.id, [])
        parts = tuple(Decimal(part["amount"]) for part in line.tax_components)
        return noting.OriginalLine(
            quantity=line.quantity,
            value=line.total - line.tax_amount,
            parts=parts,
            credited_quantity=sum((one.quantity for one in taken), ZERO),
            credited_value=sum((one.total - one.tax_amount for one in taken), ZERO),
            credited_parts=tuple(
                sum((Decimal(one.tax_components[at]["amount"]) for one in taken), ZERO) for at in range(len(parts))
            ),
        )

    @property
    def left_total(self) -> Decimal:
        return self.invoice.total - sum((note.total for note in self.notes), ZERO)

    @property
    def left_base(self) -> Decimal:
        return self.invoice.base_total - sum((note.base_total for note in self.notes), ZERO)


def create_note(kind: DocumentKind, body: NoteIn) -> Written:
    """Make a draft of a note. Raises Invalid (422) at the lines, NothingLeft or IllegalStatus (409)."""
    original = _original(body.invoice_id, None)
    derived = _derive(kind, body, original, None)
    note = SalesDocument(id=new_id(), status=statuses.DRAFT, original_id=original.invoice.id, reason=body.reason)
    return write(note, derived)


def change_note(note: SalesDocument, body: NoteIn) -> Written:
    """Change a draft, locked by `lock_note`, as a whole; it stays with its invoice. Raises NotADraft (409)."""
    check_draft(note)
    if body.invoice_id != note.original_id:
        raise Invalid.at("invoice_id", "A note stays with its invoice; make another for another invoice.")
    original = _original(body.invoice_id, note)
    derived = _derive(DocumentKind(note.kind), body, original, note)
    note.reason = body.reason
    return write(note, derived)


@dataclass(frozen=True, slots=True)
class LineLeft:
    """A line of an invoice with what of it is not credited yet: of its quantity, and of its value before tax."""

    line: SalesLine
    quantity: Decimal
    value: Decimal


def left_of(invoice_id: UUID, note: SalesDocument | None = None) -> tuple[SalesDocument, list[LineLeft]]:
    """An invoice with what is left of its lines, not counting a draft `note`. Raises IllegalStatus, Invalid."""
    original = _original(invoice_id, note)
    standing = [(line, original.line(line)) for line in sorted(original.lines.values(), key=lambda one: one.position)]
    return original.invoice, [LineLeft(line, one.left_quantity, one.left_value) for line, one in standing]


def preview_note(kind: DocumentKind, body: NoteIn, note: SalesDocument | None = None) -> dict[str, Any]:
    """A note as it would be, in the shape of one that is stored; nothing is written. `note`: the draft it replaces."""
    original = _original(body.invoice_id, note)
    derived = _derive(kind, body, original, note)
    shown = SalesDocument(status=statuses.DRAFT, reason=body.reason, snapshot={}, version=0, **derived.values)
    lines = [SalesLine(**values) for values in derived.lines]
    found = present.document(shown, lines, original.invoice.snapshot)
    return {**found, "warnings": [warning.as_dict() for warning in derived.warnings]}


def lock_note(note_id: UUID, kind: DocumentKind) -> SalesDocument:
    """A note, locked together with its invoice, in the order of their ids. Raises NotFound."""
    note = queries.get_document(note_id, kind)
    locked = queries.lock_documents([one for one in (note.original_id, note.id) if one is not None])
    return queries.get_document(note_id, kind) if note_id in locked else note


def finalize_note(note_id: UUID, kind: DocumentKind, *, apply: bool | None = None) -> Written:
    """Issue a draft note: number, amounts as they come out now, entry.

    A credit note over all of an invoice of which nothing is paid is applied to it; any other is an open credit of the
    customer. `apply`: apply as much as fits, or nothing. Raises IllegalStatus, MoreThanLeft (409).
    """
    note = lock_note(note_id, kind)
    status = statuses.move(note.kind, note.status, "finalize")
    if status is None:
        raise IllegalStatus(f"This {kind.label.lower()} is issued already, as {note.number}.")
    if note.original_id is None:  # made by `create_note` only
        raise LookupError("a note without its invoice")
    original = _original(note.original_id, note)
    try:
        derived = _derive(kind, _body_again(note, original), original, note)
    except Invalid as problem:
        raise MoreThanLeft(problem.detail, errors=problem.errors) from problem
    written = write(note, derived)
    snapshot = {
        **original.invoice.snapshot,
        "original": {"number": original.invoice.number, "date": original.invoice.document_date.isoformat()},
    }
    with numbering.taking_number(note.kind) as take:
        issue(note, take(derived.company, note.document_date), status, snapshot=snapshot)
    enter(note, written.lines)
    warnings = [*written.warnings, *_late(note, original.invoice)]
    if kind is DocumentKind.credit_note and note.total:
        invoice = original.invoice
        covers = invoice.amount_paid == 0 and note.total == invoice.total
        open_now = invoice.status in statuses.OPEN_INVOICES and invoice.amount_due > 0
        if open_now and (apply or (apply is None and covers)):
            apply_credit_note(note, invoice)
    db.session.refresh(note)
    return Written(note, written.lines, warnings)


def _original(invoice_id: UUID, note: SalesDocument | None) -> _Original:
    """The invoice, locked, and what was credited of it by others."""
    invoice = queries.lock_documents([invoice_id]).get(invoice_id)
    if invoice is None or invoice.deleted_at is not None or invoice.kind != DocumentKind.invoice:
        raise Invalid.at("invoice_id", "There is no such invoice.", "not_found")
    if invoice.status == statuses.DRAFT:
        raise IllegalStatus("This invoice is a draft: change it instead of crediting it.")
    if invoice.status in {statuses.VOID, statuses.UNCOLLECTIBLE}:
        raise IllegalStatus(f"{invoice.number} is {invoice.status}; there is nothing to correct.")
    credited: dict[UUID, list[SalesLine]] = {}
    for line in queries.credited_lines(invoice_id):
        if line.original_line_id is not None and (note is None or line.document_id != note.id):
            credited.setdefault(line.original_line_id, []).append(line)
    lines = {line.id: line for line in queries.lines_of(invoice_id)}
    notes = [one for one in queries.notes_of(invoice_id) if note is None or one.id != note.id]
    return _Original(invoice, lines, credited, notes)


def _derive(kind: DocumentKind, body: NoteIn, original: _Original, old: SalesDocument | None) -> Derived:
    invoice = original.invoice
    company = parties.find_company(invoice.company_id)
    customer = parties.find_customer(invoice.customer_id)
    if company is None or customer is None:  # the keys of the database do not allow it
        raise LookupError("an invoice without its parties")
    day = body.date or (old.document_date if old else max(today(), invoice.document_date))
    if day < invoice.document_date:
        raise Invalid.at("date", "A note is not older than its invoice.")
    if kind is DocumentKind.credit_note:
        lines, amounts = _credit(body, original)
    else:
        lines, amounts = _debit(body, original, company)
    due = getattr(body, "due_date", None) or (old.due_date if old else None) or due_by_terms(day, company, customer)
    if kind is DocumentKind.debit_note and due < day:
        raise Invalid.at("due_date", "It cannot be due before its date.")
    locale = str(invoice.snapshot.get("locale") or preferences().locale)
    values = {
        "kind": kind.value,
        "document_date": day,
        "due_date": due if kind is DocumentKind.debit_note else None,
        "valid_until": None,
        **{name: getattr(invoice, name) for name in _OF_THE_INVOICE},
        "tax_inclusive": False,
        "discount_percent": ZERO,
        "discount_amount": ZERO,
        **amounts,
        "amount_in_words": amount_in_words(amounts["total"], invoice.currency, locale),
        "reference": body.reference,
        "notes": body.notes,
        "terms": "",
        "custom_fields": {},
        "entered": ["due_date"] if getattr(body, "due_date", None) else [],
    }
    return Derived(company, customer, None, _supply_of(invoice, company), values, lines)


# Credit notes -------------------------------------------------------------------------------------------------------


def _credit(body: NoteIn, original: _Original) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The lines and amounts of a credit note. Raises Invalid with all that is above what is left, NothingLeft."""
    invoice = original.invoice
    standing = {line_id: original.line(line) for line_id, line in original.lines.items()}
    wanted = body.lines or [NoteLineIn(line_id=one) for one, line in standing.items() if not line.is_used_up]
    if not wanted and not original.left_total:
        raise NothingLeft(f"All of {invoice.number} is credited already.")
    errors: list[FieldError] = []
    lines: list[dict[str, Any]] = []
    for at, one in enumerate(wanted):
        line = original.lines.get(one.line_id)
        if line is None:
            detail = "The invoice has no such line."
            errors.append(FieldError(f"/lines/{at}/line_id", "not_found", detail))
            continue
        try:
            taken = noting.take(standing[line.id], invoice.currency, quantity=one.quantity, amount=one.amount)
        except noting.CannotCredit as problem:
            errors.append(FieldError(f"/lines/{at}/{problem.field}", "more_than_left", problem.detail))
            continue
        lines.append(_note_line(len(lines) + 1, line, taken, one.description, charged=_is_charged(invoice)))
        standing[line.id] = _after(standing[line.id], taken)
    if errors:
        raise Invalid(errors[0].detail if len(errors) == 1 else None, errors=errors)
    is_last = all(line.is_used_up for line in standing.values())
    return lines, _credit_amounts(lines, original, is_last=is_last)


def _after(line: noting.OriginalLine, taken: noting.Taken) -> noting.OriginalLine:
    before = line.credited_parts or (ZERO,) * len(line.parts)
    return noting.OriginalLine(
        quantity=line.quantity,
        value=line.value,
        parts=line.parts,
        credited_quantity=line.credited_quantity + taken.quantity,
        credited_value=line.credited_value + taken.value,
        credited_parts=tuple(one + two for one, two in zip(before, taken.parts, strict=True)),
    )


def _note_line(
    position: int, line: SalesLine, taken: noting.Taken, description: str, *, charged: bool
) -> dict[str, Any]:
    components = [
        {**part, "amount": str(amount)} for part, amount in zip(line.tax_components, taken.parts, strict=True)
    ]
    by_code: dict[str, Decimal] = {}
    for part, amount in zip(line.tax_components, taken.parts, strict=True):
        by_code[part["code"]] = by_code.get(part["code"], ZERO) + amount
    tax = sum(taken.parts, ZERO) if charged else ZERO
    price = taken.value / taken.quantity if taken.quantity else taken.value
    return {
        **{name: getattr(line, name) for name in _OF_THE_LINE},
        "position": position,
        "description": description or line.description,
        "quantity": taken.quantity,
        "unit_price": price.quantize(Decimal(1).scaleb(-12)),
        "discount_percent": ZERO,
        "discount_amount": ZERO,
        "tax_components": components,
        "gross_amount": taken.value,
        "taxable_amount": ZERO if line.pure_agent else taken.value,
        **tax_columns(by_code if charged else {}),
        "tax_amount": tax,
        "total": taken.value + tax,
        "original_line_id": line.id,
        "source": "",
        "source_id": None,
        "holds_source": False,
    }


def _credit_amounts(lines: list[dict[str, Any]], original: _Original, *, is_last: bool) -> dict[str, Any]:
    invoice = original.invoice

    def whole(name: str) -> Decimal:
        return sum((line[name] for line in lines), ZERO)

    raw = whole("total")
    round_off = noting.round_off_of(raw, original.left_total, is_last=is_last)
    total = raw + round_off
    if total < 0:
        raise Invalid.at("lines", "The deductions are more than the rest; a credit note cannot be below zero.")
    base = original.left_base if is_last else round_amount(total * invoice.exchange_rate, preferences().currency)
    groups = groups_of(lines, charged=_is_charged(invoice))
    return {
        "subtotal": whole("gross_amount"),
        "discount_total": ZERO,
        "taxable_amount": whole("taxable_amount"),
        **{name: whole(name) for name in ("cgst_amount", "sgst_amount", "igst_amount", "cess_amount", "tax_amount")},
        "round_off": round_off,
        "total": total,
        "amount_paid": ZERO,
        "amount_due": total,
        "base_total": base,
        "tax_groups": groups,
        "reverse_charge_taxes": {} if _is_charged(invoice) else _owed(groups),
    }


def groups_of(lines: Sequence[Mapping[str, Any]], *, charged: bool) -> list[dict[str, Any]]:
    """The tax table of lines whose taxes are known: the sums by tax and rate."""
    found: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for line in lines:
        for part in line["tax_components"]:
            key = (part["code"], part["label"], part["percent"], part["per_unit"])
            group = found.setdefault(
                key,
                {
                    **{name: part[name] for name in ("code", "label", "percent", "per_unit")},
                    "taxable": ZERO,
                    "amount": ZERO,
                    "charged": charged,
                },
            )
            group["taxable"] += line["taxable_amount"]
            group["amount"] += Decimal(part["amount"])
    return [{**one, "taxable": str(one["taxable"]), "amount": str(one["amount"])} for one in found.values()]


def _owed(groups: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    by_code: dict[str, Decimal] = {}
    for group in groups:
        by_code[group["code"]] = by_code.get(group["code"], ZERO) + Decimal(group["amount"])
    return {code: str(amount) for code, amount in by_code.items()}


# Debit notes --------------------------------------------------------------------------------------------------------


def _debit(body: NoteIn, original: _Original, company: Company) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The lines and amounts of a debit note: more of the invoice's lines, at the rates that they had."""
    invoice = original.invoice
    filled: list[FilledLine] = []
    errors: list[FieldError] = []
    for at, one in enumerate(body.lines or ()):
        line = original.lines.get(one.line_id)
        if line is None:
            errors.append(FieldError(f"/lines/{at}/line_id", "not_found", "The invoice has no such line."))
            continue
        if (one.quantity is None) == (one.amount is None) or (one.amount is not None and one.amount <= 0):
            detail = "Give the quantity, or the amount before tax, that is billed in addition."
            errors.append(FieldError(f"/lines/{at}/amount", "invalid", detail))
            continue
        filled.append(_more_of(line, one))
    if errors:
        raise Invalid(errors[0].detail if len(errors) == 1 else None, errors=errors)
    computed = compute(
        DocumentInput(
            currency=invoice.currency,
            lines=[line.as_input for line in filled],
            regime=regime_of(invoice.tax_regime),
            supply=_supply_of(invoice, company),
            round_to_unit=company.round_off and invoice.currency == preferences().currency,
        )
    )
    named = [one.line_id for one in body.lines or ()]
    lines = [
        {**line_values(at, line, amounts, holds=False), "original_line_id": line_id}
        for at, (line, amounts, line_id) in enumerate(zip(filled, computed.lines, named, strict=True), 1)
    ]
    base = round_amount(computed.total * invoice.exchange_rate, preferences().currency)
    return lines, {**amounts_of(computed), "base_total": base}


def _more_of(line: SalesLine, said: NoteLineIn) -> FilledLine:
    value = line.total - line.tax_amount
    quantity = said.quantity if said.quantity is not None else Decimal(1)
    price = said.amount if said.amount is not None else value / line.quantity
    price = price.quantize(Decimal("0.0001"))
    components = components_of(line.tax_components) if line.tax_components else ()
    is_gst = any(one.code in {"cgst", "sgst", "utgst", "igst"} for one in components)
    return FilledLine(
        description=said.description or line.description,
        quantity=quantity,
        unit_price=price,
        service_type_id=line.service_type_id,
        hsn_sac=line.hsn_sac,
        supply_kind=line.supply_kind,
        unit=line.unit if said.quantity is not None else "",
        tax_rate_id=line.tax_rate_id,
        tax=TaxSpec(
            rate=plain(line.tax_rate),
            cess_percent=plain(line.cess_rate),
            cess_per_unit=plain(line.cess_per_unit),
            components=() if is_gst else tuple(one for one in components if one.code != "cess"),
        ),
        book_account_id=line.book_account_id,
        pure_agent=line.pure_agent,
    )


# What both share ----------------------------------------------------------------------------------------------------


def _is_charged(invoice: SalesDocument) -> bool:
    return not invoice.reverse_charge and invoice.supply_type not in WITHOUT_PAYMENT


def _supply_of(invoice: SalesDocument, company: Company) -> Supply:
    """The supply of the invoice: a note is taxed as it was, wherever the parties are now."""
    return Supply(
        supplier_state=str(invoice.snapshot["company"].get("state_code") or company.state_code),
        place_of_supply=invoice.place_of_supply,
        inter_state=invoice.inter_state,
        supply_type=invoice.supply_type,
        reverse_charge=invoice.reverse_charge,
        charged=_is_charged(invoice),
        statement=str(invoice.snapshot.get("statement", "")),
    )


def _body_again(note: SalesDocument, original: _Original) -> NoteIn:
    """The input that would make a draft note again."""
    lines = [
        NoteLineIn(
            line_id=line.original_line_id,
            description=line.description,
            quantity=plain(abs(line.quantity)) if line.quantity and is_by_quantity(note, line) else None,
            amount=None if line.quantity and is_by_quantity(note, line) else plain(line.total - line.tax_amount),
        )
        for line in queries.lines_of(note.id)
    ]
    values: dict[str, Any] = {
        "invoice_id": original.invoice.id,
        "date": note.document_date,
        "reason": note.reason,
        "reference": note.reference,
        "notes": note.notes,
        "lines": lines or None,
    }
    if note.kind == DocumentKind.credit_note:
        return CreditNoteIn.model_validate(values)
    return DebitNoteIn.model_validate({**values, "due_date": note.due_date})


def is_by_quantity(note: SalesDocument, line: SalesLine) -> bool:
    """Whether a line was entered as a quantity. A debit note's amount stands as a quantity of 1 without a unit."""
    return note.kind == DocumentKind.credit_note or bool(line.unit) or line.quantity != 1


def _late(note: SalesDocument, invoice: SalesDocument) -> list[DocumentWarning]:
    if note.kind != DocumentKind.credit_note or note.tax_regime != "gst":
        return []
    deadline: date = credit_note_deadline(invoice.document_date)
    if note.document_date <= deadline:
        return []
    text = (
        f"The tax of {invoice.number} could be taken back until {deadline.isoformat()}. This note is after that day:"
        " declare it without tax, and ask your accountant."
    )
    return [DocumentWarning("late_credit", text, {"declare_by": deadline.isoformat()})]


__all__ = ["LineInput", "change_note", "create_note", "finalize_note", "groups_of", "lock_note"]
