"""The routes of dashboards, reports and saved views."""

from . import billing, statements
from .reports import api, dashboard_api, saved_api

__all__ = ["api", "billing", "dashboard_api", "saved_api", "statements"]
