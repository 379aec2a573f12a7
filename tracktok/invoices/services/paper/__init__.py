"""Sales documents as PDF."""

from .layout import draw_document

__all__ = ["draw_document"]
