"""What buttons do with a budget: delete, bring back, be quiet, move money to another."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Response, request, url_for

from tracktok.budgets import queries, services
from tracktok.budgets.schemas import BudgetTransferIn
from tracktok.core.context import preferences
from tracktok.core.errors import DomainError, Invalid, NotFound
from tracktok.core.permissions import permits
from tracktok.web.filters import format_day, format_money
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, toast

from .blueprint import blueprint
from .budgets import record

_SNOOZES = {"week": 7, "month": 30}


@blueprint.post("/<uuid:budget_id>/delete")
@permits("budgets.write")
def delete(budget_id: UUID) -> Response:
    """Put a budget into the bin; the toast offers to bring it back."""
    budget = queries.get_budget(budget_id, for_update=True)
    services.delete_budget(budget)
    toast(f"“{budget.name}” deleted", undo=url_for(".restore", budget_id=budget_id))
    return redirect_to(url_for(".index"))


@blueprint.post("/<uuid:budget_id>/restore")
@permits("budgets.write")
def restore(budget_id: UUID) -> Response:
    """Bring a budget back from the bin."""
    budget = services.restore_budget(queries.get_budget(budget_id, for_update=True, deleted=True))
    toast(f"“{budget.name}” is back")
    return redirect_to(url_for(".show", budget_id=budget_id))


@blueprint.post("/<uuid:budget_id>/snooze")
@permits("budgets.write")
def snooze(budget_id: UUID) -> Response:
    """Raise no alerts for a week, a month, until the period ends; or raise them again."""
    budget = queries.get_budget(budget_id, for_update=True)
    how_long, now = request.form.get("for", ""), services.today()
    if how_long == "wake":
        services.snooze_budget(budget, None)
        toast("Alerts come again")
    else:
        if how_long in _SNOOZES:
            until = now + timedelta(days=_SNOOZES[how_long] - 1)
        elif how_long == "period":
            until = max(now, services.look_at(budget).period.end)
        else:
            raise Invalid.at("for", "Choose for how long.")
        services.snooze_budget(budget, until)
        toast(f"No alerts up to {format_day(until)}")
    return redirect_to(url_for(".show", budget_id=budget_id))


@blueprint.post("/<uuid:budget_id>/transfers")
@permits("budgets.write")
def transfer(budget_id: UUID) -> Response:
    """Move money from this budget's present period to another's."""
    form = Form.read(BudgetTransferIn)
    if form.data is not None:
        queries.lock_budgets([budget_id, form.data.to_budget_id])
        source = queries.get_budget(budget_id)
        try:
            target = queries.get_budget(form.data.to_budget_id)
            row = services.transfer(source, target, form.data.amount, form.data.note)
        except NotFound:
            form.add("to_budget_id", "Choose a budget from the list.")
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            amount = format_money(row.amount, preferences().currency)
            toast(f"{amount} moved to “{target.name}”", href=url_for(".show", budget_id=target.id), action="Open")
            return redirect_to(url_for(".show", budget_id=budget_id))
    return record(queries.get_budget(budget_id), form, status=form.status)
