"""The routes /api/v1/dashboard/{metrics, revenue-chart, aging-analysis}: what billing tells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Response

from tracktok.core.context import preferences
from tracktok.core.errors import Invalid
from tracktok.core.money import format_amount
from tracktok.core.permissions import permits
from tracktok.invoices.queries.receivables import Ageing, Owing, ageing_on
from tracktok.invoices.rules.ageing import DEFAULT_BUCKETS
from tracktok.reports import schemas
from tracktok.reports.queries import billing
from tracktok.reports.queries.dashboard import read_range
from tracktok.reports.rules.figures import Figure
from tracktok.reports.rules.ranges import Preset, Range, Step
from tracktok.web.api import json_response

from .reports import dashboard_api


def range_of(query: schemas.DashboardQuery, otherwise: Preset | None = None) -> Range:
    """The range that a query names. Raises Invalid at the day that is wrong."""
    if (query.date_from is None) != (query.date_to is None):
        missing = "date_from" if query.date_from is None else "date_to"
        raise Invalid.at(missing, "Give both days, or a preset.")
    try:
        return read_range(query.preset or otherwise, query.date_from, query.date_to)
    except ValueError as error:
        raise Invalid.at("date_to", str(error)) from error


def money(amount: Decimal) -> str:
    """An amount in the tenant's currency."""
    return format_amount(amount, preferences().currency)


def figure(one: Figure) -> dict[str, Any]:
    """A figure against the period before."""
    return {
        "value": money(one.value),
        "before": money(one.before),
        "percent": None if one.percent is None else str(one.percent),
    }


def spans(wanted: Range) -> dict[str, Any]:
    """The range and the one before."""
    return {
        "range": {"start": wanted.span.start, "end": wanted.span.end},
        "before": {"start": wanted.before.start, "end": wanted.before.end},
    }


@dashboard_api.get("/metrics", responses={200: schemas.MetricsOut})
@permits("invoices.read")
def metrics(query: schemas.DashboardQuery) -> Response:
    """Get revenue, what was billed and collected in a range against the range before, and what is owed today."""
    found = billing.load_metrics(range_of(query))
    whole = found.ageing.whole
    return json_response(
        {
            "currency": found.currency,
            **spans(found.range),
            "as_of": found.ageing.day,
            "revenue": figure(found.revenue),
            "billed": figure(found.billed),
            "collected": figure(found.collected),
            "outstanding": money(whole.total),
            "overdue": money(whole.overdue),
            "unallocated_credit": money(whole.unallocated),
            "open_credit_notes": money(whole.open_credit_notes),
            "average_days_to_pay": None if found.days_to_pay is None else str(found.days_to_pay),
            "average_days_to_pay_before": None if found.days_to_pay_before is None else str(found.days_to_pay_before),
            "invoices_paid": found.paying.invoices,
            "open_quotes": {"count": found.quotes, "amount": money(found.quotes_amount)},
        }
    )


@dashboard_api.get("/revenue-chart", responses={200: schemas.RevenueChartOut})
@permits("invoices.read")
def revenue_chart(query: schemas.ChartQuery) -> Response:
    """Get what was billed and collected by month or day; the last twelve months unless a range is named."""
    wanted = range_of(query, Preset.last_12_months)
    step = Step(query.step) if query.step else (Step.day if wanted.step is Step.day else Step.month)
    if step is Step.day and wanted.span.days > schemas.MOST_CHART_DAYS:
        raise Invalid.at("step", f"By day, choose at most {schemas.MOST_CHART_DAYS} days.")
    return json_response(
        {
            "currency": preferences().currency,
            **spans(wanted),
            "step": step.value,
            "data": [
                {
                    "start": one.span.start,
                    "end": one.span.end,
                    "billed": money(one.billed),
                    "collected": money(one.collected),
                }
                for one in billing.revenue_chart(wanted.span, step)
            ],
        }
    )


@dashboard_api.get("/aging-analysis", responses={200: schemas.AgeingOut})
@permits("invoices.read")
def aging_analysis(query: schemas.AgeingQuery) -> Response:
    """Get what customers owe by age, today or as it stood on a past day, as a whole and by customer."""
    return json_response(present_ageing(ageing_on(query.as_of, query.customer_id), query.limit))


def present_ageing(found: Ageing, limit: int) -> dict[str, Any]:
    """Receivables by age, as the API answers them."""

    def owing(one: Owing) -> dict[str, Any]:
        return {
            "buckets": {bucket.key: money(amount) for bucket, amount in zip(DEFAULT_BUCKETS, one.buckets, strict=True)},
            "total": money(one.total),
            "overdue": money(one.overdue),
            "documents": one.documents,
            "unallocated_credit": money(one.unallocated),
            "open_credit_notes": money(one.open_credit_notes),
            "balance": money(one.balance),
        }

    return {
        "as_of": found.day,
        "currency": preferences().currency,
        "buckets": [
            {"key": bucket.key, "label": bucket.label, "amount": money(sum_)} for bucket, sum_ in found.buckets
        ],
        **{name: value for name, value in owing(found.whole).items() if name != "buckets"},
        "customer_count": len(found.customers),
        "customers": [
            {"customer_id": one.customer_id, "customer_name": one.name, **owing(one)} for one in found.customers[:limit]
        ],
    }
