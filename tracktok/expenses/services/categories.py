"""Categories: made, moved in their tree, merged, deleted; their expenses follow, in the books too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, text, update

from tracktok.audit.services import record
from tracktok.core import clock
from tracktok.core.db import db, lock_key
from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.expenses.models import Category, Expense
from tracktok.expenses.queries import books
from tracktok.expenses.queries import categories as queries
from tracktok.expenses.queries.contributions import grouped_contributions
from tracktok.expenses.queries.expenses import get_expenses
from tracktok.expenses.rules.categories import move_problem
from tracktok.expenses.rules.posting import Change
from tracktok.expenses.schemas.categories import CategoryIn, CategoryPatch
from tracktok.expenses.schemas.expenses import BulkIn
from tracktok.expenses.signals import category_removed
from tracktok.ledger.queries import book_account_for
from tracktok.ledger.services import create_book_account

from .bulk import change_many
from .posting import announce, post_changes

_FIELDS = ("name", "parent_id", "color", "tax_treatment", "position", "is_archived")


class CategoryNameTaken(Conflict):
    code, title = "name_taken", "There is a category of this name"

    def __init__(self) -> None:
        text_ = "There is a category of this name in the same place already."
        super().__init__(text_, errors=[FieldError("/name", self.code, text_)])


class CategoryHasChildren(Conflict):
    code, title = "has_children", "There are categories below this one"


def create_category(body: CategoryIn) -> Category:
    """Make a category. It posts to the account named, else to its parent's, else to one of its own.

    Raises Invalid (422), CategoryNameTaken (409).
    """
    _hold_tree()
    parent = _check_place(body, None)
    book_id = body.book_account_id
    if book_id is None:
        book_id = parent.book_account_id if parent is not None else create_book_account(body.name, "expense").id
    category = Category(id=new_id(), book_account_id=book_id)
    _fill(category, body)
    db.session.add(category)
    db.session.flush()
    return category


def change_category(category: Category, body: CategoryIn) -> Category:
    """Change a category, locked by the caller, as a whole; to another account of the books its expenses go along."""
    _hold_tree()
    _check_place(body, category.id)
    if body.book_account_id is not None and body.book_account_id != category.book_account_id:
        _post_elsewhere(category, body.book_account_id)
    _fill(category, body)
    db.session.flush()
    db.session.refresh(category)
    return category


def patch_category(category: Category, body: CategoryPatch) -> Category:
    """Change what is named of a category."""
    values = {name: getattr(category, name) for name in (*_FIELDS, "book_account_id")}
    values |= {name: getattr(body, name) for name in body.model_fields_set}
    return change_category(category, CategoryIn.model_validate(values))


def delete_category(category: Category, reassign_to: UUID | None) -> int:
    """Delete a category; its expenses go to another one, or have none from then on. Returns how many moved.

    Raises CategoryHasChildren (409), Invalid (422) at `reassign_to`.
    """
    _hold_tree()
    if any(parent == category.id for parent in queries.parents().values()):
        raise CategoryHasChildren(
            "There are categories below this one. Move or delete them first, or merge it as a whole."
        )
    target = _target(reassign_to, {category.id}, "reassign_to")
    moved = _move_expenses(category, target)
    _remove(category, target)
    return moved


def restore_category(category: Category, parent_id: UUID | None, expense_ids: Sequence[UUID]) -> int:
    """Bring a deleted category back to its place, and into it those of these expenses that have none since.

    At the top when its parent is gone. Returns how many came back. Raises CategoryNameTaken (409).
    """
    _hold_tree()
    values = {name: getattr(category, name) for name in _FIELDS}
    body = CategoryIn.model_validate({**values, "parent_id": parent_id if parent_id in queries.parents() else None})
    _check_place(body, category.id)
    category.deleted_at, category.parent_id = None, body.parent_id
    db.session.flush()
    without = [one.id for one in get_expenses(expense_ids) if one.category_id is None and one.deleted_at is None]
    if without:
        change_many(BulkIn(action="set_category", ids=without, category_id=category.id))
    return len(without)


def merge_category(category: Category, into_id: UUID) -> int:
    """Move the expenses of a category and of all below it into another one, and delete them. Returns how many moved."""
    _hold_tree()
    going = queries.with_children(category.id)
    target = _target(into_id, set(going), "into_id")
    moved = 0
    for one in sorted(going):
        source = category if one == category.id else queries.get_category(one, for_update=True)
        moved += _move_expenses(source, target)
        _remove(source, target)
    return moved


def _fill(category: Category, body: CategoryIn) -> None:
    for name in _FIELDS:
        setattr(category, name, getattr(body, name))
    if body.book_account_id is not None:
        category.book_account_id = body.book_account_id


def _hold_tree() -> None:
    """Moves wait for each other: two of them, each harmless, could make a circle together."""
    db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_key("category_tree")})


def _check_place(body: CategoryIn, itself: UUID | None) -> Category | None:
    parents = queries.parents()
    if body.parent_id is not None and body.parent_id not in parents:
        raise Invalid.at("parent_id", "There is no such category.", "unknown")
    if problem := move_problem(itself, body.parent_id, parents):
        raise Invalid.at("parent_id", problem.detail, problem.code)
    if body.book_account_id is not None and not books.is_expense_account(body.book_account_id):
        raise Invalid.at("book_account_id", "Choose an expense account of the books.", "unknown")
    same = select(Category.id).where(
        db.func.lower(Category.name) == body.name.lower(),
        Category.parent_id.is_not_distinct_from(body.parent_id),
        Category.deleted_at.is_(None),
        Category.id != (itself or new_id()),
    )
    if db.session.execute(same).first() is not None:
        raise CategoryNameTaken
    return queries.get_category(body.parent_id) if body.parent_id is not None else None


def _target(target_id: UUID | None, going: set[UUID], field: str) -> Category | None:
    if target_id is None:
        return None
    if target_id in going:
        raise Invalid.at(field, "Choose a category that stays.")
    if target_id not in queries.parents():
        raise Invalid.at(field, "There is no such category.", "unknown")
    return queries.get_category(target_id, for_update=True)


def _move_expenses(source: Category, target: Category | None) -> int:
    db.session.execute(
        select(Expense.id).where(Expense.category_id == source.id).order_by(Expense.id).with_for_update()
    ).all()
    target_id = target.id if target is not None else None
    book_id = target.book_account_id if target is not None else book_account_for("uncategorised_expense")
    changes = [
        Change(old, replace(old, category_id=target_id, debit_id=book_id))
        for old in grouped_contributions(source.id, source.book_account_id)
    ]
    announce(changes)
    moved = db.session.execute(
        update(Expense)
        .where(Expense.category_id == source.id)
        .values(category_id=target_id, version=Expense.version + 1)
        .execution_options(synchronize_session=False)
        .returning(Expense.id)
    ).all()
    post_changes(changes)
    if moved:
        record(
            "recategorised",
            "categories",
            source.id,
            label=source.name,
            before={"expenses": len(moved)},
            after={"category": target.name if target is not None else None},
        )
    return len(moved)


def _post_elsewhere(category: Category, book_id: UUID) -> None:
    db.session.execute(
        select(Expense.id).where(Expense.category_id == category.id).order_by(Expense.id).with_for_update()
    ).all()
    changes = [
        Change(old, replace(old, debit_id=book_id))
        for old in grouped_contributions(category.id, category.book_account_id)
    ]
    announce(changes)
    post_changes(changes)


def _remove(category: Category, target: Category | None) -> None:
    category.deleted_at = clock.now()
    category.parent_id = None
    db.session.flush()
    category_removed.send(None, category_id=category.id, into_id=target.id if target is not None else None)
