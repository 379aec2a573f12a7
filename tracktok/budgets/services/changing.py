"""Budgets: made, changed, deleted, brought back; money moved between them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from tracktok.budgets import queries, rules
from tracktok.budgets.models import Budget, BudgetTransfer
from tracktok.budgets.schemas import BudgetIn, BudgetPatch
from tracktok.core import clock, context
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.money import places_problem
from tracktok.expenses.models import Account, Category, Project, Tag

from .figures import figures_for, today

DAYS_IN_BIN = 30
_PLAIN = (
    "name", "amount", "period", "period_days", "start_date", "end_date", "category_id", "project_id", "account_id",
    "tag_id", "rollover", "enforcement", "alert_enabled",
)  # fmt: skip
_REFERENCES = {"category_id": Category, "project_id": Project, "account_id": Account, "tag_id": Tag}


class BudgetNameTaken(Conflict):
    code, title = "name_taken", "There is a budget of this name"

    def __init__(self) -> None:
        text = "There is a budget of this name already."
        super().__init__(text, errors=[FieldError("/name", self.code, text)])


class NotEnoughLeft(Conflict):
    code, title = "not_enough_left", "There is not so much left"


def _check(body: BudgetIn, itself: UUID | None, kept: Budget | None) -> None:
    if problem := places_problem(body.amount, preferences().currency):
        raise Invalid.at("amount", problem)
    for name, model in _REFERENCES.items():
        wanted = getattr(body, name)
        if wanted is None or (kept is not None and getattr(kept, name) == wanted):
            continue
        found = select(model.id).where(model.id == wanted)  # type: ignore[attr-defined]
        if hasattr(model, "deleted_at"):
            found = found.where(model.deleted_at.is_(None))
        if db.session.execute(found).first() is None:
            raise Invalid.at(name, f"There is no such {name.removesuffix('_id')}.", "not_found")
    same = select(Budget.id).where(
        func.lower(Budget.name) == body.name.lower(), Budget.deleted_at.is_(None), Budget.id != (itself or new_id())
    )
    if db.session.execute(same).first() is not None:
        raise BudgetNameTaken


def _fill(budget: Budget, body: BudgetIn) -> None:
    for name in _PLAIN:
        setattr(budget, name, getattr(body, name))
    if budget.period != "custom":
        budget.period_days = None
    budget.currency = preferences().currency
    budget.alert_thresholds = body.thresholds


def create_budget(body: BudgetIn) -> Budget:
    """Make a budget. Raises Conflict (409) for a name that is taken, Invalid (422)."""
    _check(body, None, None)
    budget = Budget(id=new_id())
    _fill(budget, body)
    db.session.add(budget)
    db.session.flush()
    db.session.refresh(budget)
    return budget


def change_budget(budget: Budget, body: BudgetIn) -> Budget:
    """Change a budget, locked by the caller, as a whole."""
    _check(body, budget.id, budget)
    _fill(budget, body)
    db.session.flush()
    db.session.refresh(budget)
    return budget


def patch_budget(budget: Budget, body: BudgetPatch) -> Budget:
    """Change what is named of a budget; what is not named stays."""
    named = {name: getattr(body, name) for name in body.model_fields_set}
    values = {name: getattr(budget, name) for name in _PLAIN}
    if not {"alert_threshold", "alert_thresholds"} & named.keys():
        values["alert_thresholds"] = budget.alert_thresholds
    return change_budget(budget, BudgetIn.model_validate({**values, **named}))


def delete_budget(budget: Budget) -> None:
    """Put a budget into the bin, where it stays for 30 days."""
    budget.deleted_at = clock.now()
    db.session.flush()


def restore_budget(budget: Budget) -> Budget:
    """Take a budget out of the bin. Raises NotFound after 30 days, BudgetNameTaken when its name is in use again."""
    if budget.deleted_at is not None and budget.deleted_at < clock.now() - timedelta(days=DAYS_IN_BIN):
        raise NotFound("There is no such budget.")
    same = select(Budget.id).where(func.lower(Budget.name) == budget.name.lower(), Budget.deleted_at.is_(None))
    if db.session.execute(same).first() is not None:
        raise BudgetNameTaken
    budget.deleted_at = None
    db.session.flush()
    db.session.refresh(budget)
    return budget


def snooze_budget(budget: Budget, until: date | None) -> Budget:
    """Raise no alerts until a day has passed (None: raise them again)."""
    if until is not None and until < today():
        raise Invalid.at("until", "Choose today or a day to come.")
    budget.snoozed_until = until
    db.session.flush()
    db.session.refresh(budget)
    return budget


def transfer(source: Budget, target: Budget, amount: Decimal, note: str) -> BudgetTransfer:
    """Move money from one budget's present period to another's. Both are locked by the caller, in order of their ids.

    Raises Invalid for the same budget, Conflict when a period is not there or has not so much left.
    """
    if source.id == target.id:
        raise Invalid.at("to_budget_id", "Choose another budget.")
    if problem := places_problem(amount, preferences().currency):
        raise Invalid.at("amount", problem)
    now = today()
    slices = [rules.slice_at(queries.plan_of(budget), now) for budget in (source, target)]
    if slices[0] is None or slices[1] is None:
        name = source.name if slices[0] is None else target.name
        raise Conflict(f"The budget {name} has no period at present.")
    standing = figures_for([source])[source.id].figures
    if standing is None or standing.remaining < amount:
        raise NotEnoughLeft(f"The budget {source.name} has not so much left in this period.")
    who = context.actor()
    row = BudgetTransfer(
        id=new_id(),
        from_budget_id=source.id,
        from_period_start=slices[0].start,
        to_budget_id=target.id,
        to_period_start=slices[1].start,
        amount=amount,
        note=note,
        created_by=who.person_id if who else None,
    )
    db.session.add(row)
    db.session.flush()
    db.session.refresh(row)
    return row
