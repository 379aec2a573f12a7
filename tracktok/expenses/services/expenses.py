"""Expenses: recorded, changed, deleted and brought back, always together with the books."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from tracktok.audit.services import Adding
from tracktok.core import clock
from tracktok.core.context import Actor, preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Forbidden, Invalid
from tracktok.core.ids import new_id
from tracktok.core.permissions import current_actor
from tracktok.expenses.models import Expense
from tracktok.expenses.queries import expenses as queries
from tracktok.expenses.queries import projects as project_queries
from tracktok.expenses.queries import tags as tag_queries
from tracktok.expenses.queries.references import Reference, References, load_references
from tracktok.expenses.rules import statuses
from tracktok.expenses.rules.posting import Change
from tracktok.expenses.schemas.expenses import ExpenseIn, ExpensePatch
from tracktok.expenses.signals import SpendWarning
from tracktok.tenants.queries import limit_of
from tracktok.tenants.services import reserve, soft_warning

from .amounts import check_fields, derive
from .posting import announce, contribution_of, post_changes
from .tags import put_tags, replace_tags, resolve_tags, tag_keys, tell_tags

_EXPENSES = Adding(Expense)


class IllegalStatus(Conflict):
    code, title = "illegal_status", "This expense cannot go there from where it stands"


class NotYours(Forbidden):
    code, title = "not_yours", "You may change your own expenses only"


@dataclass(slots=True)
class Written:
    """An expense after a change, what it refers to, and what a person should know about the change."""

    expense: Expense
    refs: References
    tags: dict[UUID, str]
    warnings: list[SpendWarning] = field(default_factory=list)


def record_expense(body: ExpenseIn) -> Written:
    """Record an expense and post it.

    Raises Invalid (422) at the fields, PlanLimit (402), or whatever a budget refuses with.
    """
    who = current_actor()
    reserve("expenses", queries.count_expenses)
    day = body.expense_date or _today()
    refs, tags = _resolve(body, None)
    expense = Expense(id=new_id(), person_id=_person(body, who, None), receipts=0)
    _fill(expense, body, day, refs, old=None)
    change = Change(None, contribution_of(expense, refs, tags))
    warnings = announce([change])
    _EXPENSES.add(expense)
    put_tags(expense.id, day, tags)
    post_changes([change])
    warnings += _duplicates(expense) + _soft_limit(expense)
    return Written(expense, refs, tags, warnings)


def change_expense(expense: Expense, body: ExpenseIn) -> Written:
    """Change an expense, locked by `queries.get_expense`, as a whole: the old is taken back and the new posted."""
    who = current_actor()
    check_may_change(expense, who)
    if not statuses.may_become(expense.status, body.status.value):
        raise IllegalStatus(f"An expense that is {expense.status} cannot become {body.status.value}.")
    old_tags = tag_queries.tags_of([expense.id]).get(expense.id, {})
    refs, tags = _resolve(body, expense)
    old = contribution_of(expense, refs, old_tags)
    before = (expense.expense_date, expense.amount, expense.project_id)
    expense.person_id = _person(body, who, expense)
    _fill(expense, body, body.expense_date or expense.expense_date, refs, old=expense)
    change = Change(old, contribution_of(expense, refs, tags))
    warnings = announce([change])
    if old_tags.keys() != tags.keys():
        expense.updated_at = clock.now()  # a change of the expense, though none of its columns
        tell_tags(expense, old_tags, tags)
    db.session.flush()
    replace_tags(expense, old_tags, tags)
    post_changes([change])
    if (expense.expense_date, expense.amount) != before[:2]:
        warnings += _duplicates(expense)
    if expense.project_id != before[2]:
        warnings += _soft_limit(expense)
    return Written(expense, refs, tags, warnings)


def patch_expense(expense: Expense, body: ExpensePatch) -> Written:
    """Change what is named of an expense; what is not named stays."""
    return change_expense(expense, merged(expense, body))


def merged(expense: Expense, body: ExpensePatch) -> ExpenseIn:
    """The expense as a whole after a patch. Raises ValidationError where null is not allowed."""
    named = {name: getattr(body, name) for name in body.model_fields_set}
    values = {**values_of(expense), **named}
    if "tags" not in named:
        values["tags"] = list(tag_queries.tags_of([expense.id]).get(expense.id, {}).values())
    if "account_amount" not in named and {"amount", "currency", "account_id", "expense_date"}.isdisjoint(named):
        values["account_amount"] = expense.account_amount
    return ExpenseIn.model_validate(values)


def values_of(expense: Expense) -> dict[str, Any]:
    """The inputs that would make this expense, without tags; the rate is kept by itself."""
    return {
        "amount": expense.amount,
        "title": expense.title,
        "description": expense.description,
        "category_id": expense.category_id,
        "project_id": expense.project_id,
        "account_id": expense.account_id,
        "expense_date": expense.expense_date,
        "payment_method": expense.payment_method,
        "currency": expense.currency,
        "tax_amount": expense.tax_amount,
        "merchant": expense.merchant,
        "reference": expense.reference,
        "billable": expense.is_billable,
        "status": expense.status,
        "person_id": expense.person_id,
    }


def move_expense(expense: Expense, action: str) -> Written:
    """Approve, pay, withdraw or unpay an expense. Raises IllegalStatus (409)."""
    status = statuses.move(expense.status, action)
    if status is None:
        raise IllegalStatus(f"An expense that is {expense.status} cannot be changed like this ({action}).")
    return patch_expense(expense, ExpensePatch.model_validate({"status": status}))


def delete_expense(expense: Expense) -> list[SpendWarning]:
    """Put an expense into the bin: it leaves the books, and may be brought back for 30 days."""
    check_may_change(expense, current_actor())
    tags = tag_queries.tags_of([expense.id]).get(expense.id, {})
    refs = load_references(categories=[expense.category_id], accounts=[expense.account_id])
    change = Change(contribution_of(expense, refs, tags), None)
    warnings = announce([change])
    expense.deleted_at = clock.now()
    db.session.flush()
    post_changes([change])
    return warnings


def restore_expense(expense: Expense) -> Written:
    """Bring an expense back from the bin and post it again. What it named and is gone meanwhile is left out, and said.

    Raises Conflict (409) after 30 days, PlanLimit (402).
    """
    check_may_change(expense, current_actor())
    if expense.deleted_at is None or expense.deleted_at < queries.bin_begins():
        raise Conflict(f"It was deleted more than {queries.DAYS_IN_BIN} days ago and cannot be brought back.")
    reserve("expenses", queries.count_expenses)
    refs = load_references(
        categories=[expense.category_id], projects=[expense.project_id], accounts=[expense.account_id], lock=True
    )
    tags = tag_queries.tags_of([expense.id]).get(expense.id, {})
    warnings = leave_out_what_is_gone(expense, refs)
    change = Change(None, contribution_of(expense, refs, tags))
    warnings += announce([change])
    expense.deleted_at = None
    db.session.flush()
    post_changes([change])
    return Written(expense, refs, tags, warnings)


def check_may_change(expense: Expense, who: Actor) -> None:
    """Raise NotYours (403) for those who see an expense but may change their own only."""
    if not who.may("expenses.write_all") and expense.person_id != who.person_id:
        raise NotYours


def leave_out_what_is_gone(expense: Expense, refs: References) -> list[SpendWarning]:
    """Take from an expense that comes back what it named and has been deleted meanwhile; the warnings that say so."""
    warnings = []
    for name, found in (("category", refs.categories), ("project", refs.projects), ("account", refs.accounts)):
        known = found.get(getattr(expense, f"{name}_id"))
        if known is not None and known.is_deleted:
            if name == "account":
                expense.account_amount = expense.base_amount
            setattr(expense, f"{name}_id", None)
            text = f"The {name} “{known.name}” has been deleted meanwhile; the expense came back without it."
            warnings.append(SpendWarning(f"{name}_gone", text))
    return warnings


def _today() -> date:
    return clock.today(preferences().timezone)


def _resolve(body: ExpenseIn, old: Expense | None) -> tuple[References, dict[UUID, str]]:
    """Look up and check what the body refers to; tags that are new are made. What the old row names is known too."""
    names, ids = tag_keys(body.tags)
    refs = load_references(
        categories=[body.category_id],
        projects=[body.project_id],
        accounts=[body.account_id],
        tags=ids,
        tag_names=names,
        lock=True,
    )
    errors = [
        *_reference_problem("category_id", body.category_id, refs.categories, old.category_id if old else None),
        *_reference_problem("project_id", body.project_id, refs.projects, old.project_id if old else None),
        *_reference_problem("account_id", body.account_id, refs.accounts, old.account_id if old else None),
    ]
    if errors:
        raise Invalid(errors[0].detail if len(errors) == 1 else None, errors=errors)
    tags = resolve_tags(body.tags, refs) if body.tags else {}
    if old is not None and (old.category_id != body.category_id or old.account_id != body.account_id):
        refs.add(load_references(categories=[old.category_id], accounts=[old.account_id]))
    return refs, tags


def _reference_problem(
    name: str, wanted: UUID | None, found: dict[UUID, Reference], old: UUID | None
) -> list[FieldError]:
    if wanted is None:
        return []
    thing = name.removesuffix("_id")
    known = found.get(wanted)
    if known is None or known.is_deleted:
        return [FieldError(f"/{name}", "unknown", f"There is no such {thing}.")]
    if known.is_archived and wanted != old:
        return [FieldError(f"/{name}", "archived", f"The {thing} “{known.name}” is archived; choose another.")]
    return []


def _person(body: ExpenseIn, who: Actor, old: Expense | None) -> UUID | None:
    default = old.person_id if old is not None else who.person_id
    if body.person_id is None or body.person_id == default:
        return default
    if not who.may("expenses.write_all"):
        raise Invalid.at("person_id", "You may record your own expenses only.", "not_yours")
    if not queries.is_member(body.person_id):
        raise Invalid.at("person_id", "There is no such person in your company.", "unknown")
    return body.person_id


def _fill(expense: Expense, body: ExpenseIn, day: date, refs: References, *, old: Expense | None) -> None:
    base = preferences().currency
    currency = (body.currency or (old.currency if old else None) or base).upper()
    check_fields(body, currency, day, _today())
    account = refs.accounts.get(body.account_id) if body.account_id else None
    money = derive(body, currency, day, base, account, old)
    expense.title = body.title
    expense.description = body.description
    expense.merchant = body.merchant
    expense.reference = body.reference
    expense.amount = body.amount
    expense.currency = currency
    expense.base_amount = money.base_amount
    expense.exchange_rate = money.rate.rate
    expense.rate_date = money.rate.rate_date
    expense.rate_source = money.rate.source
    expense.account_amount = money.account_amount
    expense.tax_amount = body.tax_amount
    expense.expense_date = day
    expense.payment_method = body.payment_method.value if body.payment_method else None
    expense.status = body.status.value
    expense.is_billable = body.billable
    expense.category_id = body.category_id
    expense.project_id = body.project_id
    expense.account_id = body.account_id


def _duplicates(expense: Expense) -> list[SpendWarning]:
    twins = queries.find_twins(
        day=expense.expense_date,
        amount=expense.amount,
        base_amount=expense.base_amount,
        currency=expense.currency,
        name=expense.merchant or expense.title,
        itself=expense.id,
    )
    if not twins:
        return []
    text = f"There is an expense of the same day, amount and merchant already: “{twins[0].title}”. Both are kept."
    return [SpendWarning("duplicate", text, {"expense_ids": [str(twin.id) for twin in twins]})]


def _soft_limit(expense: Expense) -> list[SpendWarning]:
    allowed = limit_of("expenses_per_project") if expense.project_id else None
    if allowed is None or expense.project_id is None:
        return []
    used = project_queries.count_expenses(expense.project_id, at_most=allowed + 1)
    text = soft_warning("expenses_per_project", used)
    return [SpendWarning("plan_soft_limit", text)] if text else []
