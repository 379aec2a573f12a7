"""The monthly report: asked for by the schedule or by a person, made by a job, kept as a file, sent by mail.

The scheduled report of a month exists once for each tenant: its row's unique key, its job's run key and its mails'
once-keys are judges of their own, so that a kill at any point leaves nothing out and nothing doubled.
"""

from __future__ import annotations

import io
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from tracktok.auth.queries import managers
from tracktok.core import clock, context, jobs
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.core.ids import new_id
from tracktok.core.jobs import JobRun
from tracktok.core.tenancy import current_tenant_id
from tracktok.documents.rules import PDF
from tracktok.documents.services import store_file
from tracktok.notifications.queries import wants
from tracktok.notifications.services import notify, send_template
from tracktok.reports.models import Report
from tracktok.reports.queries.monthly import load_month
from tracktok.reports.rules.ranges import first_of_month, shift_months
from tracktok.tenants.queries import get_current
from tracktok.web.filters import format_money, format_month
from tracktok.web.links import tenant_link

from .layout import draw_month, made_now

KIND = "reports.monthly"
MAKE = "reports.make"
LARGEST_REPORT = 50 * 1024 * 1024
EARLIEST_YEAR = 1990


def last_month() -> date:
    """The first day of the last full month of the tenant's calendar."""
    return shift_months(first_of_month(clock.today(preferences().timezone)), -1)


def ask_for_report(month: date | None) -> Report:
    """A report of a month for the actor, made by a job. Raises Invalid for a month that has not begun."""
    wanted = first_of_month(month) if month else last_month()
    today = clock.today(preferences().timezone)
    if wanted > today or wanted.year < EARLIEST_YEAR:
        raise Invalid.at("month", "Choose a month that has begun.")
    who = context.actor()
    row = Report(
        id=new_id(),
        kind="monthly",
        month=wanted,
        run_key=f"asked:{new_id()}",
        requested_by=who.person_id if who else None,
    )
    db.session.add(row)
    db.session.flush()
    row.job_id, _ = jobs.start(MAKE, {"report_id": str(row.id)}, run_key=f"report:{row.id}")
    db.session.flush()
    db.session.refresh(row)
    return row


def make_scheduled(run_date: date, run: JobRun) -> dict[str, Any]:
    """The report of the month before `run_date`, made and sent to those who want it; once, however often called."""
    month = shift_months(first_of_month(run_date), -1)
    statement = (
        insert(Report)
        .values(
            tenant_id=current_tenant_id(), id=new_id(), kind="monthly", month=month, run_key=f"monthly:{month:%Y-%m}",
            job_id=run.id,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
    db.session.execute(statement)
    row = db.session.execute(select(Report).where(Report.run_key == f"monthly:{month:%Y-%m}")).scalar_one()
    if row.finished_at is None:
        make_report(row, run)
        _send(row)
    return {"report_id": str(row.id)}


def make_report(row: Report, run: JobRun) -> None:
    """Draw the PDF of a report and keep it."""
    run.progress(1, 4, "Reading the figures")
    told = load_month(row.month)
    run.progress(2, 4, "Laying out the pages")
    tenant = get_current()
    pdf = draw_month(told, tenant.name, made_now(clock.now()))
    run.progress(3, 4, "Keeping the file")
    name = f"{tenant.name} {row.month:%Y-%m}.pdf"
    file = store_file(io.BytesIO(pdf), name, allowed=frozenset({PDF}), max_bytes=LARGEST_REPORT)
    row.file_id, row.finished_at = file.id, clock.now()
    db.session.flush()
    run.progress(4, 4, "Done")


def make_asked(report_id: UUID, run: JobRun) -> dict[str, Any]:
    """The report that a person asked for; they are told when it is there."""
    row = db.session.execute(select(Report).where(Report.id == report_id)).scalar_one()
    if row.finished_at is None:
        make_report(row, run)
        if row.requested_by is not None:
            title = f"The report of {format_month(row.month)} is ready"
            notify(row.requested_by, "report.ready", title, "", "/reports", f"report:{row.id}")
    return {"report_id": str(row.id)}


def _send(row: Report) -> None:
    from tracktok.documents.queries import get_file  # noqa: PLC0415 - beside its only use

    if row.file_id is None:
        return
    tenant, file, told = get_current(), get_file(row.file_id), load_month(row.month)
    month, total = format_month(row.month), format_money(told.board.total.value, tenant.currency)
    for person in managers():
        key = f"report:{row.run_key}:{person.person_id}"
        notify(
            person.person_id,
            "report.monthly",
            f"{month}: {total} spent",
            "The monthly report is ready.",
            "/reports",
            key,
        )
        if wants(person.person_id, "report.monthly", "mail"):
            send_template(
                "reports/monthly",
                person.email,
                once_key=key,
                attachment=(file.storage_key, file.filename),
                company=tenant.name,
                month=month,
                total=total,
                before=format_money(told.board.total.before, tenant.currency),
                count=int(told.board.count.value),
                link=tenant_link(tenant.subdomain, "/reports"),
            )


def due_month(run_date: str) -> date:
    """The day of a scheduled run from its job's payload."""
    return date.fromisoformat(run_date) if len(run_date) > len("2026-11") else date.fromisoformat(f"{run_date}-01")
