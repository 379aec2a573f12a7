"""What every JSON route shares: base schemas, the problem document, answers as bytes, ETags."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin
from uuid import UUID

import orjson
from flask import Response, request
from flask_openapi import APIBlueprint, OpenAPI
from flask_openapi.utils import parse_parameters
from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator
from pydantic.json_schema import GenerateJsonSchema

from tracktok.core.errors import Invalid, Stale
from tracktok.core.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Page

_NUMBER = re.compile(r"\s*[+-]?[0-9]+(\.[0-9]*)?\s*")
JSON = "application/json"
PROBLEM = "application/problem+json"


class _Describe(GenerateJsonSchema):
    """Writes Decimals down as what they are: text with so many digits (a number is read too, and loses none here)."""

    def decimal_schema(self, schema: Any) -> dict[str, Any]:
        places, digits = schema.get("decimal_places"), schema.get("max_digits")
        whole = f"{{1,{digits - (places or 0)}}}" if digits is not None else "+"
        part = f"{{1,{places}}}" if places is not None else "+"
        text: dict[str, Any] = {"type": "string", "format": "decimal", "pattern": f"^-?[0-9]{whole}(\\.[0-9]{part})?$"}
        text["examples"] = ["125.50"]
        return text if self.mode == "serialization" else {"anyOf": [text, {"type": "number"}]}


class Schema(BaseModel):
    """The base of inputs and outputs. Inputs refuse members that they do not know.

    A bare number is no day, and neither yes nor no, though Pydantic would take it for one.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, from_attributes=True)

    @model_validator(mode="before")
    @classmethod
    def _numbers_are_numbers(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        days, flags = _names_of(cls, date), _names_of(cls, bool)
        wrong = {name: f"day {given[name]}" for name in days if name in given and _is_number(given[name])}
        for name in flags:
            if given.get(name).__class__ in {int, float}:
                wrong[name] = f"number {given[name]}"
        return {**given, **wrong} if wrong else given

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The JSON schema; without arguments it is made once (flask-openapi asks for it on every request)."""
        if args or kwargs:
            kwargs.setdefault("schema_generator", _Describe)
            return super().model_json_schema(*args, **kwargs)
        return _schema_of(cls)


@cache
def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return BaseModel.model_json_schema.__func__(model)  # type: ignore[attr-defined]


def _is_number(value: Any) -> bool:
    return value.__class__ in {int, float, bool} or (isinstance(value, str) and _NUMBER.fullmatch(value) is not None)


@cache
def _names_of(model: type[BaseModel], kind: type) -> tuple[str, ...]:
    """The members of a model that are of a kind, or nothing, under all names that they may be given by."""
    names: list[str] = []
    for name, info in model.model_fields.items():
        if kind in _kinds(info.annotation):
            other = info.validation_alias
            names += [
                name,
                *(one for one in getattr(other, "choices", [other]) if isinstance(one, str) and one != name),
            ]
    return tuple(names)


def _kinds(annotation: Any) -> set[Any]:
    """A type, or the types of a union, without what is written beside them."""
    parts = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)
    return {get_args(one)[0] if get_origin(one) is Annotated else one for one in parts}


class Query(Schema):
    """The base of query parameters."""


class ListQuery(Query):
    """What every list takes: where to go on, and how many rows."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=LARGEST_LIMIT, description="How many rows, 1 to 100")
    cursor: str | None = Field(None, max_length=500, description="`next_cursor` of the page before")


class Problem(BaseModel):
    """RFC 9457: what went wrong."""

    class FieldProblem(BaseModel):
        """What is wrong with one field."""

        pointer: str = Field(description="JSON pointer to the field")
        code: str
        detail: str

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] = []
    request_id: str


_REFUSALS: dict[int, str] = {
    400: "The request could not be read",
    401: "Not signed in, or the token has ended",
    402: "Over a limit of the plan",
    403: "Not allowed",
    404: "Not found, or someone else's",
    409: "The state of things does not allow it",
    412: "Changed by somebody else meanwhile (If-Match)",
    413: "Too large",
    415: "This type of content is not accepted",
    422: "Some fields are not valid",
    429: "Too many requests",
    503: "Not available at the moment",
}
PROBLEMS: dict[Any, Any] = {
    status: {
        "description": text,
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, text in _REFUSALS.items()
}


class Api(APIBlueprint):
    """A JSON blueprint under /api/v1, with the tag of its area and the refusals that any route may answer.

    What its routes say of themselves is written down when the description is first asked for: it takes a third of the
    time in which the application is loaded, and most processes never show it.
    """

    default_security: ClassVar[list[dict[str, list[str]]]] = [{"bearer": []}]

    def __init__(self, name: str, import_name: str, *, prefix: str, tag: str, anonymous: bool = False) -> None:
        super().__init__(
            f"{name}_api",
            import_name,
            url_prefix=f"/api/v1{prefix}",
            abp_tags=[{"name": tag}],
            abp_security=[] if anonymous else self.default_security,
            abp_responses=PROBLEMS,
        )
        self._undescribed: list[tuple[str, Any, dict[str, Any]]] = []

    def _collect_openapi_info(self, rule: str, func: Any, **told: Any) -> Any:
        self._undescribed.append((rule, func, told))
        return parse_parameters(func, doc_ui=False)

    def describe_in(self, app: OpenAPI) -> None:
        """Write down what the routes say of themselves, once, and give it to an application's description."""
        while self._undescribed:
            rule, func, told = self._undescribed.pop(0)
            super()._collect_openapi_info(rule, func, **told)
        app.paths.update(self.paths)
        app.components_schemas.update(self.components_schemas)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def to_json(value: Any) -> bytes:
    """Compact JSON: Decimals as plain strings, instants in UTC with Z, ids and dates as text."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)


def json_response(
    value: Any, status: int = 200, *, etag: int | str | None = None, location: str | None = None
) -> Response:
    """An answer with JSON; `etag` is the row's version; `location` the URL of what was made."""
    body = value.model_dump_json().encode() if isinstance(value, BaseModel) else to_json(value)
    response = Response(body, status=status, content_type=JSON)
    if etag is not None:
        response.headers["ETag"] = f'"{etag}"'
    if location is not None:
        response.headers["Location"] = location
    return response


def list_response(page: Page, data: list[Any]) -> Response:
    """A page of a list, in the shape that every list has."""
    return json_response({"object": "list", "data": data, "has_more": page.has_more, "next_cursor": page.next_cursor})


def only_fields(fields: str | None, data: list[dict[str, Any]], schema: type[BaseModel]) -> list[dict[str, Any]]:
    """What `fields=` asks for of each row; everything without it. Raises Invalid for a member that there is not."""
    if not fields:
        return data
    wanted = {name.strip() for name in fields.split(",") if name.strip()}
    if unknown := wanted - schema.model_fields.keys():
        raise Invalid.at("fields", f"There is no member {min(unknown)}.")
    return [{name: row[name] for name in row if name in wanted} for row in data]


def check_if_match(version: int | Callable[[], int], etag: str = "") -> None:
    """Raise Stale (412) when the request carries `If-Match` and it is neither this version nor this `etag`.

    A version that must be read for this alone is given as a function: most requests do not ask.
    """
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted.strip() == "*":
        return
    if callable(version):
        version = version()
    versions = {part.strip().removeprefix("W/").strip('"') for part in wanted.split(",")}
    if not versions & {str(version), etag or str(version)}:
        raise Stale


def instant(value: datetime | None) -> str | None:
    """An instant as the API writes it: UTC, with Z."""
    if value is None:
        return None
    text = value.isoformat(timespec="milliseconds")
    if not text.endswith("+00:00"):  # sessions with the database are in UTC as a rule
        text = value.astimezone(UTC).isoformat(timespec="milliseconds")
    return text[:-6] + "Z"


def list_of(item: type[BaseModel], *, partial: bool = False) -> type[BaseModel]:
    """The schema of a list of something, `list_of(ExpenseOut)`; `partial` where `fields=` leaves members away."""
    return _list_of(item, partial)


@cache
def _list_of(item: type[BaseModel], partial: bool) -> type[BaseModel]:  # noqa: FBT001 - part of the cache's key
    name = item.__name__.removesuffix("Out").removesuffix("ListItem")
    if partial:
        optional = {key: (field.annotation, None) for key, field in item.model_fields.items()}
        item = create_model(f"{name}Part", __base__=Schema, __doc__=item.__doc__, **optional)  # type: ignore[call-overload]
    fields: dict[str, Any] = {
        "object": (Literal["list"], Field(description="Always `list`")),
        "data": (list[item], ...),
        "has_more": (bool, Field(description="Whether there are rows after these")),
        "next_cursor": (str | None, Field(description="Send it back as `cursor` for the next page")),
    }
    return create_model(f"{name}List", __base__=Schema, __doc__="A page of a list.", **fields)


def path_of(name: str) -> type[BaseModel]:
    """A path schema with one id, `path_of("expense_id")`."""
    return _path_of(name)


@cache
def _path_of(name: str) -> type[BaseModel]:
    title = "".join(part.capitalize() for part in name.split("_")) + "Path"
    return create_model(title, __base__=Schema, **{name: (UUID, Field(description="The id"))})  # type: ignore[call-overload]


__all__ = [
    "JSON",
    "PROBLEM",
    "Api",
    "ListQuery",
    "Page",
    "Problem",
    "Query",
    "Schema",
    "check_if_match",
    "date",
    "instant",
    "json_response",
    "list_of",
    "list_response",
    "only_fields",
    "path_of",
    "to_json",
]
