"""Posting: entries, their lines, and what follows from them, in one statement.

Balances (by month) and totals (by day and dimension) are brought up to date by the statement that adds the lines,
in a fixed order of keys, so that writers of the same rows wait for each other and never deadlock. That holds for one
`post` per transaction: give it all entries at once (the reversal of the old and the new together).
See docs/decisions/0001-ledger-summaries.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import orjson
from sqlalchemy.exc import IntegrityError

from tracktok.core import context
from tracktok.core.db import db, raw_connection
from tracktok.core.driver import run
from tracktok.core.errors import Conflict
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.ledger import queries
from tracktok.ledger.queries.summaries import BALANCES_OF_LINES, TOTALS_OF_LINES
from tracktok.ledger.rules import Entry, check_balance, reversed_entry

MOST_LINES_AS_JSON = 2000
"""Above this the lines travel by COPY."""

ENTRY_COLUMNS = "id uuid, entry_date date, kind text, source text, source_id uuid, memo text, reverses_id uuid"
LINE_COLUMNS = (
    "entry_id uuid, line_number int, book_account_id uuid, entry_date date, currency text,"
    " amount numeric, base_amount numeric, items int,"
    " category_id uuid, project_id uuid, account_id uuid, vendor_id uuid, customer_id uuid"
)

_POST = f"""
WITH entries AS MATERIALIZED ({{entries}}),
lines AS MATERIALIZED ({{lines}}),
posted AS (
  INSERT INTO ledger_entries (tenant_id, id, entry_date, kind, source, source_id, memo, reverses_id, actor_id)
  SELECT %(tenant)s, id, entry_date, kind, source, source_id, memo, reverses_id, %(actor)s FROM entries),
written AS (
  INSERT INTO ledger_lines (tenant_id, entry_id, line_number, book_account_id, entry_date, currency, amount,
                            base_amount, items, category_id, project_id, account_id, vendor_id, customer_id)
  SELECT tenant_id, entry_id, line_number, book_account_id, entry_date, currency, amount,
         base_amount, items, category_id, project_id, account_id, vendor_id, customer_id FROM lines),
balanced AS (
  INSERT INTO ledger_balances AS kept
         (tenant_id, book_account_id, month, currency, debit, credit, base_debit, base_credit)
  {BALANCES_OF_LINES.format(lines="lines")}
  ON CONFLICT (tenant_id, book_account_id, month, currency) DO UPDATE SET
    debit = kept.debit + excluded.debit, credit = kept.credit + excluded.credit,
    base_debit = kept.base_debit + excluded.base_debit, base_credit = kept.base_credit + excluded.base_credit)
INSERT INTO ledger_totals AS kept (tenant_id, book_type, dimension, dimension_id, day, base_amount, items)
{TOTALS_OF_LINES.format(lines="lines")}
ON CONFLICT (tenant_id, book_type, dimension, dimension_id, day) DO UPDATE SET
  base_amount = kept.base_amount + excluded.base_amount, items = kept.items + excluded.items
"""  # noqa: S608 - no value is put into it, here and below
_POST_JSON = _POST.format(
    entries=f"SELECT * FROM json_to_recordset(%(entries)s::json) AS e ({ENTRY_COLUMNS})",  # noqa: S608
    lines=f"SELECT %(tenant)s::uuid AS tenant_id, l.* FROM json_to_recordset(%(lines)s::json) AS l ({LINE_COLUMNS})",  # noqa: S608
)
POST_COPIED = _POST.format(
    entries="SELECT * FROM posting_entries",
    lines="SELECT %(tenant)s::uuid AS tenant_id, l.* FROM posting_lines l",
)
_DIMENSIONS = ("category_id", "project_id", "account_id", "vendor_id", "customer_id")


class AlreadyReversed(Conflict):
    code, title = "already_reversed", "This entry has been reversed already"


def post(entries: Sequence[Entry]) -> list[UUID]:
    """Add entries to the books and bring balances and totals up to date; returns the entries' ids, in their order.

    Raises Unbalanced (a defect of the caller) before anything is written. The database checks again at the end of the
    transaction. One entry or a hundred thousand lines: call it once per transaction, with all of them.
    """
    if not entries:
        return []
    for entry in entries:
        check_balance(entry)
    ids = [entry.id or new_id() for entry in entries]
    who = context.actor()
    parameters: dict[str, object] = {"tenant": current_tenant_id(), "actor": who.person_id if who else None}
    if sum(len(entry.lines) for entry in entries) <= MOST_LINES_AS_JSON:
        parameters["entries"] = _entries_json(entries, ids)
        parameters["lines"] = _lines_json(entries, ids)
        statement = _POST_JSON
    else:
        _copy(entries, ids)
        statement = POST_COPIED
    run(statement, parameters)
    if statement is POST_COPIED:
        run("DROP TABLE posting_entries, posting_lines", {})
    return ids


def reverse(entry_ids: Iterable[UUID], *, entry_date: date | None = None, memo: str | None = None) -> list[UUID]:
    """Take posted entries back, each on its own day or all on `entry_date`; returns the ids of the reversals.

    Raises AlreadyReversed when one of them has been taken back before (also by somebody else at this moment).
    """
    wanted = list(entry_ids)
    found = queries.load_entries(wanted)
    if len(found) < len(set(wanted)):
        raise LookupError("an entry to reverse is not in the books")
    return _post_reversals([reversed_entry(entry, entry_date=entry_date, memo=memo) for entry in found])


def replace(source: str, source_id: UUID, entries: Sequence[Entry] = ()) -> list[UUID]:
    """Take back whatever stands in the books for a source and post `entries` instead, together.

    With no entries: what the source posted is undone. Returns the ids of the new entries.
    """
    standing = queries.standing_entries(source, source_id)
    ids = _post_reversals([*(reversed_entry(entry) for entry in standing), *entries])
    return ids[len(standing) :]


def _post_reversals(entries: Sequence[Entry]) -> list[UUID]:
    try:
        with db.session.begin_nested():
            return post(entries)
    except IntegrityError as error:
        if "reverses_id" in str(error.orig):
            raise AlreadyReversed from error
        raise


def _entries_json(entries: Sequence[Entry], ids: Sequence[UUID]) -> str:
    return orjson.dumps(
        [
            {
                "id": entry_id,
                "entry_date": entry.entry_date,
                "kind": entry.kind,
                "source": entry.source,
                "source_id": entry.source_id,
                "memo": entry.memo,
                "reverses_id": entry.reverses_id,
            }
            for entry, entry_id in zip(entries, ids, strict=True)
        ]
    ).decode()


def _lines_json(entries: Sequence[Entry], ids: Sequence[UUID]) -> str:
    return orjson.dumps(
        [
            {
                "entry_id": entry_id,
                "line_number": number,
                "book_account_id": line.book_account_id,
                "entry_date": entry.entry_date,
                "currency": line.currency,
                "amount": str(line.amount),
                "base_amount": str(line.base_amount),
                "items": line.items,
                **{name: value for name in _DIMENSIONS if (value := getattr(line, name)) is not None},
            }
            for entry, entry_id in zip(entries, ids, strict=True)
            for number, line in enumerate(entry.lines, 1)
        ]
    ).decode()


def _copy(entries: Sequence[Entry], ids: Sequence[UUID]) -> None:
    """Send entries and lines by COPY into temporary tables (COPY is refused on tables with row-level security)."""
    cursor = raw_connection().cursor()
    cursor.execute(
        f"CREATE TEMP TABLE posting_entries ({ENTRY_COLUMNS}) ON COMMIT DROP;"
        f"CREATE TEMP TABLE posting_lines ({LINE_COLUMNS}) ON COMMIT DROP"
    )
    with cursor.copy("COPY posting_entries FROM STDIN") as copy:
        for entry, entry_id in zip(entries, ids, strict=True):
            copy.write_row(
                (entry_id, entry.entry_date, entry.kind, entry.source, entry.source_id, entry.memo, entry.reverses_id)
            )
    with cursor.copy("COPY posting_lines FROM STDIN") as copy:
        for entry, entry_id in zip(entries, ids, strict=True):
            for number, line in enumerate(entry.lines, 1):
                copy.write_row(
                    (
                        entry_id,
                        number,
                        line.book_account_id,
                        entry.entry_date,
                        line.currency,
                        line.amount,
                        line.base_amount,
                        line.items,
                        line.category_id,
                        line.project_id,
                        line.account_id,
                        line.vendor_id,
                        line.customer_id,
                    )
                )
    cursor.execute("ANALYZE posting_lines")
    cursor.close()
