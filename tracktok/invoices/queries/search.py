"""Text search: documents and receipts by the beginnings of the words of their number and reference, or by customer.

As with expenses the ids are looked up by a function that runs as a role of its own, for an index (see
docs/decisions/0010-text-search-runs-as-a-role-of-its-own.md). A running number is found without its noughts too: "42"
finds INV-26-IND-00042.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, bindparam, func, literal_column, or_, select, text

from tracktok.core.db import db
from tracktok.core.words import MOST_FOUND, pattern_of, words_of
from tracktok.customers.models import Customer
from tracktok.invoices.models import Receipt, SalesDocument

_WORDS = bindparam("words", type_=ARRAY(Text()))
FIND = {
    SalesDocument: text("SELECT search_sales_documents(:words, :most)").bindparams(_WORDS),
    Receipt: text("SELECT search_customer_receipts(:words, :most)").bindparams(_WORDS),
}
_FOUND_CUSTOMERS = (
    select(Customer.id).where(Customer.name.ilike(bindparam("pattern", type_=Text()), escape="\\")).limit(500)
)


def search(model: Any, asked: str) -> tuple[str, dict[str, Any]]:
    """(name of the condition, its parameters) of a search: `found` by ids, or `words_2` where two words are common."""
    plain = asked.replace("\x00", "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values: dict[str, Any] = {
        "found_customers": list(db.session.execute(_FOUND_CUSTOMERS, {"pattern": f"%{plain}%"}).scalars())
    }
    words = words_of(asked)
    ids = db.session.execute(FIND[model], {"words": words, "most": MOST_FOUND + 1}).scalar_one() if words else []
    if len(ids) <= MOST_FOUND:
        return "found", {**values, "found": ids}
    values.update({f"word_{number}": pattern_of(word) for number, word in enumerate(words)})
    return f"words_{len(words)}", values


def condition(model: Any, name: str) -> ColumnElement[bool]:
    """The condition of a name that `search` gave."""
    of_customers = model.customer_id == bindparam("found_customers", type_=ARRAY(Uuid())).any_()
    if name == "found":
        return or_(model.id == bindparam("found", type_=ARRAY(Uuid())).any_(), of_customers)
    blank: Any = literal_column("' '")
    haystack = func.lower(blank + func.coalesce(model.number, "") + blank + model.reference)
    has = haystack.regexp_match(bindparam("word_0", type_=Text()))
    for number in range(1, int(name.removeprefix("words_"))):
        has = has & haystack.regexp_match(bindparam(f"word_{number}", type_=Text()))
    return or_(has, of_customers)


def is_search(name: str) -> bool:
    """Whether a condition is one of a search."""
    return name == "found" or name.startswith("words_")
