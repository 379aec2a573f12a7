"""The pages of sales documents."""

from tracktok.web.records import record_page

from . import actions, editor, index, palette, record
from .blueprint import BLUEPRINTS

record_page("sales_documents", "sales document", "invoices.any_document", "document_id")

__all__ = ["BLUEPRINTS", "actions", "editor", "index", "palette", "record"]
