"""Expenses as a kind of import."""

from .expense_kind import HANDLER, REFERENCES, meaning_of

__all__ = ["HANDLER", "REFERENCES", "meaning_of"]
