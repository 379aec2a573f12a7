"""Trips and bills of vendors from files."""

from .bills import BILL_HANDLER
from .kind import HANDLER as TRIP_HANDLER

__all__ = ["BILL_HANDLER", "TRIP_HANDLER"]
