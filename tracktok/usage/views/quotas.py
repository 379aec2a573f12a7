"""Quotas: the list, one of them with its alerts, the form."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.permissions import permits
from tracktok.customers.queries import names_of
from tracktok.usage.queries import meters
from tracktok.usage.queries import quotas as queries
from tracktok.usage.schemas.quotas import QuotaIn, QuotaQuery
from tracktok.usage.services import quotas as services
from tracktok.web.addresses import address
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import go_on, save

from . import words
from .blueprint import blueprint, choices

_BETWEEN = re.compile(r"[\s;%]+|,\s+")


@blueprint.get("/quotas")
@permits("usage.read")
def quotas() -> Response:
    """The quotas of the company."""
    page = queries.list_quotas(QuotaQuery(limit=50, cursor=request.args.get("cursor")))
    return render(
        "usage/quotas.html",
        block="rows",
        page=page,
        names=names_of({row.customer_id for row in page.rows if row.customer_id}),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        words=words,
    )


@blueprint.get("/quotas/<uuid:quota_id>")
@permits("usage.read")
def quota(quota_id: UUID) -> Response:
    """A quota with who has reached which threshold."""
    row = queries.quota_row(quota_id)
    return render(
        "usage/quota.html",
        quota=row,
        customer=names_of([row.customer_id]).get(row.customer_id) if row.customer_id else None,
        alerts=queries.alerts_of(quota_id),
        words=words,
    )


def _page(form: Form[Any], found: Any = None) -> Response:
    return render(
        "usage/quota_form.html",
        block="form",
        status=form.status,
        form=form,
        quota=found,
        meters=[(one.id, one.name, one.code) for one in meters.choices()],
        customers=choices([form.text("customer_id")]),
        periods=words.QUOTA_PERIODS,
    )


def _read() -> Form[QuotaIn]:
    """The form; thresholds come as one text: "50, 80, 100"."""
    values = MultiDict(request.form)
    values.poplist("version")
    said = {name: values.get(name, "") for name in ("percents", "quantities")}
    for name, text in said.items():
        values.setlist(name, [one for one in _BETWEEN.split(text) if one])
    form = Form.read(QuotaIn, values)
    for name, text in said.items():
        form.values.setlist(name, [text])
        for key in [key for key in form.errors if key.startswith(f"{name}-")]:
            form.errors.pop(key)
            kind = "whole percents, such as 80, 100" if name == "percents" else "quantities, such as 5000, 20000"
            form.errors[name] = [f"Write {kind}."]
    return form


@blueprint.get("/quotas/new")
@permits("prices.write")
def new_quota() -> Response:
    """An empty form."""
    given = {name: request.args[name] for name in ("meter_id", "customer_id") if request.args.get(name)}
    return _page(Form({"period": "month", "percents": "80, 100", **given}))


@blueprint.post("/quotas")
@permits("prices.write")
def create_quota() -> Response:
    """Set a quota."""
    return save(
        _read(), services.create_quota, lambda made: go_on("Quota set", url_for(".quota", quota_id=made.id)), _page
    )


@blueprint.get("/quotas/<uuid:quota_id>/edit")
@permits("prices.write")
def edit_quota(quota_id: UUID) -> Response:
    """The form of a quota."""
    found = queries.get_quota(quota_id)
    values = {name: getattr(found, name) for name in ("meter_id", "customer_id", "period", "block")}
    values |= {
        "limit": words.tidy(found.limit_quantity),
        "percents": ", ".join(map(str, found.percents)),
        "quantities": ", ".join(found.quantities),
    }
    return _page(Form(values), found)


@blueprint.post("/quotas/<uuid:quota_id>/edit")
@permits("prices.write")
def update_quota(quota_id: UUID) -> Response:
    """Change a quota."""
    found = queries.get_quota(quota_id, for_update=True)
    return save(
        _read(),
        lambda data: services.change_quota(found, data),
        lambda _: go_on("Quota saved", url_for(".quota", quota_id=quota_id)),
        lambda form: _page(form, found),
        version=found.version,
    )


@blueprint.post("/quotas/<uuid:quota_id>/delete")
@permits("prices.write")
def delete_quota(quota_id: UUID) -> Response:
    """Take a quota away."""
    found = queries.get_quota(quota_id, for_update=True)
    services.delete_quota(found)
    return go_on("Quota deleted", url_for(".quotas"))
