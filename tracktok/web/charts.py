"""The data of a chart as its script reads it: plain numbers to draw, and the exact figures as they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from .filters import format_money, format_number

MOST_SERIES = 6


def chart_data(
    kind: str,
    labels: Sequence[str],
    series: Sequence[Mapping[str, Any]],
    currency: str = "",
    hrefs: Sequence[str] = (),
    dashed: Sequence[str] = (),
    threshold: Decimal | None = None,
) -> dict[str, Any]:
    """What `components/figures.html` puts beside the canvas.

    The numbers may lose digits in the browser, so each comes with its exact text for the tooltip. Names in `dashed`
    are drawn as dashed lines (a forecast, the period before); `threshold` is a line across. Raises ValueError for more
    than six series: a chart that nobody can read.
    """
    if len(series) > MOST_SERIES:
        raise ValueError(f"a chart shows at most {MOST_SERIES} series; sum up the rest as Other")

    def written(value: Decimal | int | None) -> str:
        return format_money(value, currency) if currency else format_number(value)

    return {
        "kind": kind,
        "labels": list(labels),
        "currency": currency,
        "hrefs": list(hrefs),
        "threshold": None if threshold is None else {"value": str(threshold), "text": written(threshold)},
        "series": [
            {
                "name": one["name"],
                "dashed": one["name"] in dashed,
                "values": [None if value is None else str(value) for value in one["values"]],
                "texts": [written(value) for value in one["values"]],
            }
            for one in series
        ],
    }
