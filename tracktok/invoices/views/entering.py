"""The form of a document: from what was typed to a body, from a document to what the form shows.

Fields of a line are named `lines-<key>-<field>`; a key names a line while the form is open and says nothing of its
place: the order of the fields in what is sent does. Lines in which nothing was entered are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict

from tracktok.core.context import preferences
from tracktok.invoices.models import SalesDocument, SalesLine
from tracktok.invoices.schemas.documents import DocumentIn, TransportIn
from tracktok.invoices.schemas.lines import LineIn, SourcedLine
from tracktok.invoices.services.drafts import values_of
from tracktok.invoices.services.filling import line_in, plain
from tracktok.web.filters import figures, format_number
from tracktok.web.forms import Form
from tracktok.web.inputs import plain_decimal

from .blueprint import Section

LINE_FIELDS = {
    "id": "line",
    "service_type_id": "service",
    "description": "description",
    "hsn_sac": "HSN or SAC",
    "quantity": "quantity",
    "unit": "unit",
    "unit_price": "price",
    "discount": "discount",
    "tax": "tax",
}
TRANSPORT_FIELDS = tuple(TransportIn.model_fields)
_ENTERED = ("service_type_id", "description", "hsn_sac", "unit_price", "discount")
_KEY = re.compile(r"lines-([0-9a-z]+)-")
_AT = re.compile(r"lines-(\d+)-(\w+)")
_AT_FIELD = {
    "discount_percent": "discount", "discount_amount": "discount", "tax_rate": "tax", "tax_rate_id": "tax",
    "cess_rate": "tax", "cess_per_unit": "tax", "expense_id": "description", "source_id": "description",
    "pure_agent": "description", "book_account_id": "description", "supply_kind": "description",
}  # fmt: skip
_HEAD_FIELD = {
    "discount_percent": "discount", "discount_amount": "discount", "supplier_state": "company_id",
    "gst_category": "customer_id", "gstin": "customer_id", "buyer_state": "customer_id", "buyer_country": "customer_id",
    "invoice_date": "invoice_date",
}  # fmt: skip
_BY_HAND = "p:"
_KEPT = ("supply_kind", "book_account_id", "cess_rate", "cess_per_unit", "pure_agent", "expense_id")
FIRST_LINES = ("0",)
Values = MultiDict[str, str]


def keys_of(values: Mapping[str, Any]) -> list[str]:
    """The keys of the lines, in the order in which they were sent."""
    return list(dict.fromkeys(found[1] for name in values if (found := _KEY.match(name))))


def is_blank(values: Values, key: str) -> bool:
    """Whether nothing was entered in a line: a quantity alone bills nothing."""
    return not any(values.get(f"lines-{key}-{name}", "").strip() for name in _ENTERED)


def filled_keys(values: Values) -> list[str]:
    """The keys of the lines in which something was entered."""
    return [key for key in keys_of(values) if not is_blank(values, key)]


def read(
    section: Section, source: Values, old: SalesDocument | None = None, lines: Sequence[SalesLine] = ()
) -> Form[Any]:
    """What was sent, as a body of the section's schema; `old` with its `lines` is the draft that it changes."""
    assert section.schema is not None  # noqa: S101 - notes are read by `notes`
    values: Values = MultiDict(source)
    stored = {str(line.id): line for line in lines}
    keys = filled_keys(values)
    transport = {name: values.get(f"transport-{name}", "").strip() for name in TRANSPORT_FIELDS}
    given: dict[str, Any] = {
        **read_discount(values.get("discount", "")),
        "lines": [_read_line(values, key, stored) for key in keys],
        "transport": transport if any(transport.values()) else None,
        "custom_fields": old.custom_fields if old else {},
    }
    form: Form[Any] = Form.read(section.schema, values, **given)
    if form.data is not None:
        form.data.lines = [_sourced(line, values, key, stored) for line, key in zip(form.data.lines, keys, strict=True)]
    return form


def _read_line(values: Values, key: str, stored: Mapping[str, SalesLine]) -> dict[str, Any]:
    text = {name: values.get(f"lines-{key}-{name}", "").strip() for name in LINE_FIELDS}
    found: dict[str, Any] = {"description": text["description"], **read_discount(text["discount"])}
    kept = _kept(text, stored)
    found |= {name: value for name, value in kept.items() if value is not None}
    for name in ("service_type_id", "hsn_sac", "unit"):
        if text[name]:
            found[name] = text[name]
    for name in ("quantity", "unit_price"):
        if text[name]:
            found[name] = _number(text[name])
    if text["tax"].startswith(_BY_HAND):
        found["tax_rate"] = text["tax"].removeprefix(_BY_HAND)
    elif text["tax"]:
        found["tax_rate_id"] = text["tax"]
    return found


def _kept(text: Mapping[str, str], stored: Mapping[str, SalesLine]) -> dict[str, Any]:
    """What the form does not show of a stored line, as long as the line is of the same service."""
    line = stored.get(text["id"])
    if line is None or str(line.service_type_id or "") != text["service_type_id"]:
        return {}
    said = line_in(line)
    kept = {name: getattr(said, name) for name in _KEPT}
    if text["tax"] != f"{_BY_HAND}{plain(line.tax_rate)}":  # a cess by hand goes with its tax
        kept |= {"cess_rate": None, "cess_per_unit": None}
    return kept


def _sourced(line: LineIn, values: Values, key: str, stored: Mapping[str, SalesLine]) -> LineIn:
    """A line that bills something of another area goes on doing so."""
    old = stored.get(values.get(f"lines-{key}-id", ""))
    if old is None or not isinstance(said := line_in(old), SourcedLine):
        return line
    return SourcedLine.model_validate({**dict(line), "source": said.source, "source_id": said.source_id})


def read_discount(text: str) -> dict[str, str]:
    """A discount as people write it: "10 %", "50", or "10 % + 50"."""
    found = {}
    for part in filter(None, (one.strip() for one in text.split("+"))):
        if part.endswith("%"):
            found["discount_percent"] = _number(part.removesuffix("%"))
        else:
            found["discount_amount"] = _number(part)
    return found


def write_discount(percent: Decimal, amount: Decimal) -> str:
    """The same in the form."""
    parts = [f"{_text(plain(percent))} %"] if percent else []
    return " + ".join([*parts, *([_text(plain(amount))] if amount else [])])


def _number(text: str) -> str:
    return plain_decimal(text, figures(preferences().locale).decimal) or text


def _text(value: Any) -> str:
    """A value as a person would type it."""
    return Form({"x": value}).text("x")


def form_of(document: SalesDocument, lines: Sequence[SalesLine], *, section: Section) -> Form[Any]:
    """The form of a document: what was entered by hand; what follows something else stays empty."""
    entered = values_of(document, lines)
    given: dict[str, Any] = {name: value for name, value in entered.items() if name not in {"lines", "transport"}}
    percent, amount = given.pop("discount_percent"), given.pop("discount_amount")
    given["discount"] = write_discount(percent, amount)
    given.pop("custom_fields", None)
    for name, value in (document.transport or {}).items():
        given[f"transport-{name}"] = value
    for at, (line, said) in enumerate(zip(lines, entered["lines"], strict=True)):
        given |= {f"lines-{at}-{name}": value for name, value in _line_values(line, said).items()}
    form: Form[Any] = Form(given)
    if section.kind.value != document.kind:  # a quote as an invoice: its day is its own
        form.values.poplist(section.day_field)
    return form


def _line_values(line: SalesLine, said: LineIn) -> dict[str, Any]:
    tax = str(said.tax_rate_id or "") or f"{_BY_HAND}{plain(line.tax_rate)}"
    return {
        "id": line.id,
        "service_type_id": said.service_type_id,
        "description": said.description,
        "hsn_sac": said.hsn_sac,
        "quantity": format_number(said.quantity).replace("\N{MINUS SIGN}", "-"),
        "unit": said.unit,
        "unit_price": said.unit_price,
        "discount": write_discount(said.discount_percent, said.discount_amount),
        "tax": tax,
    }


def first_line(key: str = "0") -> dict[str, str]:
    """An empty line."""
    return {f"lines-{key}-{name}": "1" if name == "quantity" else "" for name in LINE_FIELDS}


def place_errors(form: Form[Any], keys: Sequence[str]) -> None:
    """Put errors of lines at the fields of their rows; `keys` are those of the lines that were read.

    Call it once, when the form is shown.
    """
    found, form.errors = form.errors, {}
    numbers = {key: at for at, key in enumerate(keys_of(form.values), 1)}
    for name, sentences in found.items():
        if (at := _AT.match(name)) and int(at[1]) < len(keys):
            key, field = keys[int(at[1])], _AT_FIELD.get(at[2], at[2])
            field = field if field in LINE_FIELDS else "description"
            name = f"lines-{key}-{field}"  # noqa: PLW2901 - its name in the form
            form.labels[name] = f"Line {numbers[key]}, {LINE_FIELDS[field]}"
        else:
            name = _HEAD_FIELD.get(name, name)  # noqa: PLW2901
        form.errors.setdefault(name, []).extend(sentences)
    if "lines" in form.errors and not keys:
        form.errors["lines"] = ["Say what is billed, and its price."]
    if form.errors.get("customer_id") == ["Fill this in."]:
        form.errors["customer_id"] = ["Choose a customer."]
    form.labels |= {"date": "Date", "invoice_date": "Date", "transport-origin_state": "State of origin"}


def change_lines(values: Values, do: str) -> Values:
    """The form with a line added, copied, moved or taken away: `add`, `copy:3`, `up:3`, `down:3`, `remove:3`."""
    action, _, key = do.partition(":")
    keys = keys_of(values)
    rows = {one: {name: values.get(f"lines-{one}-{name}", "") for name in LINE_FIELDS} for one in keys}
    at = keys.index(key) if key in keys else len(keys)
    new = str(max((int(one) for one in keys if one.isdigit()), default=-1) + 1)
    if action == "add":
        keys.append(new)
        rows[new] = {name: "1" if name == "quantity" else "" for name in LINE_FIELDS}
    elif action == "copy" and key in rows:
        keys.insert(at + 1, new)
        rows[new] = {**rows[key], "id": ""}
    elif action == "remove" and key in rows:
        keys.remove(key)
    elif action in {"up", "down"} and key in rows:
        to = max(0, at - 1) if action == "up" else at + 1
        keys.insert(to, keys.pop(at))
    if not keys:
        keys, rows = [new], {new: {name: "1" if name == "quantity" else "" for name in LINE_FIELDS}}
    out: Values = MultiDict()
    for name, given in values.lists():
        if not _KEY.match(name) and name not in {"do", "csrf_token"}:
            out.setlist(name, given)
    for one in keys:
        for name, text in rows[one].items():
            out.setlist(f"lines-{one}-{name}", [text])
    return out


def without_lines(values: Values, keys: Iterable[str]) -> Values:
    """The form without some of its lines."""
    gone = tuple(f"lines-{key}-" for key in keys)
    return MultiDict([(name, text) for name, text in values.items(multi=True) if not (gone and name.startswith(gone))])


def uuid_of(text: str) -> UUID | None:
    """An id from a field; None for an empty or a wrong one."""
    try:
        return UUID(text)
    except ValueError:
        return None


__all__ = ["DocumentIn", "change_lines", "filled_keys", "form_of", "keys_of", "place_errors", "read", "without_lines"]
