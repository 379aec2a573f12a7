"""What categories, projects and accounts are called, for the pages of the books."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, select

from tracktok.core.db import db
from tracktok.expenses.models import Account, Category, Project


def names_of(model: type[Account | Category | Project]) -> Callable[[Iterable[UUID]], dict[UUID, str]]:
    """A function that gives the names of things by their ids, also of those that were deleted."""
    ids = bindparam("ids", type_=ARRAY(Uuid()))
    statement = select(model.id, model.name).where(model.id == ids.any_())

    def find(wanted: Iterable[UUID]) -> dict[UUID, str]:
        return {row.id: row.name for row in db.session.execute(statement, {"ids": list(wanted)})}

    return find
