"""What budgets are about, in words: the names of what their scopes name, deleted or not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, literal, select, union_all

from tracktok.core.db import db
from tracktok.expenses.models import Account, Category, Project, Tag
from tracktok.expenses.queries.categories import paths

KINDS: dict[str, Any] = {"category_id": Category, "project_id": Project, "account_id": Account, "tag_id": Tag}
BETWEEN = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
_NAMES = union_all(
    *(
        select(literal(name).label("kind"), model.id, model.name).where(
            model.id == bindparam("ids", type_=ARRAY(Uuid())).any_()
        )
        for name, model in KINDS.items()
    )
)


def scope_names(budgets: Iterable[Any]) -> dict[UUID, list[tuple[str, str]]]:
    """What each budget's scope names, by its id: [("Category", "Travel > Hotels"), ...]; nothing for everything."""
    rows = list(budgets)
    wanted = {value for row in rows for name in KINDS if (value := getattr(row, name)) is not None}
    if not wanted:
        return {row.id: [] for row in rows}
    names = {row.id: row.name for row in db.session.execute(_NAMES, {"ids": list(wanted)})}
    if any(row.category_id for row in rows):
        path = paths()
        names |= {
            one: " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} ".join(path[one]) for one in wanted & path.keys()
        }
    return {
        row.id: [
            (name.removesuffix("_id").capitalize(), names.get(value, "Deleted"))
            for name in KINDS
            if (value := getattr(row, name)) is not None
        ]
        for row in rows
    }
