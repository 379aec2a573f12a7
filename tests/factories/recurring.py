"""Recurring invoices, and runs of a day."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from tests.factories.invoices import ensure_biller, make_buyer
from tests.factories.tenants import Company
from tracktok.core import jobs
from tracktok.core.db import db, transaction
from tracktok.core.ids import new_id
from tracktok.core.tenancy import tenant_scope
from tracktok.invoices.models import RecurringInvoice, RecurringRun
from tracktok.invoices.schemas.recurring import RecurringIn
from tracktok.invoices.services.recurring import create_recurring
from tracktok.invoices.tasks import RECURRING

LINE = {"description": "Parking {month}", "hsn_sac": "996743", "quantity": "10", "unit_price": "100.00",
        "tax_rate": "18"}  # fmt: skip


def recurring_values(**over: Any) -> dict[str, Any]:
    """The body of a recurring invoice of 1,180.00 each month, from 31 January 2027 on, as drafts."""
    lines = over.pop("lines", [{**LINE, **over.pop("line", {})}])
    return {"name": "Parking", "starts_on": "2027-01-31", "unit": "month", "lines": lines, **over}


def make_recurring(**over: Any) -> RecurringInvoice:
    """A recurring invoice. Call it inside `company.owner.acting()`."""
    ensure_biller()
    if "customer_id" not in over:
        over["customer_id"] = make_buyer().id
    return create_recurring(RecurringIn.model_validate(recurring_values(**over)))


def make_failed_run(recurring: RecurringInvoice) -> UUID:
    """A period of it, before its first, that failed."""
    run = RecurringRun(
        id=new_id(), recurring_id=recurring.id, period_on=date(2020, 1, 31), period_index=0, status="failed"
    )
    db.session.add(run)
    db.session.flush()
    return run.id


def run_recurring(company: Company) -> dict[str, int]:
    """A run of the worker as at six, though there was one before; what it has done."""
    with tenant_scope(company.id):
        with transaction():
            job_id, _ = jobs.start(RECURRING, {}, run_key=f"test:{new_id()}")
        assert jobs.execute(job_id)
        found = jobs.find(job_id)
        assert found is not None
        return found.result or {}
