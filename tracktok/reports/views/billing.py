"""What the dashboard shows of billing: receivables, what was billed and collected, and how old the debts are."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from tracktok.invoices.rules.ageing import DEFAULT_BUCKETS
from tracktok.reports.queries.billing import load_metrics, revenue_chart
from tracktok.reports.rules.ranges import Range, Step
from tracktok.web.filters import format_month, format_short_day


def billing_cards(wanted: Range) -> dict[str, Any] | None:
    """The figures with their charts and links; None for a company that bills nothing."""
    metrics = load_metrics(wanted)
    whole = metrics.ageing.whole
    moved = (metrics.billed, metrics.collected, metrics.revenue)
    if not (whole.documents or whole.credit or metrics.quotes or any(one.value or one.before for one in moved)):
        return None
    step = Step.day if wanted.step is Step.day else Step.month
    points = revenue_chart(wanted.span, step)
    days: dict[str, Any] = {"date_from": wanted.span.start.isoformat(), "date_to": wanted.span.end.isoformat()}
    pages = current_app.view_functions
    return {
        "metrics": metrics,
        "whole": whole,
        "hrefs": {
            "billed": url_for("invoices.index", **days),
            "collected": url_for("receipts.index", **days) if "receipts.index" in pages else "",
            "outstanding": url_for("billing_reports.ageing"),
            "overdue": url_for("invoices.index", status="overdue"),
            "quotes": url_for("quotes.index", status="sent"),
            "revenue": url_for("billing_reports.profit_and_loss_page", **days),
        },
        "ages": [bucket.label for bucket in DEFAULT_BUCKETS],
        "age_hrefs": [url_for("billing_reports.ageing", bucket=bucket.key) for bucket in DEFAULT_BUCKETS],
        "labels": [
            format_month(one.span.start) if step is Step.month else format_short_day(one.span.start) for one in points
        ],
        "series": [
            {"name": "Billed", "values": [one.billed for one in points]},
            {"name": "Collected", "values": [one.collected for one in points]},
        ],
    }
