"""What vendors and trips do on facts of others."""

from __future__ import annotations

from tracktok.documents.services import provide_access
from tracktok.imports.services import register
from tracktok.ledger.models import Dimension
from tracktok.ledger.queries import provide_names

from .queries.vendors import names_of
from .services.importing import BILL_HANDLER, TRIP_HANDLER
from .services.offers import Offer, provide_offer
from .services.portals import may_open_file
from .services.vendor_files import VENDOR_HANDLER

provide_names(Dimension.vendor, names_of)
register(VENDOR_HANDLER)
register(TRIP_HANDLER)
register(BILL_HANDLER)
provide_offer(Offer("Record as mileage", "trips.record_mileages", "road", "trips.write"))
provide_access(may_open_file)
