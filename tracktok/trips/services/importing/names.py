"""Names in cells to vendors, customers and projects: matched, or to be made when somebody wants so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from tracktok.core.ids import new_id
from tracktok.imports.rules.cells import Bad, one_line
from tracktok.imports.services.kinds import CREATE, EMPTY, REJECT, UNKNOWN_CHOICES

MOST_NEW: Final = 500
_LONGEST: Final = 120
Known = Mapping[str, Mapping[UUID, tuple[str, ...]]]
"""Of vendor, customer and project: id > the names that it goes by."""


@dataclass(slots=True)
class Names:
    """Resolves names. `made` collects what is to be made: kind > placeholder id > {name}."""

    known: Known
    unknown: Mapping[str, str]
    """kind: create, empty or reject."""
    chosen: Mapping[str, Mapping[str, str]]
    """kind: {name in the file: id, or create / empty / reject}."""
    made: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    _index: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind, rows in self.known.items():
            index = self._index[kind] = {}
            for one, names in rows.items():
                for name in names:
                    if name:
                        index.setdefault(one_line(name).lower(), str(one))

    def resolve(self, kind: str, text: str) -> str | Bad | None:
        """The id of what a cell names; None for none."""
        name = one_line(text.lstrip("\ue000"))
        if not name:
            return None
        choice = self.chosen.get(kind, {}).get(name, "")
        if choice and choice not in UNKNOWN_CHOICES:
            return choice
        if not choice:
            found = self._index[kind].get(name.lower())
            if found:
                return found
            choice = self.unknown.get(kind, CREATE)
        if choice == EMPTY:
            return None
        if choice == REJECT:
            return Bad(f"There is no {kind} “{name[:60]}”.")
        if len(name) > _LONGEST:
            return Bad(f"“{name[:40]}…” is too long for the name of a {kind}.")
        made = self.made.setdefault(kind, {})
        if len(made) >= MOST_NEW:
            return Bad(f"More than {MOST_NEW:,} new names; is the right column mapped to {kind}?")
        placeholder = str(new_id())
        made[placeholder] = {"name": name, "path": name}
        self._index[kind][name.lower()] = placeholder
        return placeholder
