"""Facts of trips. Heard in the same transaction."""

from __future__ import annotations

from blinker import signal

trip_deleting = signal("trips.trip_deleting")
"""A trip is about to be deleted; sent with `trip`. A receiver raises a DomainError to refuse: an invoice bills it."""
trips_undoing = signal("trips.trips_undoing")
"""(first, last): the trips whose ids are in this range are to be taken back; a receiver answers why not, or ""."""
months_written = signal("trips.months_written")
"""(): what vendors are owed has changed: trips, prices, rate cards, credits."""
statement_approved = signal("trips.statement_approved")
"""(statement, figures): what is owed was posted, and the month is closed."""
statement_paid = signal("trips.statement_paid")
"""(statement): it was paid."""
