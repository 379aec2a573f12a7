"""One action for many expenses: all or nothing, each audited, posted together."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import FieldError, Invalid, NotFound, TooLarge
from tracktok.core.permissions import current_actor
from tracktok.expenses.models import Expense
from tracktok.expenses.queries import expenses as queries
from tracktok.expenses.queries import tags as tag_queries
from tracktok.expenses.queries.expense_list import find_ids
from tracktok.expenses.queries.references import References, load_references
from tracktok.expenses.rules.amounts import convert
from tracktok.expenses.rules.posting import Change
from tracktok.expenses.rules.statuses import may_become
from tracktok.expenses.schemas.expenses import MOST_AT_ONCE, BulkIn
from tracktok.expenses.signals import SpendWarning
from tracktok.ledger.queries import rate_between
from tracktok.tenants.services import reserve
from tracktok.web.filters import format_day

from .expenses import IllegalStatus, check_may_change, leave_out_what_is_gone
from .posting import announce, contributions_of, post_changes
from .tags import replace_tags, resolve_tags, tag_keys, tell_tags

Tags = dict[UUID, dict[UUID, str]]
_SETS = {"set_category": "category_id", "set_project": "project_id", "set_account": "account_id"}


def change_many(body: BulkIn) -> tuple[int, list[SpendWarning]]:
    """Carry out an action on all expenses that are named or fit the filter: (how many, warnings).

    Raises Invalid (422), NotFound (404) when one of the ids is not there, TooLarge (413) for more than 5,000.
    """
    _check(body)
    ids = _chosen(body)
    if not ids:
        return 0, []
    wanted, new_tags = _wanted(body)
    expenses = _load(ids, deleted=body.action == "restore")
    tags = tag_queries.tags_of(ids)
    refs = load_references(
        categories=[one.category_id for one in expenses],
        projects=[one.project_id for one in expenses] if body.action == "restore" else [],
        accounts=[one.account_id for one in expenses],
        lock=body.action == "restore",
    )
    refs.add(wanted)
    live_before = body.action != "restore"
    before = contributions_of(expenses, refs, tags) if live_before else {}
    if body.action == "restore":
        reserve("expenses", queries.count_expenses, adding=len(expenses))
    gone = [text for one in expenses for text in leave_out_what_is_gone(one, refs)] if body.action == "restore" else []
    after_tags = {one.id: _tags_after(body, tags.get(one.id, {}), new_tags) for one in expenses}
    for one in expenses:
        _apply(one, body, wanted)
    live_after = body.action != "delete"
    after = contributions_of(expenses, refs, after_tags) if live_after else {}
    changes = [Change(before.get(one.id), after.get(one.id)) for one in expenses]
    warnings = gone + announce(changes)
    db.session.flush()
    if body.action.endswith("_tags"):
        for one in expenses:
            replace_tags(one, tags.get(one.id, {}), after_tags[one.id])
            tell_tags(one, tags.get(one.id, {}), after_tags[one.id])
    post_changes(changes)
    return len(expenses), warnings


def _check(body: BulkIn) -> None:
    if (body.ids is None) == (body.filter is None):
        raise Invalid.at("ids", "Name the expenses by ids, or by a filter: one of the two.")
    if body.action == "restore" and body.ids is None:
        raise Invalid.at("ids", "Name the expenses to bring back by their ids.")
    if body.action == "set_status" and body.status is None:
        raise Invalid.at("status", "Name the status.")
    if body.action in {"add_tags", "remove_tags"} and not body.tags:
        raise Invalid.at("tags", "Name one tag at least.")
    field = _SETS.get(body.action)
    if field is not None and field not in body.model_fields_set:
        raise Invalid.at(field, "Name it, or null for none.")


def _chosen(body: BulkIn) -> list[UUID]:
    if body.ids is not None:
        return sorted(set(body.ids))
    assert body.filter is not None  # noqa: S101 - _check has seen to it
    found = find_ids(body.filter, MOST_AT_ONCE + 1)
    if len(found) > MOST_AT_ONCE:
        raise TooLarge(f"More than {MOST_AT_ONCE:,} expenses fit. Narrow the filter, for instance by dates.")
    return sorted(found)


def _wanted(body: BulkIn) -> tuple[References, dict[UUID, str]]:
    """Look up (and lock) what the action sets. Raises Invalid at its field."""
    names, ids = tag_keys(body.tags if body.action.endswith("_tags") else [])
    field = _SETS.get(body.action)
    refs = load_references(
        categories=[body.category_id] if field == "category_id" else [],
        projects=[body.project_id] if field == "project_id" else [],
        accounts=[body.account_id] if field == "account_id" else [],
        tags=ids,
        tag_names=names,
        lock=True,
    )
    if field is not None and (target := getattr(body, field)) is not None:
        found = {**refs.categories, **refs.projects, **refs.accounts}.get(target)
        if found is None or found.is_deleted or found.is_archived:
            text = f"There is no such {field.removesuffix('_id')}, or it is archived."
            raise Invalid(text, errors=[FieldError(f"/{field}", "unknown", text)])
    tags = resolve_tags(body.tags, refs) if names else {}
    return refs, tags


def _load(ids: Sequence[UUID], *, deleted: bool) -> Sequence[Expense]:
    who = current_actor()
    expenses = queries.get_expenses(ids)
    visible = [one for one in expenses if who.may("expenses.read_all") or one.person_id == who.person_id]
    fitting = [one for one in visible if (one.deleted_at is not None) == deleted]
    if len(fitting) < len(ids):
        missing = sorted(set(ids) - {one.id for one in fitting})
        raise NotFound(f"There is no such expense: {missing[0]}. Nothing was changed.")
    if deleted and any(one.deleted_at and one.deleted_at < queries.bin_begins() for one in fitting):
        raise NotFound("One of them was deleted more than 30 days ago. Nothing was changed.")
    for one in fitting:
        check_may_change(one, who)
    return fitting


def _tags_after(body: BulkIn, old: dict[UUID, str], named: dict[UUID, str]) -> dict[UUID, str]:
    if body.action == "set_tags":
        return named
    if body.action == "add_tags":
        return {**old, **named}
    if body.action == "remove_tags":
        return {tag_id: name for tag_id, name in old.items() if tag_id not in named}
    return old


def _apply(expense: Expense, body: BulkIn, wanted: References) -> None:
    if body.action == "set_category":
        expense.category_id = body.category_id
    elif body.action == "set_project":
        expense.project_id = body.project_id
    elif body.action == "set_account":
        _set_account(expense, body.account_id, wanted)
    elif body.action == "set_status" and body.status is not None:
        if not may_become(expense.status, body.status.value):
            raise IllegalStatus(f"“{expense.title}” is {expense.status} and cannot become {body.status.value}.")
        expense.status = body.status.value
    elif body.action == "delete":
        expense.deleted_at = clock.now()
    elif body.action == "restore":
        expense.deleted_at = None
    elif body.action.endswith("_tags"):
        expense.updated_at = clock.now()


def _set_account(expense: Expense, account_id: UUID | None, wanted: References) -> None:
    if expense.account_id == account_id:
        return
    account = wanted.accounts.get(account_id) if account_id is not None else None
    expense.account_id = account_id
    if account is None:
        expense.account_amount = expense.base_amount
    elif account.currency == expense.currency:
        expense.account_amount = expense.amount
    else:
        expense.account_amount = _in_account(expense, account.currency or "")


def _in_account(expense: Expense, currency: str) -> Decimal:
    base = preferences().currency
    if currency == base:
        return expense.base_amount
    found = rate_between(expense.currency, currency, expense.expense_date)
    if found is None:
        text = f"No rate from {expense.currency} to {currency} is known for {format_day(expense.expense_date)}"
        raise Invalid.at("account_id", f"{text} (“{expense.title}”). Nothing was changed.", "rate_missing")
    return convert(expense.amount, found.rate, currency)
