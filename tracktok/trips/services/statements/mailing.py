"""Approved statements go by mail to those at the vendor who get them."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from tracktok.core import jobs
from tracktok.documents.rules import PDF
from tracktok.documents.services import store_file
from tracktok.notifications.services import send_template
from tracktok.tenants.queries import get_current
from tracktok.trips.models import TripStatement
from tracktok.trips.queries.vendors import contacts_of
from tracktok.web.filters import format_day, format_money, format_month, plural
from tracktok.web.links import tenant_link

from .files import file_of, name_of
from .reckoning import load_statement

MAIL_JOB = "trips.statement_mail"
MOST_BYTES = 10_000_000
"""Larger files are not attached: mail servers refuse them."""


def ask_for_mails(statement: TripStatement) -> None:
    """Have an approved statement sent once its approval is committed, where anybody gets it."""
    if recipients_of(statement.vendor_id):
        jobs.start(MAIL_JOB, {"statement_id": str(statement.id)}, run_key=f"{MAIL_JOB}:{statement.id}")


def recipients_of(vendor_id: UUID) -> list[str]:
    """The addresses of a vendor's contacts that get statements."""
    return list(dict.fromkeys(one.email for one in contacts_of(vendor_id) if one.gets_statements and one.email))


def send_statement(statement_id: UUID) -> dict[str, Any]:
    """Mail a statement to those who get it, with its PDF; once to each, however often called."""
    found = load_statement(statement_id)
    row, tenant = found.row, get_current()
    to = recipients_of(row.vendor_id)
    if not to:
        return {"sent": 0}
    pdf = file_of(found, "pdf")
    attachment = None
    if len(pdf) <= MOST_BYTES:
        kept = store_file(io.BytesIO(pdf), f"{name_of(found)}.pdf", allowed=frozenset({PDF}), max_bytes=MOST_BYTES)
        attachment = (kept.storage_key, kept.filename)
    for address in to:
        send_template(
            "trips/statement",
            address,
            once_key=f"{MAIL_JOB}:{row.id}:{address}",
            attachment=attachment,
            attached=attachment is not None,
            company=tenant.name,
            vendor=found.vendor.name,
            month=format_month(row.month),
            total=" and ".join(format_money(one.total, one.currency) for one in found.figures.sums),
            trips=plural(found.figures.trips, "trip"),
            payable=format_day(row.payable_date) if row.payable_date else "",
            link=tenant_link(tenant.subdomain, f"/vendor/statements/{row.id}"),
        )
    return {"sent": len(to)}
