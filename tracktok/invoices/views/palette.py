"""What the palette (Ctrl-K) finds of sales documents."""

from __future__ import annotations

from functools import partial
from typing import cast

from flask import Flask, url_for
from flask.blueprints import BlueprintSetupState

from tracktok.invoices.queries.lists import list_documents
from tracktok.invoices.schemas.lists import DocumentQuery
from tracktok.web.filters import format_day, format_money
from tracktok.web.frame import Hit, provide_search

from .blueprint import BLUEPRINTS, SECTIONS, Section


def find_documents(section: Section, text: str, limit: int) -> list[Hit]:
    """Documents of a kind by part of their number, reference or customer, the latest first."""
    rows = list_documents(section.kind, DocumentQuery(q=text[:120], limit=limit)).rows
    return [
        Hit(
            f"{row.number or f'Draft {section.noun}'} · {row.customer_name}",
            url_for(f"{section.name}.show", document_id=row.id),
            f"{format_day(row.document_date)} · {format_money(row.total, row.currency)}",
            section.icon,
            section.title,
        )
        for row in rows
    ]


@BLUEPRINTS["invoices"].record_once
def _provide(state: BlueprintSetupState) -> None:
    app = cast("Flask", state.app)
    for section in SECTIONS.values():
        provide_search(app, "invoices.read", partial(find_documents, section))
