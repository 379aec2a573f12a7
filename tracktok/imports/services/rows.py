"""The rows of an imported file as they stand in it, with what is wrong with them."""

from __future__ import annotations

from typing import Any, Final

from tracktok.imports import queries
from tracktok.imports.models import Import, ImportStatus
from tracktok.imports.rules.numbers import TYPED

from .working import read_rows_from

_LOOKED_THROUGH: Final = 20_000


def rows_of(found: Import, *, status: str, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """(up to `limit` rows behind row number `after`, the number to go on behind or None).

    `status` is valid, invalid, duplicate, skipped, or empty for all. A page of valid rows may be short, or empty, when
    few of the next 20,000 rows are: go on until the number is None.
    """
    if status in {"invalid", "duplicate", "skipped"}:
        return _flawed(found, status, after, limit)
    names = [one["name"] for one in found.columns]
    data: list[dict[str, Any]] = []
    batch: list[list[str]] = []
    for looked, row in enumerate(read_rows_from(found.id, found.facts, after), 1):
        batch.append(row)
        if len(batch) == limit + 1 or looked >= _LOOKED_THROUGH:
            data += _judged(found, batch, names, status)
            batch = []
            if len(data) > limit or looked >= _LOOKED_THROUGH:
                break
    else:
        data += _judged(found, batch, names, status)
        return data[:limit], data[limit - 1]["row"] if len(data) > limit else None
    page = data[:limit]
    return page, page[-1]["row"] if len(data) > limit else int(row[0])


def _judged(found: Import, batch: list[list[str]], names: list[str], status: str) -> list[dict[str, Any]]:
    if not batch:
        return []
    flaws = {
        flaw.row_number: flaw
        for flaw in queries.list_flaws(found.id, after=int(batch[0][0]) - 1, limit=len(batch))
        if flaw.row_number <= int(batch[-1][0])
    }
    unchecked = found.status in {ImportStatus.mapping, ImportStatus.checking}
    out = []
    for row in batch:
        flaw = flaws.get(int(row[0]))
        if status == "valid" and (flaw is not None or unchecked):
            continue
        out.append(_row(row, names, flaw.status if flaw else "valid", flaw.errors if flaw else []))
    return out


def _flawed(found: Import, status: str, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    names = [one["name"] for one in found.columns]
    flaws = queries.list_flaws(found.id, status=status, after=after, limit=limit + 1)
    data = []
    rows: Any = None
    last = after
    for flaw in flaws[:limit]:
        if rows is None or flaw.row_number - last > _LOOKED_THROUGH:
            rows = read_rows_from(found.id, found.facts, flaw.row_number - 1)
        row = next((row for row in rows if int(row[0]) == flaw.row_number), [str(flaw.row_number)])
        last = flaw.row_number
        data.append(_row(row, names, flaw.status, flaw.errors))
    return data, data[-1]["row"] if len(flaws) > limit else None


def _row(row: list[str], names: list[str], status: str, errors: list[Any]) -> dict[str, Any]:
    cells = dict.fromkeys(names, "")
    cells.update(zip(names, (cell.lstrip(TYPED) for cell in row[1:]), strict=False))
    return {"row": int(row[0]), "status": status, "cells": cells, "errors": errors}
