"""The description of the API, made from the routes: OpenAPI 3.1, complete.

flask-openapi writes down what each route says of itself, as OpenAPI 3.2 and with the same refusals everywhere. Here
it becomes what most tools read (3.1), with what the edge adds to every route: who may call it, the headers that it
understands, the refusals that its method can meet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_openapi import OpenAPI

from tracktok.core.idempotency import LONGEST_KEY
from tracktok.core.permissions import ANY_PERSON, Access, access_of
from tracktok.web.api import PROBLEMS

from .api import Api

VERSION = "3.1.1"
PREFIX = "/api/v1/"
Holders = Callable[[str], Iterable[str]]
JsonObject = dict[str, Any]

_INTRODUCTION = """
Everything that the pages of TrackTok do, for programs.

**Sign in** with `POST /api/v1/auth/login` and send `Authorization: Bearer <access_token>` with every call.
A token lives for an hour; `POST /api/v1/auth/refresh` gives a new pair.

**Which company**: call its own address, or name it in `X-Tenant-Id`. People of one company need neither.

**Amounts** are decimal strings with their currency; dates are `YYYY-MM-DD`; instants are UTC with `Z`; ids are UUIDs.

**Lists** answer with `data`, `has_more` and `next_cursor`, which goes back as `cursor`.

**Writing twice**: with an `Idempotency-Key` a POST that is sent again within 24 hours is carried out once and
answered alike. **Writing at the same time**: send the `ETag` of what you read as `If-Match`, and you are told (412)
when somebody was faster.

**Refusals** are problem documents (RFC 9457): `title` and `detail` for people, `code` for programs, `errors` with a
JSON pointer for each field, `request_id` to quote when you ask about it.
""".strip()
_TAGS = {
    "Sign-in": "Companies, people's sign-ins and their tokens.",
    "Company": "The company's settings and its plan.",
    "Platform": "For the staff of the platform.",
    "Expenses": "Money spent: recorded, filtered, changed one by one or many at once.",
    "Receipts": "The files that prove an expense.",
    "Customer receipts": "Money that customers paid: what it pays, what is given back.",
    "Projects": "Pieces of work that money is spent on.",
    "Accounts": "What is paid from: bank accounts, cash, cards, wallets.",
    "Categories": "What money is spent on, as a tree.",
    "Imports": "Files whose rows become expenses, projects and more: looked at first, committed and undone whole.",
    "Customers": "Who is billed, with contacts and further addresses.",
    "Client types": "Kinds of customers, for filters and reports.",
    "Account managers": "Who looks after customers.",
    "Service types": "What is sold: code, unit, price and tax.",
    "Tax rates": "Rates by name, each from a day on.",
    "Price lists": "Prices of their own for some customers, for a time.",
    "Companies": "The legal entities that bill, and their GST settings.",
    "Budgets": "Amounts per period for what falls into a scope, and where they stand.",
    "Dashboard": "Figures of any range of days, beside those of the range before.",
    "Reports": "Reports as files, made by jobs.",
    "Jobs": "Long work, with its progress.",
}
_ALWAYS = {"400", "401", "403", "404", "422", "429", "503"}
"""Public routes meet 401 and 403 too: a wrong password, an account that is suspended."""
_WRITING = {"402", "409", "413", "415"}
_CHANGING = {"412"}
_FILES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
"""What is sent where a route takes a `format`, by its values."""
_EVERY_ANSWER = {
    "X-Request-Id": {"description": "The request's id, as in the logs.", "schema": {"type": "string"}},
}
_PARAMETERS: JsonObject = {
    "TenantId": {
        "name": "X-Tenant-Id",
        "in": "header",
        "description": "The company, by its id or subdomain, where the address does not name it.",
        "schema": {"type": "string", "maxLength": 100},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A text of one's own, such as a UUID: the same call is carried out once in 24 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` of what was read: refused with 412 when it was changed since.",
        "schema": {"type": "string", "pattern": '^(\\*|"[!#-~]*")$'},
    },
}


_COMPLETED: dict[str, Callable[[JsonObject], JsonObject]] = {}


@dataclass(frozen=True, slots=True)
class _Route:
    endpoint: str
    access: Access | None


def complete(schema: str, with_: Callable[[JsonObject], JsonObject]) -> None:
    """Add to a schema what is known only once everything is registered; called whenever the API is described."""
    _COMPLETED[schema] = with_


def describe(app: Flask, holders: Holders) -> JsonObject:
    """The description of an application's API. `holders(permission)` names the roles that hold a permission."""
    if not isinstance(app, OpenAPI):
        raise TypeError("the application does not describe its routes")
    app.spec_json = {}
    for blueprint in app.blueprints.values():
        if isinstance(blueprint, Api):
            blueprint.describe_in(app)
    made: JsonObject = app.api_doc
    routes = dict(_routes(app))
    paths = {
        path: {
            method: _operation(method, path, operation, routes[method, path], holders)
            for method, operation in item.items()
        }
        for path, item in sorted(made["paths"].items())
    }
    tags = sorted({tag for item in paths.values() for operation in item.values() for tag in operation["tags"]})
    schemas = {
        name: _COMPLETED.get(name, dict)(_schema(schema))
        for name, schema in sorted(made["components"]["schemas"].items())
    }
    return {
        "openapi": VERSION,
        "info": {**made["info"], "description": _INTRODUCTION},
        "servers": [{"url": "/", "description": "The address that this was read from"}],
        "tags": [{"name": tag, **({"description": _TAGS[tag]} if tag in _TAGS else {})} for tag in tags],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": _PARAMETERS,
            "headers": {
                "RequestId": _EVERY_ANSWER["X-Request-Id"],
                "ETag": {"description": "The version, for `If-Match`.", "schema": {"type": "string"}},
            },
            "responses": {f"Problem{status}": refusal for status, refusal in _refusals(made).items()},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The `access_token` of `POST /api/v1/auth/login`.",
                }
            },
        },
    }


def _routes(app: Flask) -> Iterator[tuple[tuple[str, str], _Route]]:
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield (method.lower(), path), _Route(rule.endpoint, access_of(app.view_functions[rule.endpoint]))


def _refusals(made: JsonObject) -> JsonObject:
    """Each status of a refusal as it is told anywhere: routes say it in the same words."""
    found: JsonObject = {}
    for item in made["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                if status.startswith(("4", "5")):
                    found.setdefault(status, response)
    return dict(sorted(found.items()))


def _operation(method: str, path: str, made: JsonObject, route: _Route, holders: Holders) -> JsonObject:
    access = route.access or Access()
    secured = not access.public_because
    summary, description = _split(made.get("summary", ""))
    operation: JsonObject = {
        "tags": made["tags"],
        "summary": summary,
        "description": " ".join(
            filter(
                None, (description, made.get("description", "").replace("<br/>", " ").strip(), _who(access, holders))
            )
        ),
        "operationId": _operation_id(route.endpoint),
        "parameters": [*_parameters(made), *_headers(method, path, secured=secured)],
    }
    if "requestBody" in made:
        operation["requestBody"] = _schema(made["requestBody"])
    statuses = set(_ALWAYS)
    if method != "get":
        statuses |= _WRITING
    if method in {"put", "patch", "delete"}:
        statuses |= _CHANGING
    asked = next((one["schema"] for one in operation["parameters"] if one.get("name") == "format"), None)
    files = [kind for name, kind in _FILES.items() if asked is not None and name in asked.get("enum", _FILES)]
    operation["responses"] = {
        **{
            status: _answer(response, versioned="{" in path, files=files)
            for status, response in made["responses"].items()
            if status.startswith(("2", "3"))
        },
        **{status: {"$ref": f"#/components/responses/Problem{status}"} for status in sorted(statuses)},
        **{
            status: response
            for status, response in made["responses"].items()
            if status.startswith(("4", "5")) and status not in statuses and _is_of_the_route(status, response)
        },
    }
    operation["security"] = [{"bearer": []}] if secured else []
    return operation


def _is_of_the_route(status: str, response: JsonObject) -> bool:
    """Whether a route itself tells of a refusal: as JSON of its own, or in words of its own."""
    usual = PROBLEMS.get(int(status), {}).get("description")
    return "application/json" in _media(response) or response.get("description") != usual


def _media(response: JsonObject) -> Iterable[str]:
    content: JsonObject = response.get("content", {})
    return content


def _answer(response: JsonObject, *, versioned: bool, files: list[str]) -> JsonObject:
    headers = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    if versioned and response.get("content"):
        headers["ETag"] = {"$ref": "#/components/headers/ETag"}
    answer: JsonObject = _schema(response)
    if files:
        answer["content"] = {**answer.get("content", {}), **{kind: {} for kind in files}}
    return {**answer, "headers": {**answer.get("headers", {}), **headers}}


def _split(text: str) -> tuple[str, str]:
    """A docstring's line as a heading (its first sentence) and the rest."""
    first, _, rest = text.partition(". ")
    return first.rstrip("."), rest.strip()


def _who(access: Access, holders: Holders) -> str:
    if access.public_because:
        return "Anybody may call this."
    if access.permission == ANY_PERSON:
        return "For anybody who is signed in."
    return f"Needs `{access.permission}`: {', '.join(holders(access.permission)) or 'staff of the platform'}."


def _operation_id(endpoint: str) -> str:
    blueprint, _, name = endpoint.rpartition(".")
    return f"{blueprint.removesuffix('_api')}_{name}"


def _parameters(made: JsonObject) -> list[JsonObject]:
    found = []
    for parameter in made.get("parameters", []):
        kept = {**parameter, "schema": _schema(parameter["schema"])}
        # Said beside the schema; null cannot be written in an address: left away is what it means there.
        kept["schema"].pop("description", None)
        if _is_made_title(kept["name"], kept["schema"].get("title")):
            del kept["schema"]["title"]
        if kept["in"] == "query":
            kept["schema"] = _without_null(kept["schema"])
        found.append(kept)
    return found


def _headers(method: str, path: str, *, secured: bool) -> list[JsonObject]:
    names = ["TenantId"]
    # Answers of the sign-in hold secrets: they are not kept to be given again.
    if method == "post" and secured and not path.startswith(f"{PREFIX}auth/"):
        names.append("IdempotencyKey")
    if method in {"put", "patch", "delete"} and "{" in path:
        names.append("IfMatch")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _without_null(schema: JsonObject) -> JsonObject:
    choices = [choice for choice in schema.get("anyOf", []) if choice.get("type") != "null"]
    if not choices:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**rest, **choices[0]} if len(choices) == 1 else {**rest, "anyOf": choices}


def _schema(value: Any) -> Any:
    """A schema without the titles that were made from names, and with whole numbers as whole numbers."""
    if isinstance(value, list):
        return [_schema(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, dict):
        return value
    kept = {name: _schema(item) for name, item in value.items() if name != "$defs"}
    properties = kept.get("properties")
    for name, schema in properties.items() if isinstance(properties, dict) else ():
        if isinstance(schema, dict) and _is_made_title(name, schema.get("title")):
            del schema["title"]
    return kept


def _is_made_title(name: str, title: Any) -> bool:
    return isinstance(title, str) and title.replace(" ", "_").lower() == name.lower()
