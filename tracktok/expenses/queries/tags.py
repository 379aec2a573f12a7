"""What is read about tags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, func, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.core.tenancy import TENANT
from tracktok.expenses.models import ExpenseTag, Tag
from tracktok.expenses.schemas.tags import TagQuery

COLUMNS = (Tag.id, Tag.name, Tag.color, Tag.version, Tag.created_at, Tag.updated_at)
SORTS = {"name": sort_by(Tag.name), "created_at": sort_by(Tag.created_at)}
_ONE = select(Tag).where(Tag.id == bindparam("tag_id"))
_BY_NAME = select(Tag.id).where(func.lower(Tag.name) == bindparam("name"))
_CHOICES = select(Tag.id, Tag.name, Tag.color).order_by(func.lower(Tag.name)).limit(500)
_USES = (
    select(ExpenseTag.tag_id, func.count().label("uses"))
    .where(
        ExpenseTag.tenant_id == TENANT,
        ExpenseTag.tag_id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
    )
    .group_by(ExpenseTag.tag_id)
)
_EXPENSES_OF = (
    select(ExpenseTag.expense_id)
    .where(ExpenseTag.tenant_id == TENANT, ExpenseTag.tag_id == bindparam("tag_id"))
    .order_by(ExpenseTag.expense_id)
    .limit(bindparam("most"))
)
_OF_EXPENSES = (
    select(ExpenseTag.expense_id, ExpenseTag.tag_id, Tag.name)
    .join(Tag, (Tag.tenant_id == ExpenseTag.tenant_id) & (Tag.id == ExpenseTag.tag_id))
    .where(
        ExpenseTag.tenant_id == TENANT,
        ExpenseTag.expense_id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
    )
    .order_by(func.lower(Tag.name))
)


def get_tag(tag_id: UUID, *, for_update: bool = False) -> Tag:
    """A tag. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    found = db.session.execute(statement, {"tag_id": tag_id}, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such tag.")
    return found


def expense_ids(tag_id: UUID, most: int) -> list[UUID]:
    """The expenses that carry a tag, at most so many."""
    return list(db.session.execute(_EXPENSES_OF, {"tag_id": tag_id, "most": most}).scalars())


def find_tag_id(name_or_id: str) -> UUID | None:
    """The id of a tag by its name, whatever its case, or by its id."""
    found = db.session.execute(_BY_NAME, {"name": name_or_id.lower()}).scalar_one_or_none()
    if found is not None:
        return found
    try:
        return UUID(name_or_id)
    except ValueError:
        return None


def list_tags(query: TagQuery) -> Page:
    """One page of tags."""
    statement = select(*COLUMNS)
    if query.q:
        statement = statement.where(Tag.name.istartswith(query.q, autoescape=True))
    return fetch_page(statement, sorts=SORTS, id_column=Tag.id, sort=query.sort, cursor=query.cursor, limit=query.limit)


def choices() -> Sequence[Any]:
    """(id, name, color) of the tags, for a form."""
    return db.session.execute(_CHOICES).all()


def count_uses(ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many expenses carry each of these tags."""
    rows = db.session.execute(_USES, {"ids": list(ids)})
    return {row.tag_id: row.uses for row in rows}


def tags_of(expense_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, str]]:
    """The tags (id: name) of each of these expenses that has any."""
    found: dict[UUID, dict[UUID, str]] = {}
    for expense_id, tag_id, name in db.session.execute(_OF_EXPENSES, {"ids": list(expense_ids)}):
        found.setdefault(expense_id, {})[tag_id] = name
    return found
