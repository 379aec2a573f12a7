"""The report of a month's metered usage of a user or a customer: asked for, made by a job, kept as a PDF."""

from __future__ import annotations

import io
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import SimpleDocTemplate, Spacer
from sqlalchemy import select

from tracktok.core import clock, context, jobs
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.jobs import JobRun
from tracktok.documents.rules import PDF
from tracktok.documents.services import store_file
from tracktok.notifications.services import notify
from tracktok.reports.models import Report
from tracktok.reports.queries.usage_month import Metered, UsageMonth, is_known, load_usage, names_of_subjects
from tracktok.reports.rules.ranges import first_of_month
from tracktok.tenants.queries import get_current
from tracktok.usage.rules.metering import Aggregation, unit_for
from tracktok.web.filters import format_day, format_money, format_month, format_number, format_quantity, plural
from tracktok.web.paper import GREY, INK, MARGIN, numbered, style, text

from .layout import FRAME, draw_cards, draw_chart, draw_heading, draw_section, draw_table, made_now
from .monthly import EARLIEST_YEAR, LARGEST_REPORT, last_month

KIND = "usage"
MAKE = "reports.usage"
MOST_CHARTS = 4
_LABELS = {one.value: one.label for one in Aggregation}


def ask_for_usage(subject: str, month: date | None) -> Report:
    """A report of a month's usage for the actor, made by a job. Raises NotFound, Invalid for a month not begun."""
    wanted = first_of_month(month) if month else last_month()
    if wanted > clock.today(preferences().timezone) or wanted.year < EARLIEST_YEAR:
        raise Invalid.at("month", "Choose a month that has begun.")
    if not is_known(subject):
        raise NotFound("No usage is recorded of such a user, and no customer has this id.")
    who = context.actor()
    row = Report(
        id=new_id(), kind=KIND, month=wanted, subject=subject, run_key=f"asked:{new_id()}",
        requested_by=who.person_id if who else None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    row.job_id, _ = jobs.start(MAKE, {"report_id": str(row.id)}, run_key=f"report:{row.id}")
    db.session.flush()
    return row


def make_asked(report_id: UUID, run: JobRun) -> dict[str, Any]:
    """Draw a report that was asked for, keep it, and tell who asked; once, however often called."""
    row = db.session.execute(select(Report).where(Report.id == report_id)).scalar_one()
    if row.finished_at is None:
        run.progress(1, 3, "Reading the usage")
        told = load_usage(row.subject, row.month)
        run.progress(2, 3, "Laying out the pages")
        pdf = draw_usage(told, get_current().name, made_now(clock.now()))
        name = f"Usage of {told.name[:80]} {row.month:%Y-%m}.pdf"
        file = store_file(io.BytesIO(pdf), name, allowed=frozenset({PDF}), max_bytes=LARGEST_REPORT)
        row.file_id, row.finished_at = file.id, clock.now()
        db.session.flush()
        if row.requested_by is not None:
            title = f"The usage of {told.name[:80]} in {format_month(row.month)} is ready"
            notify(row.requested_by, "report.ready", title, "", "/reports", f"report:{row.id}")
        run.progress(3, 3, "Done")
    return {"report_id": str(row.id)}


def draw_usage(told: UsageMonth, company: str, made_at: str) -> bytes:
    """The PDF of a month's usage."""
    made = io.BytesIO()
    month = format_month(told.month)
    document = SimpleDocTemplate(
        made, pagesize=A4, leftMargin=MARGIN - FRAME, rightMargin=MARGIN - FRAME, topMargin=16 * mm,
        bottomMargin=20 * mm, title=f"Usage of {told.name} in {month}", author=company, lang="en",
    )  # fmt: skip
    document.build(_story(told, company), canvasmaker=numbered(f"{company} · {month} · {made_at}"))
    return made.getvalue()


def _story(told: UsageMonth, company: str) -> list[Any]:
    events = sum(one.events for one in told.meters)
    days = {day for one in told.meters for day in one.days}
    story: list[Any] = [
        text(company, style(9, textColor=GREY)),
        text(f"Usage in {format_month(told.month)}", style(20, bold=True, textColor=INK, spaceAfter=4)),
        text(told.name, style(12, textColor=INK)),
        Spacer(1, 4 * mm),
        draw_cards(
            [
                ("Events", format_number(events), "each counted once"),
                ("Meters", format_number(len(told.meters)), "on which something was used"),
                ("Days", format_number(len(days)), f"of {monthrange(told.month.year, told.month.month)[1]} with usage"),
                *_billed_card(told),
            ]
        ),
    ]
    if not told.meters:
        return [*story, Spacer(1, 6 * mm), text("Nothing was used in this month.", style(10, textColor=GREY))]
    rows = [
        [one.meter.name, _LABELS[one.meter.aggregation], format_number(one.events),
         f"{format_quantity(one.quantity)} {unit_for(one.quantity, one.meter.unit)}".strip()]
        for one in told.meters
    ]  # fmt: skip
    story += draw_section(
        "By meter", draw_table(["Meter", "Added up by", "Events", "Quantity"], rows, [None, 40 * mm, 24 * mm, 52 * mm])
    )
    summed = [one for one in told.meters if one.meter.aggregation == Aggregation.sum]
    for one in summed[:MOST_CHARTS]:
        story += _day_by_day(one, told.month)
    if told.bills:
        story += _bills(told)
    return story


def _billed_card(told: UsageMonth) -> list[tuple[str, str, str]]:
    if not told.bills:
        return []
    currencies = {bill.currency for bill in told.bills}
    count = plural(len(told.bills), "bill")
    if len(currencies) > 1:
        return [("Billed", count, "in several currencies")]
    total = sum((bill.amount for bill in told.bills), Decimal(0))
    return [("Billed", format_money(total, currencies.pop()), f"by {count} of periods in this month")]


def _day_by_day(one: Metered, month: date) -> Sequence[Any]:
    """Bars of what was used on each day, of a meter that adds up."""
    days = [month.replace(day=number) for number in range(1, monthrange(month.year, month.month)[1] + 1)]
    values = [max(one.days.get(day, (Decimal(0), 0))[0], Decimal(0)) for day in days]
    return [
        draw_heading(f"{one.meter.name}, day by day ({unit_for(Decimal(0), one.meter.unit or 'unit')})"),
        draw_chart(values, [str(day.day) for day in days]),
    ]


def _bills(told: UsageMonth) -> list[Any]:
    rows = [
        [f"{format_day(bill.period_start)} to {format_day(bill.period_end - timedelta(days=1))}", bill.name,
         "late usage counts" if bill.status == "open" else "closed", format_money(bill.amount, bill.currency)]
        for bill in told.bills
    ]  # fmt: skip
    table = draw_table(["Period", "Subscription", "Status", "Amount"], rows, [52 * mm, None, 34 * mm, 34 * mm])
    return draw_section("Bills of periods in this month", table)


__all__ = ["KIND", "MAKE", "ask_for_usage", "draw_usage", "make_asked", "names_of_subjects"]
