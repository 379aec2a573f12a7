"""What vendors do on facts of others."""

from __future__ import annotations

from tracktok.ledger.models import Dimension
from tracktok.ledger.queries import provide_names

from .queries.vendors import names_of

provide_names(Dimension.vendor, names_of)
