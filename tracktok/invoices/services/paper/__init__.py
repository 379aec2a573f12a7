"""Sales documents as PDF."""

from .filling import paper_of, upi_link
from .keeping import PaperFile, draw, keep_pdf, look_of_today, pdf_of
from .layout import draw_document
from .vouchers import draw_voucher

__all__ = [
    "PaperFile",
    "draw",
    "draw_document",
    "draw_voucher",
    "keep_pdf",
    "look_of_today",
    "paper_of",
    "pdf_of",
    "upi_link",
]
