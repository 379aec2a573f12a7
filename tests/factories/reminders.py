"""Levels of reminders, and runs of a day. Call the first inside `company.owner.acting()`."""

from __future__ import annotations

from typing import Any

from tests.factories.tenants import Company
from tracktok.core import jobs
from tracktok.core.db import transaction
from tracktok.core.ids import new_id
from tracktok.core.tenancy import tenant_scope
from tracktok.invoices.models import ReminderLevel
from tracktok.invoices.queries.reminders import levels
from tracktok.invoices.schemas.reminders import ReminderLevelIn
from tracktok.invoices.services.reminder_levels import create_level
from tracktok.invoices.tasks import REMINDERS


def make_level(**over: Any) -> ReminderLevel:
    """A level of its own, 30 days after the due date."""
    values = {
        "name": "Third reminder",
        "days": 30,
        "subject": "{number}",
        "message": "Please pay {amount_due}.",
        **over,
    }
    return create_level(ReminderLevelIn.model_validate(values))


def switch_all_on(company: Company) -> None:
    """All five levels go out, as they would have always."""
    with company.owner.acting():
        for one in levels():
            one.is_active = True


def run_reminders(company: Company) -> dict[str, int]:
    """A run of the worker as at nine, though there was one before; what it has done."""
    with tenant_scope(company.id):
        with transaction():
            job_id, _ = jobs.start(REMINDERS, {}, run_key=f"test:{new_id()}")
        assert jobs.execute(job_id)
        found = jobs.find(job_id)
        assert found is not None
        return found.result or {}
