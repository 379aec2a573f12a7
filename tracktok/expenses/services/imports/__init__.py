"""Expenses as a kind of import."""

from .expense_kind import HANDLER

__all__ = ["HANDLER"]
