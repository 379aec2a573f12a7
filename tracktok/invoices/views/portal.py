"""The customer's own pages: their documents, their account, what is wrong, when they pay. Opened by a signed link."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, Response, g, make_response, request, url_for
from pydantic import ValidationError

from tracktok.auth.queries import find_tenant_id
from tracktok.core import context
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import DomainError
from tracktok.core.permissions import public
from tracktok.core.storage import read_chunks
from tracktok.core.tenancy import current_tenant_or_none, tenant_scope
from tracktok.customers.models import Customer
from tracktok.invoices.models import SalesDocument
from tracktok.invoices.queries import portal as queries
from tracktok.invoices.queries import present, related, standing_views
from tracktok.invoices.queries.standing import standings
from tracktok.invoices.rules import statuses
from tracktok.invoices.schemas.receipts import CustomerStatementQuery
from tracktok.invoices.schemas.sending import AcceptQuoteIn, DeclineQuoteIn, DisputeIn, PromiseIn
from tracktok.invoices.services import paper as papers
from tracktok.invoices.services import paying
from tracktok.invoices.services import portal as services
from tracktok.invoices.services.answering import answer_on_page, has_expired, may_answer
from tracktok.invoices.services.paying.protocol import id_of
from tracktok.tenants.queries import branding, get_current
from tracktok.usage.queries.current import current_of_customer
from tracktok.web.filters import today
from tracktok.web.forms import Form
from tracktok.web.limits import portal_limit
from tracktok.web.links import tenant_link
from tracktok.web.render import redirect_to, render, toast
from tracktok.web.saving import save
from tracktok.web.security import content_security_policy

from .blueprint import OF_KIND
from .record import paper_of

V = TypeVar("V", bound=Callable[..., Any])
OWED = {"invoice", "debit_note"}
blueprint = Blueprint("portal", "tracktok.invoices", template_folder="templates", url_prefix="/portal/<token>")


def visited(view: V) -> V:
    """Enter the company of the link as the customer that it names; what is done is one transaction.

    404 where the link is of another company than the address, was taken back, or is none of ours.
    """

    @wraps(view)
    def opened(token: str, **arguments: Any) -> Response:
        ticket, here, staff = services.read_token(token), current_tenant_or_none(), context.actor()
        if here not in {None, ticket.tenant_id} or find_tenant_id(str(ticket.tenant_id)) is None:
            raise services.PortalLinkInvalid("Ask the company that sent it for a new one.")
        with tenant_scope(ticket.tenant_id):
            try:
                customer = services.visitor_of(ticket)
                g.portal_token, g.is_staff = token, staff is not None and here is not None
                with context.acting(services.acting_customer(customer)):
                    response = make_response(view(customer, **arguments))
                    if response.status_code < 400:
                        db.session.commit()
                    else:
                        db.session.rollback()
            except BaseException:
                db.session.rollback()
                raise
        return _headed(response)

    return public("the link is signed, of one customer, and can be taken back")(portal_limit(opened))  # type: ignore[return-value]


def _headed(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "same-origin"  # the address is the key
    response.headers["Cache-Control"] = "private, no-store"
    return response


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page in the company's own look."""
    look, tenant = branding(), get_current()
    return render(
        template, status=status, look=look, company=tenant, token=g.portal_token,
        has_logo=bool(look.logo_key), **values,
    )  # fmt: skip


def here_url(endpoint: str, **values: Any) -> str:
    """An address of this customer's pages."""
    return url_for(f"portal.{endpoint}", token=g.portal_token, **values)


@blueprint.get("/")
@visited
def index(customer: Customer) -> Response:
    """What there is to pay, and what was sent before."""
    others = queries.other_documents(customer.id)
    return page(
        "portal/index.html",
        customer=customer,
        open=[(one, _shown(one)) for one in queries.open_documents(customer.id)],
        offers=[(one, _shown(one)) for one in others if one.kind == "quote" and _shown(one) == statuses.SENT],
        others=[
            (one, _shown(one))
            for one in others[: queries.LATEST]
            if one.kind != "quote" or _shown(one) != statuses.SENT
        ],
        has_older=len(others) > queries.LATEST,
        standings=standings(customer.id, today()),
        kinds=OF_KIND,
        usage=current_of_customer(customer.id),
    )


def _shown(row: Any) -> str:
    return str(present.standing(row, today())["display_status"])


@blueprint.get("/documents/<uuid:document_id>")
@visited
def show(customer: Customer, document_id: UUID) -> Response:
    """A document as its paper says it."""
    document = queries.document_for(customer, document_id)
    if document.viewed_at is None and not g.is_staff and request.method == "GET":
        document = queries.document_for(customer, document_id, for_update=True)
        services.note_view(document)
    return _document(document, Form())


def _document(document: SalesDocument, form: Form[Any], asked: str = "") -> Response:
    found, provider = present.view(document), paying.chosen()
    response = page(
        "portal/document.html",
        status=form.status,
        document=document,
        found=found,
        section=OF_KIND[document.kind],
        paper=paper_of(document, found),
        payments=related.payments_of(document.id),
        disputes=queries.disputes_of(document.id),
        owed=document.kind in OWED and document.status in statuses.OPEN_INVOICES,
        base=preferences().currency,
        form=form,
        asked=asked,
        may_answer=may_answer(document),
        has_expired=has_expired(document),
        pay_with=provider.label if provider is not None and paying.may_pay(document) else "",
        paying=_paying(document),
    )
    if provider is not None and provider.pay_hosts:  # the browser may follow the form to the pay page
        policy = content_security_policy(" ".join(("'self'", *provider.pay_hosts)))
        response.headers["Content-Security-Policy"] = policy
    return response


def _paying(document: SalesDocument) -> str:
    """How the payment stands that the customer comes back from."""
    payment = queries.get_payment(UUID(one)) if (one := request.args.get("payment", "")) and _is_id(one) else None
    if payment is None or payment.document_id != document.id:
        return ""
    return {"started": "waiting", "succeeded": "succeeded"}.get(payment.status, "failed")


def _is_id(text: str) -> bool:
    return id_of(text) is not None


@blueprint.get("/documents/<uuid:document_id>/pdf")
@visited
def pdf(customer: Customer, document_id: UUID) -> Response:
    """The file of a document."""
    found = papers.pdf_of(queries.document_for(customer, document_id))
    response = Response(read_chunks(found.stream), content_type="application/pdf")
    kind = "attachment" if request.args.get("download") else "inline"
    response.headers["Content-Disposition"] = f'{kind}; filename="{found.filename}"'
    response.headers["Content-Length"] = str(found.size)
    return response


@blueprint.post("/documents/<uuid:document_id>/dispute")
@visited
def dispute(customer: Customer, document_id: UUID) -> Response:
    """Say what is wrong with a document."""
    document = queries.document_for(customer, document_id, for_update=True)
    return save(
        Form.read(DisputeIn),
        lambda body: services.dispute(document, body.said),
        lambda _: _thanks(document, "Thank you. The company was told, and will come back to you."),
        lambda form: _document(document, form, "dispute"),
    )


@blueprint.post("/documents/<uuid:document_id>/promise")
@visited
def promise(customer: Customer, document_id: UUID) -> Response:
    """Say when a document is paid."""
    document = queries.document_for(customer, document_id, for_update=True)
    return save(
        Form.read(PromiseIn),
        lambda body: services.promise(document, body.day),
        lambda _: _thanks(document, "Thank you. The company was told when you pay."),
        lambda form: _document(document, form, "promise"),
    )


@blueprint.post("/documents/<uuid:document_id>/accept")
@visited
def accept(customer: Customer, document_id: UUID) -> Response:
    """Accept a quote."""
    document = queries.document_for(customer, document_id, for_update=True)
    return save(
        Form.read(AcceptQuoteIn),
        lambda body: answer_on_page(document, accepted=True, name=body.name),
        lambda _: _thanks(document, "Thank you. The quote is accepted, and the company was told."),
        lambda form: _document(document, form, "accept"),
    )


@blueprint.post("/documents/<uuid:document_id>/decline")
@visited
def decline(customer: Customer, document_id: UUID) -> Response:
    """Decline a quote, and say why."""
    document = queries.document_for(customer, document_id, for_update=True)
    return save(
        Form.read(DeclineQuoteIn),
        lambda body: answer_on_page(document, accepted=False, name=body.name, reason=body.reason),
        lambda _: _thanks(document, "Thank you for your answer. The company was told."),
        lambda form: _document(document, form, "decline"),
    )


def _thanks(document: SalesDocument, message: str) -> Response:
    toast(message)
    return redirect_to(here_url("show", document_id=document.id))


@blueprint.post("/documents/<uuid:document_id>/pay")
@visited
def pay(customer: Customer, document_id: UUID) -> Response:
    """Go to the pay page of the provider."""
    document = queries.document_for(customer, document_id)
    back = here_url("show", document_id=document_id)
    try:
        payment = paying.begin(document)
    except DomainError as refusal:
        toast(refusal.detail, "danger")
        return redirect_to(back)
    db.session.commit()  # the provider is asked outside any transaction, and tells of a payment that is there
    answer = tenant_link(get_current().subdomain, here_url("show", document_id=document_id, payment=payment.id))
    try:
        return redirect_to(paying.start(payment, document, customer.email, answer))
    except DomainError as refusal:
        paying.give_up(payment)
        toast(refusal.detail, "danger")
        return redirect_to(back)


@blueprint.get("/statement")
@visited
def statement(customer: Customer) -> Response:
    """The account, day by day."""
    form = Form.read(CustomerStatementQuery, request.args)
    query = form.data or CustomerStatementQuery()
    try:
        if form.ok and query.format != "json":
            return standing_views.export_statement(customer, query, query.format)
        found = standing_views.statement(customer, query)
    except (DomainError, ValidationError) as refusal:
        if isinstance(refusal, DomainError):
            form.refuse(refusal)
        found = standing_views.statement(customer, CustomerStatementQuery())
    if form.ok:
        form.values = Form({"from": found["date_from"], "to": found["date_to"]}).values
    return page("portal/statement.html", customer=customer, found=found, form=form, status=form.status)


@blueprint.get("/logo")
@visited
def logo(_customer: Customer) -> Response:
    """The company's logo."""
    look = branding()
    content = look.read_logo()
    if content is None:
        raise services.PortalLinkInvalid("This company has no logo.")
    return Response(content, content_type=look.logo_type or "image/png")
