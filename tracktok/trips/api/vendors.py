"""The routes /api/v1/vendors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from tracktok.core.permissions import permits
from tracktok.trips.queries import vendors as queries
from tracktok.trips.schemas import vendors as schemas
from tracktok.trips.services import vendors as services
from tracktok.web.api import Api, Schema, check_if_match, json_response, list_of, list_response, only_fields, path_of

from . import present

api = Api("vendors", __name__, prefix="/vendors", tag="Vendors")
VendorPath = path_of("vendor_id")
_UPLOAD: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "files": {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1},
                    "label": {"type": "string", "maxLength": 120},
                    "expires_on": {"type": "string", "format": "date"},
                },
                "required": ["files"],
            }
        }
    },
}


class VendorContactPath(Schema):
    """A contact of a vendor."""

    vendor_id: UUID
    vendor_contact_id: UUID


class VendorFilePath(Schema):
    """A paper of a vendor."""

    vendor_id: UUID
    vendor_file_id: UUID


def _all(data: list[Any], status: int = 200) -> Response:
    return json_response({"object": "list", "data": data, "has_more": False, "next_cursor": None}, status)


def _answer(vendor: Any, status: int = 200, location: str | None = None) -> Response:
    contacts = [present.contact(one) for one in queries.contacts_of(vendor.id)]
    return json_response(
        {**present.vendor(vendor), "contacts": contacts}, status, etag=vendor.version, location=location
    )


@api.get("/", responses={200: list_of(schemas.VendorListItem, partial=True)})
@permits("vendors.read")
def list_vendors(query: schemas.VendorQuery) -> Response:
    """List vendors. Filters may be combined."""
    page = queries.list_vendors(query)
    data = [present.vendor(row) for row in page.rows]
    return list_response(page, only_fields(query.fields, data, schemas.VendorListItem))


@api.post("/", responses={201: schemas.VendorOut})
@permits("vendors.write")
def create(body: schemas.VendorIn) -> Response:
    """Make a vendor."""
    vendor = services.create_vendor(body)
    return _answer(vendor, 201, f"/api/v1/vendors/{vendor.id}")


@api.get("/<uuid:vendor_id>", responses={200: schemas.VendorOut})
@permits("vendors.read")
def show(path: VendorPath) -> Response:  # type: ignore[valid-type]
    """Get a vendor with its contacts."""
    return _answer(queries.get_vendor(path.vendor_id))  # type: ignore[attr-defined]


@api.put("/<uuid:vendor_id>", responses={200: schemas.VendorOut})
@permits("vendors.write")
def replace(path: VendorPath, body: schemas.VendorIn) -> Response:  # type: ignore[valid-type]
    """Change a vendor as a whole."""
    vendor = queries.get_vendor(path.vendor_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(vendor.version)
    return _answer(services.change_vendor(vendor, body))


@api.patch("/<uuid:vendor_id>", responses={200: schemas.VendorOut})
@permits("vendors.write")
def patch(path: VendorPath, body: schemas.VendorPatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of a vendor; `is_archived` takes it out of use. A new GSTIN tells State and PAN anew."""
    vendor = queries.get_vendor(path.vendor_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(vendor.version)
    named = {name: getattr(body, name) for name in body.model_fields_set}  # type: ignore[attr-defined]
    return _answer(services.patch_vendor(vendor, named))


@api.delete("/<uuid:vendor_id>", responses={204: None})
@permits("vendors.write")
def delete(path: VendorPath) -> Response:  # type: ignore[valid-type]
    """Delete a vendor that has no rate card and no trip; archive it otherwise."""
    vendor = queries.get_vendor(path.vendor_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(vendor.version)
    services.delete_vendor(vendor)
    return Response(status=204)


@api.get("/<uuid:vendor_id>/contacts", responses={200: list_of(schemas.VendorContactOut)})
@permits("vendors.read")
def list_contacts(path: VendorPath) -> Response:  # type: ignore[valid-type]
    """List the people at a vendor."""
    vendor = queries.get_vendor(path.vendor_id)  # type: ignore[attr-defined]
    return _all([present.contact(one) for one in queries.contacts_of(vendor.id)])


@api.post("/<uuid:vendor_id>/contacts", responses={201: schemas.VendorContactOut})
@permits("vendors.write")
def add_contact(path: VendorPath, body: schemas.VendorContactIn) -> Response:  # type: ignore[valid-type]
    """Add a person at a vendor."""
    vendor = queries.get_vendor(path.vendor_id, for_update=True)  # type: ignore[attr-defined]
    contact = services.add_contact(vendor, body)
    location = f"/api/v1/vendors/{vendor.id}/contacts/{contact.id}"
    return json_response(present.contact(contact), 201, location=location)


@api.put("/<uuid:vendor_id>/contacts/<uuid:vendor_contact_id>", responses={200: schemas.VendorContactOut})
@permits("vendors.write")
def change_contact(path: VendorContactPath, body: schemas.VendorContactIn) -> Response:
    """Change a person at a vendor as a whole."""
    vendor = queries.get_vendor(path.vendor_id, for_update=True)
    contact = queries.get_contact(vendor.id, path.vendor_contact_id)
    return json_response(present.contact(services.change_contact(contact, body)))


@api.delete("/<uuid:vendor_id>/contacts/<uuid:vendor_contact_id>", responses={204: None})
@permits("vendors.write")
def delete_contact(path: VendorContactPath) -> Response:
    """Delete a person at a vendor."""
    vendor = queries.get_vendor(path.vendor_id, for_update=True)
    services.drop_contact(queries.get_contact(vendor.id, path.vendor_contact_id))
    return Response(status=204)


@api.get("/<uuid:vendor_id>/files", responses={200: list_of(schemas.VendorFileOut)})
@permits("vendors.read")
def list_files(path: VendorPath) -> Response:  # type: ignore[valid-type]
    """List the papers of a vendor."""
    vendor = queries.get_vendor(path.vendor_id)  # type: ignore[attr-defined]
    return _all([present.paper(one) for one in queries.files_of(vendor.id)])


@api.post("/<uuid:vendor_id>/files", request_body=_UPLOAD, responses={201: list_of(schemas.VendorFileOut)})
@permits("vendors.write")
def add_files(path: VendorPath) -> Response:  # type: ignore[valid-type]
    """Add papers: multipart, one or more parts named `files`. Images, PDF and tables, 10 MB each."""
    vendor = queries.get_vendor(path.vendor_id, for_update=True)  # type: ignore[attr-defined]
    files = [one for one in request.files.getlist("files") if one.filename]
    said = {name: request.form[name].strip() for name in ("label", "expires_on") if name in request.form}
    made = services.attach_files(vendor, files, schemas.VendorFileIn.model_validate(said))
    new = {one.id for one in made}
    return _all([present.paper(one) for one in queries.files_of(vendor.id) if one.id in new], 201)


@api.delete("/<uuid:vendor_id>/files/<uuid:vendor_file_id>", responses={204: None})
@permits("vendors.write")
def remove_file(path: VendorFilePath) -> Response:
    """Take a paper off a vendor."""
    vendor = queries.get_vendor(path.vendor_id, for_update=True)
    services.detach_file(queries.get_file(vendor.id, path.vendor_file_id))
    return Response(status=204)
