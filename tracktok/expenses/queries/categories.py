"""What is read about categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.core.tenancy import TENANT
from tracktok.expenses.models import Category, Expense
from tracktok.expenses.rules.categories import ancestors, descendants
from tracktok.expenses.schemas.categories import CategoryQuery

COLUMNS = (
    Category.id,
    Category.name,
    Category.parent_id,
    Category.book_account_id,
    Category.color,
    Category.tax_treatment,
    Category.position,
    Category.is_archived,
    Category.version,
    Category.created_at,
    Category.updated_at,
)
SORTS = {"name": sort_by(Category.name), "created_at": sort_by(Category.created_at)}
_ALL = select(*COLUMNS).where(Category.deleted_at.is_(None)).order_by(Category.position, func.lower(Category.name))
_PARENTS = select(Category.id, Category.parent_id).where(Category.deleted_at.is_(None))
_ONE = select(Category).where(Category.id == bindparam("category_id"))
_EXPENSES_OF = (
    select(Expense.id)
    .where(Expense.category_id == bindparam("category_id"), Expense.deleted_at.is_(None))
    .order_by(Expense.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Node:
    """A category in its tree: its row, those above it by name, and its level (1 at the top)."""

    row: Any
    path: list[str]
    depth: int


def get_category(category_id: UUID, *, for_update: bool = False, deleted: bool = False) -> Category:
    """A category that is not deleted; with `deleted` one that is. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"category_id": category_id}, execution_options=options).scalar_one_or_none()
    if found is None or (found.deleted_at is not None) != deleted:
        raise NotFound("There is no such category.")
    return found


def expense_ids(category_id: UUID, most: int) -> list[UUID]:
    """The expenses of a category itself, at most so many."""
    return list(db.session.execute(_EXPENSES_OF, {"category_id": category_id, "most": most}).scalars())


def parents() -> dict[UUID, UUID | None]:
    """The parent of each category that is not deleted."""
    return {row.id: row.parent_id for row in db.session.execute(_PARENTS)}


def with_children(category_id: UUID) -> list[UUID]:
    """The category and everything below it; itself alone when it is unknown."""
    known = parents()
    return sorted(descendants(category_id, known))


def tree(*, archived: bool = True) -> list[Node]:
    """All categories in the order of the tree: each followed by those below it."""
    rows = db.session.execute(_ALL).all()
    known = {row.id: row for row in rows}
    below: dict[UUID | None, list[Any]] = {}
    for row in rows:
        below.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
    nodes: list[Node] = []

    def walk(parent: UUID | None, path: list[str]) -> None:
        for row in below.get(parent, ()):
            if archived or not row.is_archived:
                nodes.append(Node(row, [*path, row.name], len(path) + 1))
                walk(row.id, [*path, row.name])

    walk(None, [])
    return nodes


def path_words(path: Sequence[str]) -> str:
    """The names of a category and those above it, from the top, as one line."""
    return " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} ".join(path)


def choices(*, archived: bool = False) -> list[tuple[Any, ...]]:
    """(id, path) in the order of the tree."""
    return [(node.row.id, path_words(node.path)) for node in tree(archived=archived)]


def list_categories(query: CategoryQuery) -> Page:
    """One page of categories."""
    statement = select(*COLUMNS).where(Category.deleted_at.is_(None))
    if query.q:
        statement = statement.where(Category.name.icontains(query.q, autoescape=True))
    if query.parent_id is not None:
        statement = statement.where(Category.parent_id == query.parent_id)
    if query.archived is not None:
        statement = statement.where(Category.is_archived == query.archived)
    return fetch_page(
        statement, sorts=SORTS, id_column=Category.id, sort=query.sort, cursor=query.cursor, limit=query.limit
    )


def paths() -> dict[UUID, list[str]]:
    """The names of each category and those above it, from the top."""
    rows = db.session.execute(_ALL).all()
    names = {row.id: row.name for row in rows}
    known: Mapping[UUID, UUID | None] = {row.id: row.parent_id for row in rows}
    return {one: [names[up] for up in reversed(ancestors(one, known)) if up in names] for one in names}


def count_expenses(category_id: UUID) -> int:
    """How many live expenses name a category itself."""
    return db.session.execute(
        select(func.count())
        .select_from(Expense)
        .where(Expense.tenant_id == TENANT, Expense.category_id == category_id, Expense.deleted_at.is_(None))
    ).scalar_one()
