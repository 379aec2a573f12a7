"""Making and changing a budget, with a look at its present period while it is filled in."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.budgets import queries, services
from tracktok.budgets.schemas import BudgetIn
from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.expenses.queries import accounts, projects, tags
from tracktok.expenses.queries.categories import tree
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import go_on, save

from . import words
from .blueprint import blueprint

_OUTSIDE = ("version", "then", "budget_id")
_BETWEEN = re.compile(r"[\s,;%]+")
_SCOPES = ("category_id", "project_id", "account_id", "tag_id")


def _choices() -> dict[str, Any]:
    between = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
    return {
        "categories": [(node.row.id, between.join(node.path)) for node in tree(archived=False)],
        "projects": [(row.id, row.name) for row in projects.choices()],
        "accounts": [(row.id, row.name, row.currency) for row in accounts.choices()],
        "tags": [(row.id, row.name) for row in tags.choices()],
        "periods": words.PERIODS,
        "rollovers": words.ROLLOVERS,
        "enforcements": words.ENFORCEMENTS,
        "base": preferences().currency,
        "words": words,
    }


def _read(source: MultiDict[str, str]) -> Form[BudgetIn]:
    """The form as it was sent. Thresholds come as one text: "50, 80 and 100" is written 50, 80, 100."""
    values = MultiDict(source)
    for name in _OUTSIDE:
        values.poplist(name)
    said = values.get("alert_thresholds", "")
    parts = [part for part in _BETWEEN.split(said) if part and part != "and"]
    values.poplist("alert_thresholds")
    if parts:
        values.setlist("alert_thresholds", parts)
    form = Form.read(BudgetIn, values)
    form.values.setlist("alert_thresholds", [said])
    for name in [name for name in form.errors if name.startswith("alert_thresholds-")]:
        form.errors.pop(name)
        form.errors["alert_thresholds"] = ["Write whole percents from 1 to 1000, such as 50, 80, 100."]
    return form


def _values(budget: Any) -> dict[str, Any]:
    values = {name: getattr(budget, name) for name in BudgetIn.model_fields if hasattr(budget, name)}
    values["alert_thresholds"] = ", ".join(map(str, budget.alert_thresholds))
    return values


def _page(form: Form[Any], budget: Any = None) -> Response:
    return render(
        "budgets/form.html", block="form", status=form.status, form=form, budget=budget, preview=_preview(form),
        **_choices(),
    )  # fmt: skip


def _preview(form: Form[Any]) -> services.Look | None:
    return services.preview(form.data) if form.data is not None else None


@blueprint.get("/new")
@permits("budgets.write")
def new() -> Response:
    """An empty form with what is likely: monthly, from the first of this month."""
    values = {
        "period": "monthly",
        "start_date": services.today().replace(day=1),
        "rollover": "off",
        "enforcement": "warn",
        "alert_enabled": True,
        "alert_thresholds": "80, 100",
        **{name: request.args[name] for name in _SCOPES if request.args.get(name)},
    }
    return _page(Form(values))


@blueprint.get("/preview")
@permits("budgets.write")
def preview() -> Response:
    """Where the present period of the budget that is being filled in stands: a part of the form."""
    values = MultiDict(request.args)
    if not values.get("name", "").strip():
        values["name"] = "This budget"
    form = _read(values)
    return render("budgets/preview.html", preview=_preview(form), words=words, base=preferences().currency)


@blueprint.post("/")
@permits("budgets.write")
def create() -> Response:
    """Make a budget."""
    return save(_read(request.form), services.create_budget, _made, _page)


def _made(budget: Any) -> Response:
    here = url_for(".show", budget_id=budget.id)
    if request.form.get("then") == "new":
        return go_on(f"“{budget.name}” made", url_for(".new"), href=here, action="Open")
    return go_on(f"“{budget.name}” made", here)


@blueprint.get("/<uuid:budget_id>/edit")
@permits("budgets.write")
def edit(budget_id: UUID) -> Response:
    """The form of a budget."""
    budget = queries.get_budget(budget_id)
    form: Form[BudgetIn] = Form(_values(budget))
    form.data = _read(form.values).data
    return _page(form, budget)


@blueprint.post("/<uuid:budget_id>/edit")
@permits("budgets.write")
def update(budget_id: UUID) -> Response:
    """Change a budget as a whole."""
    budget = queries.get_budget(budget_id, for_update=True)
    return save(
        _read(request.form),
        lambda data: services.change_budget(budget, data),
        lambda _: go_on("Budget saved", url_for(".show", budget_id=budget_id)),
        lambda form: _page(form, budget),
        version=budget.version,
    )
