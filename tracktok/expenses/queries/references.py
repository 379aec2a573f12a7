"""What an expense refers to: its category, project and account, with what posting needs to know of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from tracktok.core.driver import run
from tracktok.core.tenancy import current_tenant_id


@dataclass(frozen=True, slots=True)
class Reference:
    """A category, project or account. Only those of accounts and categories have a book account."""

    id: UUID
    name: str
    book_account_id: UUID | None
    currency: str | None
    is_archived: bool
    is_deleted: bool


@dataclass(slots=True)
class References:
    """What was found, by id."""

    categories: dict[UUID, Reference] = field(default_factory=dict)
    projects: dict[UUID, Reference] = field(default_factory=dict)
    accounts: dict[UUID, Reference] = field(default_factory=dict)
    tags: dict[UUID, str] = field(default_factory=dict)

    def add(self, other: References) -> None:
        """Take in what another look-up found."""
        self.categories.update(other.categories)
        self.projects.update(other.projects)
        self.accounts.update(other.accounts)
        self.tags.update(other.tags)


# Locked against deletion (which takes FOR UPDATE), not against one another: many expenses may name the same category.
_SQL = """
WITH c AS MATERIALIZED (
  SELECT id, name, book_account_id, is_archived, deleted_at FROM categories
   WHERE tenant_id = %(tenant)s AND id = ANY(%(categories)s::uuid[]) ORDER BY id {lock}),
p AS MATERIALIZED (
  SELECT id, name, status, deleted_at FROM projects
   WHERE tenant_id = %(tenant)s AND id = ANY(%(projects)s::uuid[]) ORDER BY id {lock}),
a AS MATERIALIZED (
  SELECT id, name, book_account_id, currency, is_archived, deleted_at FROM accounts
   WHERE tenant_id = %(tenant)s AND id = ANY(%(accounts)s::uuid[]) ORDER BY id {lock})
SELECT 'c' AS kind, id, name, book_account_id, NULL AS currency, is_archived, deleted_at IS NOT NULL AS gone FROM c
UNION ALL SELECT 'p', id, name, NULL, NULL, false, deleted_at IS NOT NULL FROM p
UNION ALL SELECT 'a', id, name, book_account_id, currency, is_archived, deleted_at IS NOT NULL FROM a
UNION ALL SELECT 't', id, name, NULL, NULL, false, false FROM tags
 WHERE tenant_id = %(tenant)s AND (lower(name) = ANY(%(tag_names)s::text[]) OR id = ANY(%(tags)s::uuid[]))
"""
_READ = _SQL.format(lock="")
_LOCK = _SQL.format(lock="FOR KEY SHARE")


def load_references(
    *,
    categories: Iterable[UUID | None] = (),
    projects: Iterable[UUID | None] = (),
    accounts: Iterable[UUID | None] = (),
    tags: Iterable[UUID] = (),
    tag_names: Iterable[str] = (),
    lock: bool = False,
) -> References:
    """Look up what expenses refer to, in one statement; also what is deleted, which old expenses may still name.

    `lock` holds categories, projects and accounts against deletion until the transaction ends. Tags are found by id
    or by name, whatever its case.
    """
    wanted: dict[str, list[UUID] | list[str]] = {
        "categories": list({one for one in categories if one}),
        "projects": list({one for one in projects if one}),
        "accounts": list({one for one in accounts if one}),
        "tags": list(set(tags)),
        "tag_names": list({name.lower() for name in tag_names}),
    }
    found = References()
    if not any(wanted.values()):
        return found
    rows = run(_LOCK if lock else _READ, {"tenant": current_tenant_id(), **wanted})
    places = {"c": found.categories, "p": found.projects, "a": found.accounts}
    for kind, row_id, name, book, currency, archived, gone in rows:
        if kind == "t":
            found.tags[row_id] = name
        else:
            places[kind][row_id] = Reference(row_id, name, book, currency, archived, gone)
    return found
