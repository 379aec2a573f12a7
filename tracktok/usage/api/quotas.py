"""The routes /api/v1/quotas."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from tracktok.core.permissions import permits
from tracktok.usage.queries import quotas as queries
from tracktok.usage.schemas import quotas as schemas
from tracktok.usage.services import quotas as services
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

from . import present

api = Api("quotas", __name__, prefix="/quotas", tag="Usage")
QuotaPath = path_of("quota_id")


def _answer(quota_id: UUID, status: int = 200, location: str | None = None) -> Response:
    row: Any = queries.quota_row(quota_id)
    return json_response(present.quota(row), status, etag=row.version, location=location)


@api.get("/", responses={200: list_of(schemas.QuotaOut)})
@permits("usage.read")
def list_quotas(query: schemas.QuotaQuery) -> Response:
    """List quotas."""
    page = queries.list_quotas(query)
    return list_response(page, [present.quota(row) for row in page.rows])


@api.post("/", responses={201: schemas.QuotaOut})
@permits("prices.write")
def create(body: schemas.QuotaIn) -> Response:
    """Set a quota. One that blocks answers 429 to events that would pass it."""
    quota = services.create_quota(body)
    return _answer(quota.id, 201, f"/api/v1/quotas/{quota.id}")


@api.get("/<uuid:quota_id>", responses={200: schemas.QuotaOut})
@permits("usage.read")
def show(path: QuotaPath) -> Response:  # type: ignore[valid-type]
    """Get a quota."""
    return _answer(path.quota_id)  # type: ignore[attr-defined]


@api.put("/<uuid:quota_id>", responses={200: schemas.QuotaOut})
@permits("prices.write")
def replace(path: QuotaPath, body: schemas.QuotaIn) -> Response:  # type: ignore[valid-type]
    """Change a quota as a whole."""
    quota = queries.get_quota(path.quota_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(quota.version)
    return _answer(services.change_quota(quota, body).id)


@api.delete("/<uuid:quota_id>", responses={204: None})
@permits("prices.write")
def delete(path: QuotaPath) -> Response:  # type: ignore[valid-type]
    """Take a quota away, with its alerts."""
    quota = queries.get_quota(path.quota_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(quota.version)
    services.delete_quota(quota)
    return Response(status=204)
