"""Customers from files."""

from .kind import CUSTOMER_HANDLER

__all__ = ["CUSTOMER_HANDLER"]
