"""What a customer answers to a quote on their own page."""

from __future__ import annotations

from tracktok.core import context
from tracktok.core.db import db
from tracktok.core.errors import Conflict, Invalid
from tracktok.core.ids import new_id
from tracktok.invoices.models import DocumentKind, QuoteAnswer, SalesDocument
from tracktok.invoices.queries import answers as queries
from tracktok.invoices.rules import statuses
from tracktok.web.filters import format_day, format_money

from .deriving import today
from .portal import ANSWERED, tell
from .quoting import answer_quote


class AlreadyAnswered(Conflict):
    code, title = "already_answered", "This quote was answered already"


class QuoteExpired(Conflict):
    code, title = "quote_expired", "This quote has expired"


def may_answer(document: SalesDocument) -> bool:
    """Whether a quote waits for its customer."""
    return document.kind == DocumentKind.quote and document.status == statuses.SENT


def has_expired(document: SalesDocument) -> bool:
    """Whether the last day on which a quote may be accepted has passed."""
    return document.valid_until is not None and document.valid_until < today()


def answer_on_page(document: SalesDocument, *, accepted: bool, name: str, reason: str = "") -> QuoteAnswer:
    """A customer accepts or declines a quote, locked by the caller. Those who send documents are told.

    Raises Invalid at `name` or `reason`, AlreadyAnswered or QuoteExpired (409).
    """
    if not name.strip():
        raise Invalid.at("name", "Write your name.")
    if not accepted and not reason.strip():
        raise Invalid.at("reason", "Say why, in a word or two.")
    if not may_answer(document):
        before = queries.latest_answer(document.id)
        said = {statuses.ACCEPTED: "accepted", statuses.INVOICED: "accepted", statuses.DECLINED: "declined"}
        stands = said.get(document.status, document.status)
        who = f" by {before.name} on {format_day(before.answered_at)}" if before else ""
        raise AlreadyAnswered(f"{document.number} was {stands}{who}.")
    if accepted and has_expired(document):
        raise QuoteExpired(f"{document.number} was valid until {format_day(document.valid_until)}. Ask for a new one.")
    quote = answer_quote(document.id, accepted=accepted, reason="" if accepted else reason.strip())
    info = context.request_info()
    made = QuoteAnswer(
        id=new_id(), document_id=quote.id, customer_id=quote.customer_id, accepted=accepted, name=name.strip(),
        reason=reason.strip(), total=quote.total, currency=quote.currency,
        address=info.address, user_agent=info.user_agent,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    money = format_money(quote.total, quote.currency)
    done = f"{made.name} {'accepts' if accepted else 'declines'} it over {money}."
    title = f"{quote.number} is {'accepted' if accepted else 'declined'}"
    tell(quote, ANSWERED, title, f"{done} {made.reason}".strip(), f"quote:{made.id}")
    return made
