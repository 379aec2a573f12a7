"""What vendors and trips do on facts of others."""

from __future__ import annotations

from tracktok.imports.services import register
from tracktok.ledger.models import Dimension
from tracktok.ledger.queries import provide_names

from .queries.vendors import names_of
from .services.importing import BILL_HANDLER, TRIP_HANDLER
from .services.vendor_files import VENDOR_HANDLER

provide_names(Dimension.vendor, names_of)
register(VENDOR_HANDLER)
register(TRIP_HANDLER)
register(BILL_HANDLER)
