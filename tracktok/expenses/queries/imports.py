"""What the names in an imported file are matched with."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from tracktok.core.db import db
from tracktok.expenses.models import Account, Category, Project


@dataclass(frozen=True, slots=True)
class Names:
    """What cells can be matched with."""

    categories: dict[UUID, tuple[str, UUID | None]]
    accounts: dict[UUID, tuple[str, str, str]]
    """id: (name, currency, last four digits)."""
    projects: dict[UUID, tuple[str, str]]
    """id: (name, code)."""


def load_names() -> Names:
    """The live categories, accounts and projects."""
    return Names(
        {
            one.id: (one.name, one.parent_id)
            for one in db.session.execute(
                select(Category.id, Category.name, Category.parent_id).where(Category.deleted_at.is_(None))
            )
        },
        {
            one.id: (one.name, one.currency, one.number_last4)
            for one in db.session.execute(
                select(Account.id, Account.name, Account.currency, Account.number_last4).where(
                    Account.deleted_at.is_(None)
                )
            )
        },
        {
            one.id: (one.name, one.code)
            for one in db.session.execute(
                select(Project.id, Project.name, Project.code).where(Project.deleted_at.is_(None))
            )
        },
    )
