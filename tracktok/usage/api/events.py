"""The routes /api/v1/usage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import Response

from tracktok.core.errors import Conflict, FieldError, Invalid, TooManyRequests
from tracktok.core.permissions import permits
from tracktok.usage.queries import events as queries
from tracktok.usage.schemas import events as schemas
from tracktok.usage.services.recording import Fate, Outcome, read_batch, record_usage
from tracktok.web.api import Api, json_response, list_of, list_response, path_of

from . import present

api = Api("usage", __name__, prefix="/usage", tag="Usage")
UsagePath = path_of("usage_id")


class EventIdReused(Conflict):
    code, title = "event_id_reused", "The source has told another event by this id"


class QuotaExceeded(TooManyRequests):
    code, title = "quota_exceeded", "The quota is used up"


@api.post("/", responses={201: schemas.UsageWritten, 200: schemas.UsageWritten})
@permits("usage.write")
def record(body: schemas.UsageIn) -> Response:
    """Record usage: 201, or 200 when the same was sent before (it is counted once), 409 when something else was."""
    outcome = record_usage([body])[0]
    if outcome is None or outcome.id is None or outcome.fate == Fate.conflict:
        raise _refusal(outcome)
    known = outcome.fate == Fate.duplicate
    row = present.recorded(outcome.told) if outcome.told else present.usage(queries.get_usage(outcome.id))
    answer = {**row, "duplicate": known}
    return json_response(answer, 200 if known else 201, location=f"/api/v1/usage/{outcome.id}")


def _refusal(outcome: Outcome | None) -> Exception:
    errors = list(outcome.errors) if outcome is not None else []
    detail = errors[0].detail if len(errors) == 1 else None
    if outcome is not None and outcome.fate == Fate.conflict:
        return EventIdReused(detail, errors=errors)
    if outcome is not None and outcome.fate == Fate.refused:
        return QuotaExceeded(detail, errors=errors, headers={"Retry-After": str(outcome.retry_after)})
    return Invalid(detail, errors=errors)


@api.post("/batch", responses={200: schemas.BatchOut})
@permits("usage.write")
def record_batch(body: schemas.BatchIn) -> Response:
    """Record up to 10,000 events at once. Each is taken or refused by itself; told are all that were not new."""
    items, wrong = read_batch(body.events)
    outcomes = [wrong.get(index) or one for index, one in enumerate(record_usage(items))]
    counts = Counter(one.fate for one in outcomes if one is not None)
    return json_response(
        {
            "recorded": counts[Fate.recorded],
            "duplicates": counts[Fate.duplicate],
            "rejected": counts[Fate.conflict] + counts[Fate.refused] + counts[Fate.invalid],
            "data": [
                _item(index, one) for index, one in enumerate(outcomes) if one is not None and one.fate != Fate.recorded
            ],
        }
    )


def _item(index: int, outcome: Outcome) -> dict[str, Any]:
    return {
        "index": index,
        "status": outcome.fate.value,
        "id": outcome.id,
        "errors": _errors(outcome.errors, index),
    }


def _errors(errors: Sequence[FieldError], index: int) -> list[dict[str, str]]:
    return [{"pointer": f"/events/{index}{one.pointer}", "code": one.code, "detail": one.detail} for one in errors]


@api.get("/", responses={200: list_of(schemas.UsageOut)})
@permits("usage.read")
def list_usage(query: schemas.UsageQuery) -> Response:
    """List usage events, the newest first."""
    page = queries.list_usage(query)
    return list_response(page, [present.usage(row) for row in page.rows])


@api.get("/<uuid:usage_id>", responses={200: schemas.UsageOut})
@permits("usage.read")
def show(path: UsagePath) -> Response:  # type: ignore[valid-type]
    """Get a usage event."""
    return json_response(present.usage(queries.get_usage(path.usage_id)))  # type: ignore[attr-defined]
