"""Files on the page of a document."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request, url_for

from tracktok.core.errors import DomainError
from tracktok.core.permissions import permits
from tracktok.invoices.queries.attachments import attachments_of, get_attachment
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.services.attaching import attach_files, detach_file
from tracktok.web.filters import plural
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render, toast, wants_fragment
from tracktok.web.saving import go_on

from .blueprint import here, pages


@pages("/<uuid:document_id>/files", methods=("POST",))
@permits("invoices.write")
def attach(document_id: UUID) -> Response:
    """Put files on a document."""
    document = get_document(document_id, here().kind)
    form: Form[None] = Form()  # type: ignore[type-var]
    files = [one for one in request.files.getlist("files") if one.filename]
    try:
        made = attach_files(document, files)
    except DomainError as refusal:
        form.add("files", refusal.detail)
        form.status = refusal.status
    else:
        toast(f"{plural(len(made), 'file')} added")
        if not wants_fragment():
            return redirect_to(url_for(".show", document_id=document_id))
    return render(
        "invoices/attachments.html", block="attachments", status=form.status, form=form, section=here(),
        document=document, attachments=attachments_of(document_id),
    )  # fmt: skip


@pages("/<uuid:document_id>/files/<uuid:attachment_id>/delete", methods=("POST",))
@permits("invoices.write")
def detach(document_id: UUID, attachment_id: UUID) -> Response:
    """Take a file off a document."""
    get_document(document_id, here().kind)
    detach_file(get_attachment(document_id, attachment_id))
    return go_on("File taken off", url_for(".show", document_id=document_id))
