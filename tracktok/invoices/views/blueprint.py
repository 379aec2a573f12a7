"""The blueprints of sales documents: one for each kind, all with the same pages.

A view is written once and registered with `pages(...)`; `here()` tells whose page was opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, current_app, request

from tracktok.invoices.models import DocumentKind
from tracktok.invoices.schemas.documents import DocumentIn, InvoiceIn, QuoteIn

V = TypeVar("V", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Section:
    """The pages of a kind of document: how they call it, and what its form has."""

    name: str
    kind: DocumentKind
    icon: str
    tabs: tuple[tuple[str, str], ...]
    """(status, label) of the tabs above the list."""
    schema: type[DocumentIn] | None = None
    """What its form fills; None for notes, which are made from their invoice."""
    day_field: str = "date"
    until_field: str = "valid_until"
    until_label: str = "Valid until"

    @property
    def noun(self) -> str:
        """The kind in a sentence: credit note."""
        return self.kind.label.lower()

    @property
    def nouns(self) -> str:
        """Several in a sentence: credit notes."""
        return f"{self.noun}s"

    @property
    def title(self) -> str:
        """Several as a heading: Credit notes."""
        return f"{self.kind.label}s"

    @property
    def a_noun(self) -> str:
        """One with its article: an invoice."""
        return f"{'an' if self.noun[0] in 'aeiou' else 'a'} {self.noun}"

    @property
    def issues(self) -> str:
        """The permission to issue one."""
        return "invoices.send" if self.kind is DocumentKind.quote else "invoices.finalize"

    @property
    def is_note(self) -> bool:
        """Whether it corrects an invoice."""
        return self.kind in {DocumentKind.credit_note, DocumentKind.debit_note}

    @property
    def is_offer(self) -> bool:
        """Whether it asks or offers, and owes nothing."""
        return self.kind in {DocumentKind.quote, DocumentKind.proforma}


_OWED = (("", "All"), ("draft", "Drafts"), ("open", "Open"), ("overdue", "Overdue"), ("paid", "Paid"))
SECTIONS: dict[str, Section] = {
    one.name: one
    for one in (
        Section(
            "invoices", DocumentKind.invoice, "file-invoice", _OWED, InvoiceIn, "invoice_date", "due_date", "Due date"
        ),
        Section(
            "quotes",
            DocumentKind.quote,
            "file-pencil",
            (("", "All"), ("draft", "Drafts"), ("sent", "Sent"), ("accepted", "Accepted"), ("invoiced", "Invoiced")),
            QuoteIn,
        ),
        Section(
            "proformas",
            DocumentKind.proforma,
            "file-text",
            (("", "All"), ("draft", "Drafts"), ("issued", "Issued"), ("invoiced", "Invoiced")),
            QuoteIn,
        ),
        Section(
            "credit_notes",
            DocumentKind.credit_note,
            "file-minus",
            (("", "All"), ("draft", "Drafts"), ("issued", "Open"), ("applied", "Applied"), ("refunded", "Refunded")),
        ),
        Section(
            "debit_notes",
            DocumentKind.debit_note,
            "file-plus",
            _OWED,
            until_field="due_date",
            until_label="Due date",
        ),
    )
}
OF_KIND = {section.kind.value: section for section in SECTIONS.values()}
BLUEPRINTS: dict[str, Blueprint] = {
    name: Blueprint(name, "tracktok.invoices", template_folder="templates", url_prefix=f"/{name.replace('_', '-')}")
    for name in SECTIONS
}
NUMBERS = Blueprint("numbers", "tracktok.invoices", template_folder="templates", url_prefix="/settings/numbers")
EVERY = tuple(SECTIONS)
WRITTEN = tuple(name for name, section in SECTIONS.items() if section.schema)
NOTES = tuple(name for name, section in SECTIONS.items() if section.is_note)


def pages(rule: str, *, methods: tuple[str, ...] = ("GET",), of: tuple[str, ...] = EVERY) -> Callable[[V], V]:
    """Register a view with the blueprints of these sections, under its own name."""

    def register(view: V) -> V:
        for name in of:
            BLUEPRINTS[name].add_url_rule(rule, view.__name__, view, methods=list(methods))
        return view

    return register


def here() -> Section:
    """The section whose page was opened."""
    return SECTIONS[request.blueprint or ""]


def has_page(endpoint: str) -> bool:
    """Whether this application has a page: PDF, sending and receipts belong to others."""
    return endpoint in current_app.view_functions
