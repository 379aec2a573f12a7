"""Names in cells to categories, accounts and projects: matched, or to be made when somebody wants so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from tracktok.core.ids import new_id
from tracktok.expenses.queries.imports import Names
from tracktok.imports.rules.cells import Bad, one_line
from tracktok.imports.services.kinds import CREATE, EMPTY, REJECT, UNKNOWN_CHOICES

MOST_NEW: Final = 1_000
_LONGEST: Final = 120
_TYPES: Final = (
    ("cash", ("cash", "petty", "till")),
    ("card", ("card", "visa", "mastercard", "amex", "credit")),
    ("wallet", ("wallet", "paytm", "paypal", "gpay", "phonepe")),
)


@dataclass(slots=True)
class References:
    """Resolves names. `made` collects what is to be made: field > placeholder id > what is known of it."""

    names: Names
    unknown: dict[str, str]
    """field: create, empty or reject."""
    chosen: dict[str, dict[str, str]]
    """field: {name in the file: id, or create / empty / reject}."""
    default_currency: str
    made: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    _index: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._index = {"category": {}, "account": {}, "project": {}}
        for one, (name, parent) in self.names.categories.items():
            self._enter("category", name, one, first=parent is None)
            if parent is not None and parent in self.names.categories:
                self._enter("category", f"{self.names.categories[parent][0]} > {name}", one)
        for one, (name, _, last4) in self.names.accounts.items():
            self._enter("account", name, one)
            if last4:
                self._enter("account", f"*{last4}", one)
        for one, (name, code) in self.names.projects.items():
            self._enter("project", name, one)
            if code:
                self._enter("project", code, one)

    def _enter(self, kind: str, name: str, one: UUID, *, first: bool = False) -> None:
        found = self._index[kind].setdefault(one_line(name).lower(), [])
        if str(one) not in found:
            found.insert(0 if first else len(found), str(one))

    def category(self, name: str, below: str = "") -> str | Bad | None:
        """The id of a category, or of the subcategory of this name below it."""
        above = self._resolve("category", name) if name else None
        if not below or isinstance(above, Bad):
            return above
        if above is None:
            return self._resolve("category", below)
        if below.lower() == name.lower():
            return above
        return self._resolve("category", below, parent=above, path=f"{name} > {below}")

    def account(self, name: str) -> str | Bad | None:
        """The id of an account, by its name or by the last digits of its number."""
        if ("*" in name or "x" in name.lower()) and name[-4:].isdigit():
            found = self._index["account"].get(f"*{name[-4:]}")
            if found:
                return found[0]
        return self._resolve("account", name)

    def project(self, name: str) -> str | Bad | None:
        """The id of a project, by its name or its code."""
        return self._resolve("project", name)

    def currency_of(self, account: str) -> str:
        """The currency of an account, or that which one that is to be made will have."""
        known = self.names.accounts.get(UUID(account))
        return known[1] if known else self.default_currency

    def _resolve(self, kind: str, name: str, *, parent: str | None = None, path: str = "") -> str | Bad | None:
        shown = path or name
        choice = self.chosen.get(kind, {}).get(shown, "")
        if choice and choice not in UNKNOWN_CHOICES:
            return choice
        if not choice:
            found = self._index[kind].get((path or name).lower(), [])
            if found:
                return found[0]
            choice = self.unknown.get(kind, CREATE)
        if choice == EMPTY:
            return parent
        if choice == REJECT:
            return Bad(f"There is no {kind} “{shown[:60]}”.")
        if len(name) > _LONGEST:
            return Bad(f"“{name[:40]}…” is too long for the name of a {kind}.")
        made = self.made.setdefault(kind, {})
        if len(made) >= MOST_NEW:
            return Bad(f"More than {MOST_NEW:,} new names; is the right column mapped to {kind}?")
        placeholder = str(new_id())
        made[placeholder] = {"name": name, "parent": parent, "path": shown}
        if kind == "account":
            made[placeholder]["type"] = account_type(name)
        self._index[kind].setdefault(shown.lower(), []).append(placeholder)
        return placeholder


def account_type(name: str) -> str:
    """What kind of account a name speaks of: cash, card, wallet or bank."""
    lowered = name.lower()
    return next((kind for kind, words in _TYPES if any(word in lowered for word in words)), "bank")
