"""Settings > Tax rates: what each comes to, from which day."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.customers.rules.states import INDIA
from tracktok.customers.schemas.catalog import TaxRateIn, TaxRateQuery
from tracktok.tenants.queries import today
from tracktok.web.filters import format_day
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from . import words
from .blueprint import blueprint
from .rows import name_rows, put_rows, take_rows, typed

_NAMES = ("valid_from", "percent", "cess_percent", "cess_per_unit", "components")
_WORDS = {
    "valid_from": "from", "percent": "percent", "cess_percent": "cess", "cess_per_unit": "cess per unit",
    "components": "made of",
}  # fmt: skip
_DECIMALS = ("percent", "cess_percent", "cess_per_unit")
_PART = re.compile(r"(?P<label>\D.*?)\s+(?P<percent>[\d.,]+)\s*%?\s*(?P<top>on top|compound)?", re.IGNORECASE)
REGIMES = [("gst", "GST (India)"), ("generic", "VAT or sales tax")]


@blueprint.get("/settings/tax-rates")
@permits("customers.read")
def tax_rates() -> Response:
    """The rates with what they come to today, and what they were or will be."""
    page = queries.list_tax_rates(TaxRateQuery(limit=100))
    ids = [row.id for row in page.rows]
    now, periods = queries.taxes_on(ids, today()), queries.periods_of(ids)
    rows = sorted(page.rows, key=lambda row: _place(row, now))
    return render("customers/tax_rates.html", rows=rows, now=now, periods=periods, words=words)


def _place(row: Any, now: Any) -> tuple[Any, ...]:
    """Archived ones last, then from the lowest rate to the highest."""
    tax = now.get(row.id)
    return row.is_archived, row.regime, tax.percent if tax else 0, row.name.lower()


def _page(form: Form[Any], rate: Any = None) -> Response:
    count = len({key.split("-")[1] for key in form.values if key.startswith("periods-")})
    regime = rate.regime if rate is not None else form.text("regime")
    return render(
        "customers/tax_rate_form.html",
        block="form",
        status=form.status,
        form=form,
        rate=rate,
        count=count + 1,
        regime=regime,
        regimes=REGIMES,
    )


def _parts(text: str) -> list[dict[str, Any]] | None:
    """Components from “State tax 5 + City tax 2 on top”; None when it is not written so."""
    found = []
    for part in text.split("+"):
        match = _PART.fullmatch(part.strip())
        if match is None:
            return None
        percent = typed({"percent": match["percent"]}, decimals=("percent",))["percent"]
        found.append({"label": match["label"], "percent": percent, "compound": bool(match["top"])})
    return found


def _read() -> Form[TaxRateIn]:
    values = MultiDict(request.form)
    rows = take_rows(values, "periods", _NAMES)
    periods, wrong = [], {}
    for number, row in enumerate(rows):
        period = typed(row, decimals=_DECIMALS, days=("valid_from",))
        if text := period.pop("components", ""):
            parts = _parts(text)
            if parts is None:
                wrong[f"periods-{number}-components"] = "Write them like “State tax 5 + City tax 2 on top”."
            else:
                period["components"] = parts
                period.pop("percent", None)
        periods.append(period)
    form = Form.read(TaxRateIn, values, periods=periods)
    put_rows(form.values, "periods", rows)
    name_rows(form.labels, "periods", len(rows) or 1, _WORDS)
    for name in [name for name in form.errors if re.fullmatch(r"periods-\d+", name)]:
        form.add(f"{name}-percent", " ".join(form.errors.pop(name)))
    if not periods:
        form.errors.pop("periods", None)
        form.add("periods-0-percent", "Give the percent, and the day from which it holds.")
    for name, sentence in wrong.items():
        form.data = None
        form.errors.pop(name.replace("components", "percent"), None)
        form.add(name, sentence)
    return form


@blueprint.get("/settings/tax-rates/new")
@permits("customers.write")
def new_tax_rate() -> Response:
    """An empty form."""
    regime = "gst" if services.default_company().country == INDIA else "generic"
    return _page(Form({"regime": regime, "periods-0-valid_from": format_day(today())}))


@blueprint.post("/settings/tax-rates")
@permits("customers.write")
def create_tax_rate() -> Response:
    """Make a tax rate."""
    return save(
        _read(), services.create_tax_rate, lambda made: go_on(f"“{made.name}” added", url_for(".tax_rates")), _page
    )


def _values(rate: Any) -> dict[str, Any]:
    values = {"name": rate.name, "description": rate.description, "is_archived": rate.is_archived}
    for number, one in enumerate(queries.periods_of([rate.id]).get(rate.id, [])):
        at = f"periods-{number}"
        values |= {
            f"{at}-valid_from": one.valid_from,
            f"{at}-percent": one.percent,
            f"{at}-cess_percent": one.cess_percent or "",
            f"{at}-cess_per_unit": one.cess_per_unit or "",
            f"{at}-components": words.components_text(one.components),
        }
    return values


@blueprint.get("/settings/tax-rates/<uuid:tax_rate_id>")
@permits("customers.write")
def edit_tax_rate(tax_rate_id: UUID) -> Response:
    """The form of a tax rate."""
    rate = queries.get_tax_rate(tax_rate_id)
    return _page(Form(_values(rate)), rate)


@blueprint.post("/settings/tax-rates/<uuid:tax_rate_id>")
@permits("customers.write")
def update_tax_rate(tax_rate_id: UUID) -> Response:
    """Change a tax rate with its periods."""
    rate = queries.get_tax_rate(tax_rate_id, for_update=True)
    return save(
        _read(),
        lambda data: services.change_tax_rate(rate, data),
        lambda _: go_on("The tax rate is saved", url_for(".tax_rates")),
        lambda form: _page(form, rate),
        version=rate.version,
    )


@blueprint.post("/settings/tax-rates/<uuid:tax_rate_id>/delete")
@permits("customers.write")
def delete_tax_rate(tax_rate_id: UUID) -> Response:
    """Delete a tax rate that nothing uses."""
    rate = queries.get_tax_rate(tax_rate_id, for_update=True)
    return attempt(
        lambda: services.delete_tax_rate(rate),
        lambda _: go_on(f"“{rate.name}” deleted", url_for(".tax_rates")),
        url_for(".edit_tax_rate", tax_rate_id=tax_rate_id),
    )
