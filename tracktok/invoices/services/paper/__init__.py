"""Sales documents as PDF."""

from .filling import paper_of, upi_link
from .keeping import PaperFile, draw, keep_pdf, pdf_of
from .layout import draw_document

__all__ = ["PaperFile", "draw", "draw_document", "keep_pdf", "paper_of", "pdf_of", "upi_link"]
