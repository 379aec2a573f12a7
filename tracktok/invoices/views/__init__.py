"""The pages of sales documents."""

from tracktok.web.records import record_page
from tracktok.web.saved import saved_list

from . import actions, attachments, editor, index, notes, numbers, offers, palette, record
from .blueprint import BLUEPRINTS, NUMBERS, SECTIONS

record_page("sales_documents", "sales document", "invoices.any_document", "document_id")
for _section in SECTIONS.values():
    saved_list(_section.name, f"{_section.name}.index", "invoices.read", _section.title, sort="-date")

PAGES = (*BLUEPRINTS.values(), NUMBERS)

__all__ = ["PAGES", "actions", "attachments", "editor", "index", "notes", "numbers", "offers", "palette", "record"]
