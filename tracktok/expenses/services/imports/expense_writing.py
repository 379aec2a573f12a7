"""Staged expenses into the table and the books, and back out."""
# ruff: noqa: S608 - the pieces of SQL are constants of these modules; values travel as parameters

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, DomainError
from tracktok.core.ids import new_id
from tracktok.core.jobs import JobRun
from tracktok.core.tenancy import current_tenant_id
from tracktok.expenses.models import Account, Category, Project
from tracktok.expenses.queries.expenses import count_expenses
from tracktok.expenses.queries.imports import load_names
from tracktok.expenses.schemas.accounts import AccountIn
from tracktok.expenses.schemas.categories import CategoryIn
from tracktok.expenses.schemas.projects import ProjectIn
from tracktok.expenses.services import accounts, categories, projects
from tracktok.expenses.signals import ImportedSpending, expenses_imported
from tracktok.imports.models import Import
from tracktok.imports.queries import get_file, ids_written
from tracktok.imports.services.kinds import IMPORT
from tracktok.imports.services.writing import ID_OF_ROW, begin_ids, chunk_table, open_to_write, staged_chunks
from tracktok.ledger.queries import book_account_for
from tracktok.ledger.services import post_sums
from tracktok.tenants.services import reserve

from .expense_rows import STAGED, TAG_SEPARATOR

SOURCE: Final = "import"

# What is recorded already, counted: of several rows alike as many are known as there are expenses like them.
_RECORDED: Final = """
SELECT expense_date, amount, currency, coalesce(account_id, tenant_id) AS account, lower(title) AS title,
       lower(merchant) AS merchant, lower(reference) AS reference, count(*) AS times
  FROM expenses WHERE tenant_id = %(tenant)s AND deleted_at IS NULL AND import_id IS DISTINCT FROM %(id)s
   AND expense_date BETWEEN (SELECT min(expense_date) FROM {staged}) AND (SELECT max(expense_date) FROM {staged})
 GROUP BY 1, 2, 3, 4, 5, 6, 7"""
_LIKE_IT: Final = """
e.expense_date = s.expense_date AND e.amount = s.amount AND e.currency = s.currency
AND e.account = coalesce(s.account_id, %(tenant)s) AND e.title = lower(s.title) AND e.merchant = lower(s.merchant)
AND e.reference = lower(s.reference)"""
EXISTING: Final = f"""
SELECT n, 'Recorded already: an expense of the same day, amount, account and text.' FROM (
  SELECT s.n, e.times, row_number() OVER (PARTITION BY s.key ORDER BY s.n) AS place
    FROM import_staged s JOIN ({_RECORDED.format(staged="import_staged")}) e ON {_LIKE_IT}
   WHERE NOT EXISTS (SELECT FROM import_repeated r WHERE r.n = s.n)) m
 WHERE m.place <= m.times"""
# `known` is how many were recorded when the file was checked: only what has come since then is new here.
_KNOWN_BY_NOW: Final = f"""
DELETE FROM import_chunk c USING (
  SELECT s.p, e.times - s.known AS times, row_number() OVER (PARTITION BY s.key ORDER BY s.p) AS place
    FROM import_chunk s JOIN ({_RECORDED.format(staged="import_chunk")}) e ON {_LIKE_IT}) m
 WHERE m.p = c.p AND m.place <= m.times"""
# The function checks what all rows name together, as foreign keys would one by one: see
# docs/decisions/0014-imports-check-their-references-together.md.
_WRITE: Final = "SELECT write_import_chunk(%(prefix)s, %(id)s, %(person)s, %(status)s)"
_USE_MADE: Final = """
UPDATE import_chunk s SET category_id = coalesce(c.id, n.category_id), project_id = coalesce(p.id, n.project_id),
       account_id = coalesce(a.id, n.account_id)
  FROM import_chunk n LEFT JOIN import_made c ON c.placeholder = n.category_id
  LEFT JOIN import_made p ON p.placeholder = n.project_id LEFT JOIN import_made a ON a.placeholder = n.account_id
 WHERE s.p = n.p AND num_nonnulls(c.id, p.id, a.id) > 0"""
_TAGS: Final = f"""
INSERT INTO expense_tags (tenant_id, expense_id, tag_id, expense_date)
SELECT %(tenant)s, {ID_OF_ROW}, t.id, s.expense_date FROM import_chunk s
 CROSS JOIN LATERAL unnest(string_to_array(s.tags, %(separator)s)) AS w (word)
  JOIN tags t ON t.tenant_id = %(tenant)s AND lower(t.name) = lower(w.word)
 WHERE s.tags <> '' ON CONFLICT DO NOTHING"""
_NEW_TAGS: Final = """
SELECT DISTINCT ON (lower(w.word)) w.word FROM import_chunk s
 CROSS JOIN LATERAL unnest(string_to_array(s.tags, %(separator)s)) AS w (word)
 WHERE s.tags <> '' AND NOT EXISTS (
   SELECT FROM tags t WHERE t.tenant_id = %(tenant)s AND lower(t.name) = lower(w.word))"""
_LIVE: Final = """
SELECT 'category' FROM import_chunk s JOIN categories c ON c.tenant_id = %(tenant)s AND c.id = s.category_id
 WHERE c.deleted_at IS NOT NULL
UNION SELECT 'project' FROM import_chunk s JOIN projects c ON c.tenant_id = %(tenant)s AND c.id = s.project_id
 WHERE c.deleted_at IS NOT NULL
UNION SELECT 'account' FROM import_chunk s JOIN accounts c ON c.tenant_id = %(tenant)s AND c.id = s.account_id
 WHERE c.deleted_at IS NOT NULL LIMIT 1"""

# What expenses add to the books: the same lines as `rules.posting.entry_of` of each, summed. `sign` is 1, or -1 to take
# them back. While an import is written they are summed chunk by chunk, which spares reading all of it again.
_OF_IMPORT: Final = (
    "FROM expenses x WHERE x.tenant_id = %(tenant)s AND x.id BETWEEN %(first)s AND %(last)s AND x.deleted_at IS NULL"
)
_SUMMED: Final = """
SELECT x.expense_date, x.category_id, x.project_id, x.account_id, {status} AS status, x.currency,
       sum(x.amount) AS amount, sum(x.base_amount) AS base_amount, sum(x.account_amount) AS account_amount,
       count(*)::int AS items {of} GROUP BY 1, 2, 3, 4, 5, 6"""
_SUM_UP: Final = f"INSERT INTO import_sums {_SUMMED.format(status='%(status)s::text', of='FROM import_chunk x')}"
_SUM_UP_ALL: Final = f"INSERT INTO import_sums {_SUMMED.format(status='x.status', of=_OF_IMPORT)}"
_SUM_TABLE: Final = (
    "CREATE TEMP TABLE import_sums (expense_date date NOT NULL, category_id uuid, project_id uuid, account_id uuid,"
    " status text NOT NULL, currency text NOT NULL, amount numeric(28,4) NOT NULL, base_amount numeric(28,4) NOT NULL,"
    " account_amount numeric(28,4) NOT NULL, items int NOT NULL) ON COMMIT DROP"
)
_SUMS: Final = """
WITH g AS (SELECT * FROM import_sums WHERE status IN ('approved', 'paid'))
SELECT g.expense_date, coalesce(c.book_account_id, %(uncategorised)s), g.currency, %(sign)s * sum(g.amount),
       %(sign)s * sum(g.base_amount), %(sign)s * sum(g.items)::int, g.category_id, g.project_id, g.account_id
  FROM g LEFT JOIN categories c ON c.tenant_id = %(tenant)s AND c.id = g.category_id
 GROUP BY g.expense_date, 2, g.currency, g.category_id, g.project_id, g.account_id
UNION ALL
SELECT g.expense_date, CASE g.status WHEN 'paid' THEN coalesce(a.book_account_id, %(unassigned)s) ELSE %(payables)s END,
       CASE g.status WHEN 'paid' THEN coalesce(a.currency, %(base)s) ELSE g.currency END,
       -%(sign)s * sum(CASE g.status WHEN 'paid' THEN g.account_amount ELSE g.amount END),
       -%(sign)s * sum(g.base_amount), 0, NULL, NULL, g.account_id
  FROM g LEFT JOIN accounts a ON a.tenant_id = %(tenant)s AND a.id = g.account_id
 GROUP BY g.expense_date, 2, 3, g.account_id"""
_FACTS: Final = """
SELECT coalesce(sum(items), 0)::int, coalesce(sum(base_amount), 0), min(expense_date), max(expense_date),
       array_agg(DISTINCT category_id), array_agg(DISTINCT project_id), array_agg(DISTINCT account_id)
  FROM import_sums"""
_TAGS_OF_IMPORT: Final = f"""
SELECT DISTINCT t.tag_id FROM expense_tags t
 WHERE t.tenant_id = %(tenant)s AND t.expense_id IN (SELECT x.id {_OF_IMPORT})"""
_UNTOUCHED: Final = "version = 1 AND receipts = 0"
_OWN: Final = "tenant_id = %(tenant)s AND id BETWEEN %(first)s AND %(last)s"


class GoneMeanwhile(Conflict):
    code, title = "gone_meanwhile", "Something that the rows name was deleted meanwhile"


def write_expenses(run: JobRun, found: Import) -> dict[str, Any]:
    """Write the staged rows of an import, in one transaction with their entries. Returns what was written."""
    started = time.monotonic()
    cursor = open_to_write(found)
    keys = {"tenant": current_tenant_id(), "id": found.id}
    made = _make_names(found)
    reserve("expenses", count_expenses, adding=found.valid)
    cursor.execute(
        f"{chunk_table(STAGED)}; GRANT SELECT ON import_chunk TO tracktok_import;"
        f"CREATE TEMP TABLE import_made (placeholder uuid PRIMARY KEY, id uuid NOT NULL) ON COMMIT DROP; {_SUM_TABLE}"
    )
    cursor.executemany("INSERT INTO import_made VALUES (%s, %s)", list(made.items()))
    parameters = {
        **keys,
        "prefix": begin_ids(found),
        "person": found.person_id,
        "status": found.options.get("status", "paid"),
        "separator": TAG_SEPARATOR,
    }
    importing_duplicates = found.options.get("duplicates") == IMPORT
    written, staged, tagged = 0, 0, False
    for count in staged_chunks(cursor, found, measured="expense_date, amount"):
        staged += count
        cursor.execute(_LIVE, keys)
        if (gone := cursor.fetchone()) is not None:
            raise GoneMeanwhile(f"A {gone[0]} that rows of this import name was deleted. Check the import again.")
        if not importing_duplicates:
            cursor.execute(_KNOWN_BY_NOW, keys)
        if made:
            cursor.execute(_USE_MADE)
        cursor.execute(_WRITE, parameters)
        written += cursor.fetchone()[0]
        cursor.execute(_SUM_UP, parameters)
        tagged |= _write_tags(cursor, parameters)
        run.progress(staged, found.valid, "Writing expenses")
    cursor.execute("ANALYZE import_sums")
    spending = _spending(cursor, found, undone=False, tagged=tagged)
    if written:
        run.progress(found.valid, found.valid, "Posting to the books")
        _post(found, sign=1, kind="import", memo=_memo(found))
        expenses_imported.send(None, spending=spending)
    cursor.close()
    found.committed_rows = written
    return {
        "written": written,
        "duplicates_meanwhile": staged - written,
        "base_amount": format(spending.base_amount, "f"),
        "made": {kind: [one["name"] for one in names.values()] for kind, names in found.facts.get("made", {}).items()},
        "seconds": round(time.monotonic() - started, 2),
    }


def undo_expenses(run: JobRun, found: Import) -> dict[str, Any]:
    """Take back what an import wrote.

    Expenses that nobody has touched since are removed for good (the file brings them back); those that were edited or
    got a receipt go to the bin, where they can be restored; those in the bin already stay there. The books get one
    entry a day that takes back what all of these add to them now. Categories, accounts and projects that the import
    made go too, unless something else names them.
    """
    cursor = open_to_write(found)
    keys = _range_of(found)
    locked = f"SELECT 1 FROM expenses WHERE {_OWN} AND deleted_at IS NULL ORDER BY id FOR UPDATE"
    cursor.execute(f"SELECT count(*) FROM ({locked}) AS locked", keys)
    live = cursor.fetchone()[0]
    run.progress(0, live or 1, "Taking expenses back")
    cursor.execute(_SUM_TABLE)
    cursor.execute(_SUM_UP_ALL, keys)
    spending = _spending(cursor, found, undone=True)
    if live:
        _post(found, sign=-1, kind="import_undo", memo=f"Undo of {_memo(found)}")
    cursor.execute(
        f"UPDATE expenses SET deleted_at = %(now)s, updated_at = %(now)s, version = version + 1"
        f" WHERE {_OWN} AND deleted_at IS NULL AND NOT ({_UNTOUCHED})",
        {**keys, "now": clock.now()},
    )
    edited = cursor.rowcount
    run.progress(live // 4, live or 1, "Taking expenses back")
    cursor.execute(f"SELECT count(*) FROM expenses WHERE {_OWN} AND deleted_at IS NOT NULL", keys)
    in_bin = cursor.fetchone()[0] - edited
    cursor.execute(f"DELETE FROM expenses WHERE {_OWN} AND deleted_at IS NULL", keys)
    removed = cursor.rowcount
    cursor.close()
    if live:
        expenses_imported.send(None, spending=spending)
    kept_names = _remove_names(found)
    found.committed_rows = 0
    return {"removed": removed, "edited_to_bin": edited, "in_bin_before": in_bin, "kept_names": kept_names}


def _write_tags(cursor: Any, parameters: dict[str, Any]) -> bool:
    """Write the tags of the chunk; returns whether there are any."""
    cursor.execute("SELECT EXISTS (SELECT FROM import_chunk WHERE tags <> '')")
    if not cursor.fetchone()[0]:
        return False
    cursor.execute(_NEW_TAGS, parameters)
    cursor.executemany(
        "INSERT INTO tags (tenant_id, id, name) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [(parameters["tenant"], new_id(), name) for (name,) in cursor.fetchall()],
    )
    cursor.execute(_TAGS, parameters)
    return True


def _post(found: Import, *, sign: int, kind: str, memo: str) -> None:
    parameters = {
        "tenant": current_tenant_id(),
        "id": found.id,
        "sign": sign,
        "base": preferences().currency,
        "uncategorised": book_account_for("uncategorised_expense"),
        "unassigned": book_account_for("unassigned_payments"),
        "payables": book_account_for("payables"),
    }
    post_sums(_SUMS, parameters, kind=kind, source=SOURCE, source_id=found.id, memo=memo)


def _range_of(found: Import) -> dict[str, Any]:
    first, last = ids_written(found)
    return {"tenant": current_tenant_id(), "first": first, "last": last}


def _memo(found: Import) -> str:
    return f"Import of {get_file(found.file_id).filename}"


def _spending(cursor: Any, found: Import, *, undone: bool, tagged: bool = True) -> ImportedSpending:
    cursor.execute(_FACTS)
    rows, amount, first, last, category_ids, project_ids, account_ids = cursor.fetchone()
    tags: frozenset[UUID] = frozenset()
    if tagged:
        cursor.execute(_TAGS_OF_IMPORT, _range_of(found))
        tags = frozenset(one for (one,) in cursor.fetchall())
    kept = [frozenset(one for one in ids or () if one is not None) for ids in (category_ids, project_ids, account_ids)]
    return ImportedSpending(
        found.id, undone, rows, Decimal(amount), first or date.min, last or date.min, kept[0], kept[1], kept[2], tags
    )


def _make_names(found: Import) -> dict[UUID, UUID]:
    """Make the categories, accounts and projects that rows name and that are not there; placeholder: id."""
    made: dict[UUID, UUID] = {}
    names = load_names()
    wanted: dict[str, dict[str, dict[str, Any]]] = found.facts.get("made", {})
    new: dict[str, list[str]] = {}
    for placeholder, one in wanted.get("category", {}).items():
        parent = UUID(one["parent"]) if one["parent"] else None
        parent = made.get(parent, parent) if parent else None
        lowered = one["name"].lower()
        known = [i for i, (name, above) in names.categories.items() if name.lower() == lowered and above == parent]
        if known:
            made[UUID(placeholder)] = known[0]
            continue
        category = categories.create_category(CategoryIn(name=one["name"], parent_id=parent))
        made[UUID(placeholder)] = category.id
        new.setdefault("category", []).append(str(category.id))
    for placeholder, one in wanted.get("project", {}).items():
        known = [i for i, (name, _) in names.projects.items() if name.lower() == one["name"].lower()]
        if not known:
            known = [projects.create_project(ProjectIn(name=one["name"])).id]
            new.setdefault("project", []).append(str(known[0]))
        made[UUID(placeholder)] = known[0]
    for placeholder, one in wanted.get("account", {}).items():
        known = [i for i, (name, _, _) in names.accounts.items() if name.lower() == one["name"].lower()]
        if not known:
            known = [accounts.create_account(AccountIn(name=one["name"], type=one["type"])).id]
            new.setdefault("account", []).append(str(known[0]))
        made[UUID(placeholder)] = known[0]
    found.result = {**found.result, "new_ids": new}
    return made


def _remove_names(found: Import) -> list[str]:
    """Delete what the import made, as far as nothing else names it; the names that stay."""
    kept: list[str] = []
    new: dict[str, list[str]] = found.result.get("new_ids", {})
    for ids, model, delete in (
        (reversed(new.get("category", [])), Category, lambda one: categories.delete_category(one, None)),
        (new.get("project", []), Project, projects.delete_project),
        (new.get("account", []), Account, accounts.delete_account),
    ):
        for one_id in ids:
            row: Any = db.session.get(model, (current_tenant_id(), UUID(one_id)), populate_existing=True)
            if row is None or row.deleted_at is not None:
                continue
            if model is Category and _category_is_used(row.id):
                kept.append(row.name)
                continue
            try:
                with db.session.begin_nested():
                    delete(row)
                    db.session.flush()
            except DomainError:
                kept.append(row.name)
    return kept


def _category_is_used(category_id: UUID) -> bool:
    return bool(
        db.session.execute(
            db.text("SELECT EXISTS (SELECT FROM expenses WHERE tenant_id = :tenant AND category_id = :id)"),
            {"tenant": current_tenant_id(), "id": category_id},
        ).scalar_one()
    )
