"""The dashboard, the pages of reports, and the views that people keep of lists."""

from . import reports, saved_views, statements
from .reports import blueprint

BLUEPRINTS = (blueprint, statements.blueprint, saved_views.blueprint)

__all__ = ["BLUEPRINTS", "blueprint", "reports", "saved_views", "statements"]
