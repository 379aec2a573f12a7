"""Posting what a query sums up: for imports, whose lines are too many to pass through the application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tracktok.core import context
from tracktok.core.db import raw_connection
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.ledger.rules import Unbalanced

from .posting import ENTRY_COLUMNS, LINE_COLUMNS, POST_COPIED

_SUM_COLUMNS = (
    "entry_date date NOT NULL, book_account_id uuid NOT NULL, currency text NOT NULL, amount numeric NOT NULL,"
    " base_amount numeric NOT NULL, items int NOT NULL, category_id uuid, project_id uuid, account_id uuid"
)
_LINES = """
INSERT INTO posting_lines
SELECT e.id, row_number() OVER (PARTITION BY s.entry_date ORDER BY s.items DESC, s.book_account_id), s.book_account_id,
       s.entry_date, s.currency, s.amount, s.base_amount, s.items, s.category_id, s.project_id, s.account_id, NULL, NULL
  FROM posting_sums s JOIN posting_entries e USING (entry_date)"""


def post_sums(select: str, parameters: Mapping[str, Any], *, kind: str, source: str, source_id: UUID, memo: str) -> int:
    """Post the lines that a SELECT gives, as one entry for each day; returns how many entries.

    The SELECT has named parameters in psycopg's form, and the columns entry_date, book_account_id, currency, amount,
    base_amount, items, category_id, project_id, account_id. The lines of each day must balance: raises Unbalanced.
    As with `post`: once per transaction.
    """
    who = context.actor()
    cursor = raw_connection().cursor()
    cursor.execute(
        f"CREATE TEMP TABLE posting_sums ({_SUM_COLUMNS}) ON COMMIT DROP;"
        f"CREATE TEMP TABLE posting_entries ({ENTRY_COLUMNS}) ON COMMIT DROP;"
        f"CREATE TEMP TABLE posting_lines ({LINE_COLUMNS}) ON COMMIT DROP"
    )
    cursor.execute(f"INSERT INTO posting_sums {select}", parameters)
    cursor.execute(
        "SELECT entry_date, sum(base_amount), count(*) FROM posting_sums GROUP BY entry_date ORDER BY entry_date"
    )
    days = cursor.fetchall()
    for day, difference, lines in days:
        if difference != 0 or lines < 2:
            raise Unbalanced(f"the {lines} lines of {day} differ by {difference}")
    with cursor.copy("COPY posting_entries FROM STDIN") as copy:
        for day, _, _ in days:
            copy.write_row((new_id(), day, kind, source, source_id, memo, None))
    cursor.execute("ANALYZE posting_entries")
    cursor.execute(_LINES)
    cursor.execute("ANALYZE posting_lines")
    cursor.execute(POST_COPIED, {"tenant": current_tenant_id(), "actor": who.person_id if who else None})
    cursor.execute("DROP TABLE posting_sums, posting_entries, posting_lines")
    cursor.close()
    return len(days)
