"""The routes /api/v1/companies and /api/v1/gst-settings."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.customers.schemas import companies as schemas
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

from . import present
from .customers import named_in

api = Api("companies", __name__, prefix="/companies", tag="Companies")
gst_api = Api("gst_settings", __name__, prefix="/gst-settings", tag="Companies")
CompanyPath = path_of("company_id")


def _answer(row: Any, status: int = 200, location: str | None = None) -> Response:
    return json_response(present.company(row), status, etag=row.version, location=location)


@api.get("/", responses={200: list_of(schemas.CompanyOut)})
@permits("customers.read")
def list_companies(query: schemas.CompanyQuery) -> Response:
    """List the companies that bill."""
    services.default_company()
    page = queries.list_companies(query)
    return list_response(page, [present.company(row) for row in page.rows])


@api.post("/", responses={201: schemas.CompanyOut})
@permits("companies.write")
def create(body: schemas.CompanyIn) -> Response:
    """Add a company that bills."""
    made = services.create_company(body)
    return _answer(made, 201, f"/api/v1/companies/{made.id}")


@api.get("/<uuid:company_id>", responses={200: schemas.CompanyOut})
@permits("customers.read")
def show(path: CompanyPath) -> Response:  # type: ignore[valid-type]
    """Get a company that bills."""
    return _answer(queries.get_company(path.company_id))  # type: ignore[attr-defined]


@api.put("/<uuid:company_id>", responses={200: schemas.CompanyOut})
@permits("companies.write")
def replace(path: CompanyPath, body: schemas.CompanyIn) -> Response:  # type: ignore[valid-type]
    """Change a company as a whole. Documents that were issued keep what they say."""
    company = queries.get_company(path.company_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(company.version)
    return _answer(services.change_company(company, body))


@api.patch("/<uuid:company_id>", responses={200: schemas.CompanyOut})
@permits("companies.write")
def patch(path: CompanyPath, body: schemas.CompanyPatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of a company."""
    company = queries.get_company(path.company_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(company.version)
    return _answer(services.patch_company(company, named_in(body)))


@api.post("/<uuid:company_id>/default", responses={200: schemas.CompanyOut})
@permits("companies.write")
def make_default(path: CompanyPath) -> Response:  # type: ignore[valid-type]
    """Make a company the one that bills where none is named."""
    company = queries.get_company(path.company_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(company.version)
    return _answer(services.make_default(company))


@api.delete("/<uuid:company_id>", responses={204: None})
@permits("companies.write")
def delete(path: CompanyPath) -> Response:  # type: ignore[valid-type]
    """Delete a company that has never billed."""
    company = queries.get_company(path.company_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(company.version)
    services.delete_company(company)
    return Response(status=204)


@gst_api.get("/", responses={200: schemas.GstSettingsOut})
@permits("customers.read")
def show_gst_settings(query: schemas.GstSettingsQuery) -> Response:
    """Get the GST settings of the default company, or of another."""
    company = services.company_of(query.company_id)
    return json_response(present.gst_settings(company), etag=company.version)


@gst_api.put("/", responses={200: schemas.GstSettingsOut})
@permits("companies.write")
def change_gst_settings(query: schemas.GstSettingsQuery, body: schemas.GstSettingsIn) -> Response:
    """Change GST settings. Members that are left out stay as they are; a GSTIN makes the regime GST."""
    company = services.company_of(query.company_id, for_update=True)
    check_if_match(company.version)
    changed = services.change_gst_settings(company, body)
    return json_response(present.gst_settings(changed), etag=changed.version)
