"""Incentive rules: the list, making and changing one with a worked period."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.context import preferences
from tracktok.core.errors import DomainError
from tracktok.core.permissions import permits
from tracktok.expenses.queries import projects
from tracktok.tenants.queries import currency_choices
from tracktok.trips.queries import incentives as queries
from tracktok.trips.rules.incentives import Incentive, IncentivePeriod, Measure, incentive_for
from tracktok.trips.schemas.incentives import IncentiveQuery, IncentiveRuleIn
from tracktok.trips.services import incentives as services
from tracktok.web.addresses import address
from tracktok.web.filters import figures
from tracktok.web.forms import Form
from tracktok.web.inputs import plain_decimal
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from . import words
from .blueprint import incentives as blueprint
from .rate_cards import project_names
from .worked import today

_TIER = re.compile(r"tiers-(\d+)-(over|rate|bonus)")


@blueprint.get("/")
@permits("incentives.read")
def index() -> Response:
    """The incentive rules."""
    archived = request.args.get("archived") == "true"
    query = IncentiveQuery(sort="name", limit=50, archived=archived, cursor=request.args.get("cursor"))
    page = queries.list_incentive_rules(query)
    return render(
        "incentives/index.html",
        block={"incentives-more": "rows"},
        page=page,
        terms={row.id: services.terms_of(row) for row in page.rows},
        projects=project_names(page.rows),
        archived=archived,
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        words=words,
    )


def _read(source: MultiDict[str, str]) -> Form[IncentiveRuleIn]:
    """The form as it was sent; rows of tiers without anything in them are left out."""
    values: Any = MultiDict({name: texts for name, texts in source.lists() if texts})
    rows: dict[int, dict[str, str]] = {}
    for key in list(values):
        if match := _TIER.fullmatch(key):
            rows.setdefault(int(match[1]), {})[match[2]] = (values.poplist(key) or [""])[0].strip()
    tiers = [row for _, row in sorted(rows.items()) if any(row.values())]
    for number, row in enumerate(tiers):
        for name, text in row.items():
            values.setlist(f"tiers-{number}-{name}", [text])
    decimal = figures(preferences().locale).decimal
    typed = [{name: plain_decimal(text, decimal) or text for name, text in row.items() if text} for row in tiers]
    form = Form.read(IncentiveRuleIn, values, tiers=typed)
    for number in range(len(tiers)):
        form.labels |= {f"tiers-{number}-{name}": f"Tier {number + 1}, {name}" for name in ("over", "rate", "bonus")}
    if form.text("then") == "more":
        form.data, form.errors, form.general, form.status = None, {}, [], 200
    return form


def _paid(form: Form[IncentiveRuleIn]) -> Incentive | None:
    """What the rule of a form pays for the worked period."""
    done = plain_decimal(form.text("done", "50"), figures(preferences().locale).decimal)
    if form.data is None or done is None or Decimal(done) < 0:
        return None
    try:
        terms = services.terms_of_body(form.data, form.data.currency or preferences().currency)
    except DomainError as refusal:
        form.refuse(refusal)
        return None
    return incentive_for(terms, Decimal(done))


def _page(form: Form[Any], rule: Any = None) -> Response:
    numbers = {match[1] for key in form.values if (match := _TIER.fullmatch(key))}
    again = _read(form.values)
    return render(
        "incentives/form.html",
        block="form",
        status=form.status,
        form=form,
        rule=rule,
        count=max(len(numbers) + 1, 2),
        paid=_paid(again),
        measures=[(one.value, one.label) for one in Measure],
        periods=[(one.value, one.label) for one in IncentivePeriod],
        currencies=currency_choices(),
        projects=[(row.id, row.name) for row in projects.choices()],
        words=words,
    )


@blueprint.get("/new")
@permits("incentives.write")
def new() -> Response:
    """An empty form with what is likely."""
    values = {"measure": "trips", "period": "monthly", "currency": preferences().currency, "done": "50"}
    return _page(Form({**values, "valid_from": today().replace(day=1)}))


@blueprint.post("/preview")
@permits("incentives.read")
def preview() -> Response:
    """What the rule that is being typed pays: a part of the form."""
    form = _read(request.form)
    if form.data is None and not form.text("name").strip():
        values = MultiDict(request.form)
        values["name"] = "This rule"
        form = _read(values)
    return render("incentives/preview.html", form=form, paid=_paid(form), words=words)


@blueprint.post("/")
@permits("incentives.write")
def create() -> Response:
    """Make a rule."""
    return save(
        _read(request.form),
        services.create_incentive_rule,
        lambda made: go_on(f"“{made.name}” made", url_for(".index"), another=url_for(".new")),
        _page,
    )


@blueprint.get("/<uuid:incentive_rule_id>/edit")
@permits("incentives.read")
def edit(incentive_rule_id: UUID) -> Response:
    """The form of a rule."""
    rule = queries.get_incentive_rule(incentive_rule_id)
    terms = services.terms_of(rule)
    plain = (
        "name",
        "measure",
        "period",
        "currency",
        "trip_type",
        "project_id",
        "valid_from",
        "valid_to",
        "is_archived",
    )
    values: dict[str, Any] = {name: getattr(rule, name) for name in plain}
    values |= {"ordinary": terms.ordinary, "cap": terms.cap or None, "done": terms.ordinary + 10}
    for number, tier in enumerate(terms.tiers):
        row = {"over": tier.over, "rate": tier.rate or None, "bonus": tier.bonus or None}
        values |= {f"tiers-{number}-{name}": value for name, value in row.items()}
    return _page(Form(values), rule)


@blueprint.post("/<uuid:incentive_rule_id>/edit")
@permits("incentives.write")
def update(incentive_rule_id: UUID) -> Response:
    """Change a rule as a whole."""
    rule = queries.get_incentive_rule(incentive_rule_id, for_update=True)
    return save(
        _read(request.form),
        lambda data: services.change_incentive_rule(rule, data),
        lambda _: go_on("Incentive rule saved", url_for(".index")),
        lambda form: _page(form, rule),
        version=rule.version,
    )


@blueprint.post("/<uuid:incentive_rule_id>/delete")
@permits("incentives.write")
def delete(incentive_rule_id: UUID) -> Response:
    """Delete a rule by which nothing was paid."""
    rule = queries.get_incentive_rule(incentive_rule_id, for_update=True)
    name = rule.name
    return attempt(
        lambda: services.delete_incentive_rule(rule),
        lambda _: go_on(f"“{name}” deleted", url_for(".index")),
        url_for(".index"),
    )
