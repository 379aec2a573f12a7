"""What can be chosen for a file: checked alike for every kind, by what its handler says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final
from uuid import UUID

from tracktok.core.errors import Invalid
from tracktok.imports.rules.columns import Meanings
from tracktok.imports.rules.plan import DATE_FORMS, DECIMALS
from tracktok.imports.rules.tables import DELIMITERS

from .kinds import UNKNOWN_CHOICES, Handler, Option

_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "date_form": DATE_FORMS,
    "decimal": tuple(DECIMALS),
    "delimiter": tuple(DELIMITERS),
    "encoding": ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"),
}
_TABLES: Final = ("unknown", "names")
_GONE: Final = "There is no such thing; it may have been deleted."


def check_options(handler: Handler, options: Mapping[str, Any]) -> None:
    """Raise Invalid at the first option that cannot be."""
    own = {one.name: one for one in handler.options}
    meanings = {one.option: one for one in handler.meanings}
    known = {*_CHOICES, "duplicates", "header_row", "sheet", *own, *meanings}
    if handler.references:
        known.update(_TABLES)
    for name, value in options.items():
        where = f"options/{name}"
        if name not in known:
            raise Invalid.at(where, f"There is no option {name}. Use: {', '.join(sorted(known))}.")
        if name in own:
            _check_own(where, own[name], value)
        elif name in meanings:
            _check_meanings(where, meanings[name], value)
        elif name in _TABLES:
            _check_references(handler, where, name, value)
        elif name == "header_row":
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise Invalid.at(where, "Enter the number of the header's row, 0 for none.")
        elif name == "sheet":
            if not isinstance(value, str):
                raise Invalid.at(where, "Enter the name of a sheet.")
        else:
            repeats = tuple(repeat for repeat, _ in handler.repeats)
            _check_choice(where, value, _CHOICES.get(name, repeats))


def allowed_values(option: Option) -> Collection[str]:
    """The values that an option can have; empty where they are ids or anything that is found."""
    return option.allowed() if callable(option.allowed) else option.allowed or ()


def _check_choice(where: str, value: Any, allowed: Collection[str], refusal: str = "") -> None:
    if not isinstance(value, str) or value not in allowed:
        raise Invalid.at(where, refusal or f"Use one of: {', '.join(repr(one)[1:-1] for one in allowed)}.")


def _check_own(where: str, option: Option, value: Any) -> None:
    if option.find is not None:
        _check_id(where, option.find, value)
    else:
        _check_choice(where, value, allowed_values(option), option.refusal)


def _check_id(where: str, find: Callable[[UUID], bool], value: Any) -> None:
    try:
        found = find(UUID(str(value)))
    except ValueError:
        found = False
    if not found:
        raise Invalid.at(where, _GONE, "unknown")


def _table(where: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Invalid.at(where, "Use an object.")
    return value


def _check_meanings(where: str, meanings: Meanings, value: Any) -> None:
    for key, one in _table(where, value).items():
        _check_choice(f"{where}/{key}", one, [choice for choice, _ in meanings.choices])


def _check_references(handler: Handler, where: str, name: str, value: Any) -> None:
    references = {one.name: one for one in handler.references}
    for key, one in _table(where, value).items():
        if key not in references:
            raise Invalid.at(f"{where}/{key}", f"Use: {', '.join(references)}.")
        if name == "unknown":
            _check_choice(f"{where}/{key}", one, UNKNOWN_CHOICES)
            continue
        for text, target in _table(f"{where}/{key}", one).items():
            if target not in UNKNOWN_CHOICES:
                _check_id(f"{where}/{key}/{text}", references[key].find, target)
