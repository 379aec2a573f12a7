"""What writing staged rows shares between kinds: one cursor, the staged rows in pieces, ids in their order.

    cursor = open_to_write(found)
    cursor.execute(chunk_table(STAGED))
    for staged in staged_chunks(cursor, found):
        cursor.execute("INSERT INTO customers (id, …) SELECT " + ID_OF_ROW + ", … FROM import_chunk s ORDER BY s.p", …)

`ID_OF_ROW` makes ids of the prefix that `begin_ids()` gives: what an import wrote are the ids of one range, so a table
needs no column for its import; `queries.ids_written` gives the first and the last of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import IO, Any, Final

from tracktok.core import clock, storage
from tracktok.core.db import lock_key, raw_connection
from tracktok.imports.models import Import
from tracktok.imports.queries import ID_PREFIX

from .working import staged_key

CHUNK_BYTES: Final = 4 * 1024 * 1024
"""As much is written at once: it fits into the memory that a session has for temporary tables."""
ID_OF_ROW: Final = "(%(prefix)s || lpad(to_hex(s.p), 12, '0'))::uuid"


def open_to_write(found: Import) -> Any:
    """A cursor of the transaction, with no time limit; imports of a kind are written one after another."""
    cursor = raw_connection().cursor()
    cursor.execute("SET LOCAL statement_timeout = 0")
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (lock_key("imports", found.kind),))
    return cursor


def chunk_table(staged: str) -> str:
    """The statement that makes `import_chunk`, a piece of the staged rows.

    `p` counts the rows as they are written, `known` is how many of the same `key` were there when the file was checked,
    the rest is as the kind staged it.
    """
    return f"CREATE TEMP TABLE import_chunk (p bigint NOT NULL, key bigint, known int, {staged}) ON COMMIT DROP"


def staged_chunks(cursor: Any, found: Import, *, measured: str = "") -> Iterator[int]:
    """Fill `import_chunk` with the next staged rows, as often as there are more; how many they are.

    `measured` names the columns that the kind's statements join by, for the planner; empty: all of them.
    """
    with storage.storage().open(staged_key(found.id)) as stream:
        for piece in _whole_lines(stream):
            cursor.execute("TRUNCATE import_chunk")
            with cursor.copy("COPY import_chunk FROM STDIN") as copy:
                copy.write(piece)
            count: int = cursor.rowcount
            cursor.execute(f"ANALYZE import_chunk ({measured})" if measured else "ANALYZE import_chunk")
            yield count


def id_prefix() -> str:
    """The first 20 hexadecimal digits of a UUIDv7 of now: the rest counts the rows, so ids are in their order."""
    now = format(int(clock.now().timestamp() * 1000), "012x")
    random = secrets.token_hex(4)
    return f"{now[:8]}-{now[8:]}-7{random[:3]}-{'89ab'[secrets.randbelow(4)]}{random[3:6]}-"


def begin_ids(found: Import) -> str:
    """A prefix for ids, kept with the import: `queries.ids_written` tells by it which rows are its own."""
    prefix = id_prefix()
    found.result = {**found.result, ID_PREFIX: prefix}
    return prefix


def _whole_lines(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while piece := stream.read(CHUNK_BYTES):
        piece = rest + piece
        end = piece.rfind(b"\n") + 1
        rest = piece[end:]
        if end:
            yield piece[:end]
    if rest:
        yield rest
