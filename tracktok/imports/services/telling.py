"""What came of an import in words, as the kinds say it whose rows are single things: projects, customers, vendors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracktok.imports.models import Import
from tracktok.web.filters import plural

from .kinds import Told


def tells_commit(noun: str, left_out_because: str) -> Callable[[Import], Told]:
    """Words for a commit: how many of `noun` were written, and why rows were left out meanwhile."""

    def tell(found: Import) -> Told:
        done: dict[str, Any] = found.result["commit"]
        meanwhile = done.get("duplicates_meanwhile", 0)
        text = f"{plural(meanwhile, 'row')} left out: {left_out_because}." if meanwhile else ""
        return Told(f"{plural(done['written'], noun)} imported", text)

    return tell


def tells_undo(noun: str, kept_because: str, removed: str = "removed.") -> Callable[[Import], Told]:
    """Words for an undo: how many of `noun` went, and which stay because of what."""

    def tell(found: Import) -> Told:
        done: dict[str, Any] = found.result["undo"]
        text = f"{plural(done['removed'], noun)} {removed}"
        if done.get("deleted_before"):
            text += f" {plural(done['deleted_before'], noun)} had been deleted before."
        if done.get("kept"):
            more = done["kept"] - len(done["kept_names"])
            names = ", ".join(done["kept_names"]) + (f" and {more:,} more" if more > 0 else "")
            text += f" {kept_because}, so kept: {names}."
        return Told("The import was undone", text)

    return tell
