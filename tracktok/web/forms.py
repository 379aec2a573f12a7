"""Forms: the same Pydantic class reads the page's form and the API's JSON.

    form = Form.read(ExpenseIn)                     # from request.form
    form.data                                       # an ExpenseIn, or None when something is wrong
    form.error("amount")                            # what is wrong with a field, in words

`saving.save` does the rest of what a page does with a form that was sent.

What was typed is kept as it was typed. Amounts and dates may be written as the tenant writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from tracktok.core import clock, context
from tracktok.core.errors import DomainError, FieldError

from .filters import figures, format_day, format_number
from .inputs import plain_date, plain_decimal

M = TypeVar("M", bound=BaseModel)
_WORDS = {
    "missing": "Fill this in.",
    "string_too_short": "Write at least {min_length} characters.",
    "string_too_long": "Write at most {max_length} characters.",
    "string_pattern_mismatch": "This is not written in the form that is asked for.",
    "decimal_parsing": "Write a number such as {amount}.",
    "decimal_type": "Write a number such as {amount}.",
    "decimal_max_places": "Write at most {decimal_places} decimal places.",
    "decimal_max_digits": "This number is too large.",
    "decimal_whole_digits": "This number is too large.",
    "int_parsing": "Write a whole number.",
    "greater_than": "This must be more than {gt}.",
    "greater_than_equal": "This must be {ge} or more.",
    "less_than": "This must be less than {lt}.",
    "less_than_equal": "This must be {le} or less.",
    "date_from_datetime_parsing": "Write a date such as {day}.",
    "date_parsing": "Write a date such as {day}.",
    "date_type": "Write a date such as {day}.",
    "uuid_parsing": "Choose one from the list.",
    "enum": "Choose one from the list.",
    "literal_error": "Choose one from the list.",
    "bool_parsing": "Choose yes or no.",
    "too_long": "Choose at most {max_length}.",
    "too_short": "Choose at least {min_length}.",
}


class Form(Generic[M]):
    """What a form shows: the values as text, the errors by field, and the data when it is valid."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        """`values` fill the fields at first: defaults of a new record, or the record that is edited."""
        self.values: MultiDict[str, str] = MultiDict()
        for name, value in (values or {}).items():
            self.values.setlist(name, _texts(value))
        self.errors: dict[str, list[str]] = {}
        self.general: list[str] = []
        self.labels: dict[str, str] = {}
        self.data: M | None = None
        self.status = 200

    @classmethod
    def read(cls, schema: type[M], source: MultiDict[str, str] | None = None, **given: Any) -> Form[M]:
        """What was sent, checked by `schema`. `given` are values that the form does not carry (of the address)."""
        form = cls()
        form.labels = {info.alias or name: info.title for name, info in schema.model_fields.items() if info.title}
        form.values = MultiDict(request.form if source is None else source)
        form.values.pop("csrf_token", None)
        try:
            form.data = schema.model_validate({**_input(schema, form.values), **given})
        except ValidationError as refused:
            for error in refused.errors(include_url=False):
                name = "-".join(str(part) for part in error["loc"]) or ""
                form.add(name, sentence_of(error))
        return form

    @classmethod
    def of(cls, values: MultiDict[str, str]) -> Form[M]:
        """What was typed, unchecked: a form that is shown again while it is being filled in."""
        form = cls()
        form.values = MultiDict(values)
        form.values.pop("csrf_token", None)
        return form

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors and not self.general

    def text(self, name: str, default: str = "") -> str:
        """What stands in a field."""
        return self.values.get(name, default)

    def texts(self, name: str) -> list[str]:
        """What stands in a field that holds several."""
        return self.values.getlist(name)

    def error(self, name: str) -> str:
        """What is wrong with a field; empty when nothing is."""
        return " ".join(self.errors.get(name, ()))

    def label(self, name: str) -> str:
        """A field's name for the summary of errors: its `title` in the schema, or "Category" for category_id."""
        return self.labels.get(name) or name.removesuffix("_id").replace("_", " ").replace("-", " ").capitalize()

    def add(self, name: str, sentence: str) -> None:
        """Put an error at a field, or above the form when `name` is empty."""
        self.status = 422
        if name:
            self.errors.setdefault(name, []).append(sentence)
        else:
            self.general.append(sentence)

    def refuse(self, refusal: DomainError) -> None:
        """Show what a service refused: at the fields that it names, and its sentence above the form."""
        for error in refusal.errors:
            self.add(error.field, error.detail)
        if not refusal.errors:
            self.add("", refusal.detail)
        self.status = refusal.status

    def add_all(self, errors: Iterable[FieldError]) -> None:
        """Put several errors at their fields."""
        for error in errors:
            self.add(error.field, error.detail)


def _texts(value: Any) -> list[str]:
    if isinstance(value, list | tuple | set | frozenset):
        return [text for item in value for text in _texts(item)]
    if value is None:
        return [""]
    if isinstance(value, bool):
        return ["true"] if value else []
    if isinstance(value, Decimal):
        return [_plain(value)]
    if isinstance(value, date) and not isinstance(value, datetime):
        return [format_day(value)]
    return [str(getattr(value, "value", value))]


def _plain(value: Decimal) -> str:
    """An amount as a person would type it: 1,250 and 1,250.50, never 1,250.5000."""
    digits = -int(value.normalize().as_tuple().exponent)
    return format_number(value, max(digits, 2) if digits > 0 else 0).replace("\N{MINUS SIGN}", "-")


def _kinds(annotation: Any) -> set[Any]:
    """The plain types of an annotation: {Decimal, NoneType} for `Annotated[Decimal, Field(gt=0)] | None`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return set().union(*(_kinds(part) for part in get_args(annotation)))
    if origin is Literal:
        return {str}
    return {origin or annotation}


def _input(schema: type[BaseModel], values: MultiDict[str, str]) -> dict[str, Any]:
    """The form's texts as the schema's input; what is left empty is left out, or None where None may be."""
    prefs = context.preferences()
    out: dict[str, Any] = {}
    for name, info in schema.model_fields.items():
        key = info.alias or name
        kinds = _kinds(info.annotation)
        if key not in values:
            if kinds == {bool}:  # a box that is not ticked is not sent
                out[key] = False
            continue
        if kinds & {list, set, tuple, frozenset}:
            out[key] = [text.strip() for text in values.getlist(key) if text.strip()]
            continue
        text = values[key].strip() if str not in kinds else values[key]
        if not text.strip():
            if NoneType in kinds:
                out[key] = None
        elif Decimal in kinds:
            out[key] = plain_decimal(text, figures(prefs.locale).decimal) or text
        elif date in kinds:
            out[key] = plain_date(text, prefs.date_format, clock.today(prefs.timezone)) or text
        else:
            out[key] = text
    return out


def sentence_of(error: Mapping[str, Any]) -> str:
    """Pydantic's error in words for a person."""
    words = _WORDS.get(error["type"])
    details = error.get("ctx", {})
    if error["type"] in {"value_error", "assertion_error"}:
        return str(details.get("error", error["msg"])) or error["msg"]
    if words is None:
        return f"{error['msg']}."
    day = clock.today(context.preferences().timezone)
    return words.format(**details, amount=format_number(Decimal("1234.50"), 2), day=format_day(day))
