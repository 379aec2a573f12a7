"""Facts of trips. Heard in the same transaction."""

from __future__ import annotations

from blinker import signal

statement_approved = signal("trips.statement_approved")
"""(statement, figures): what is owed was posted, and the month is closed."""
statement_paid = signal("trips.statement_paid")
"""(statement): it was paid."""
