"""Rows of a file to staged customers: checked as the form checks them."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from pydantic import ValidationError

from tracktok.customers.queries import groups
from tracktok.customers.queries.companies import find_default_company
from tracktok.customers.rules import imports as rules
from tracktok.customers.rules.parties import Party, settle_customer
from tracktok.customers.rules.states import INDIA
from tracktok.customers.schemas.customers import CustomerIn
from tracktok.imports.rules.cells import Bad
from tracktok.imports.rules.columns import Kind
from tracktok.imports.rules.plan import Plan
from tracktok.imports.services.building import Reasons, RowBuilder
from tracktok.imports.services.kinds import CREATE, EMPTY, REJECT
from tracktok.web.forms import sentence_of

_TEXTS: Final = (
    "name", "code", "email", "phone", "gst_category", "gstin", "pan", "tax_id", "address_line1", "address_line2",
    "city", "postal_code", "state_code", "country", "currency", "website", "notes", "client_type", "account_manager",
    "contact",
)  # fmt: skip
COLUMNS: Final = (*_TEXTS, "payment_terms_days", "credit_limit")
STAGED: Final = ", ".join(
    [*(f"{name} text NOT NULL" for name in _TEXTS), "payment_terms_days int", "credit_limit numeric"]
)
_CHECKED: Final = (
    "name", "code", "email", "phone", "gstin", "pan", "tax_id", "address_line1", "address_line2", "city", "postal_code",
    "website", "notes", "currency", "credit_limit",
)  # fmt: skip
_FIELD_OF: Final = {"state_code": "state", "payment_terms_days": "payment_terms"}
NOUNS: Final = {"client_type": "client type", "account_manager": "account manager"}


class CustomerBuilder(RowBuilder):
    """Rows to staged customers."""

    kind: ClassVar[Kind] = rules.CUSTOMERS
    columns: ClassVar[tuple[str, ...]] = COLUMNS

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        company = find_default_company()
        self.home = company.country if company is not None else INDIA
        rows = {"client_type": groups.client_type_choices(), "account_manager": groups.manager_choices()}
        self.known: dict[str, dict[str, str]] = {
            name: {row.name.lower(): row.name for row in found} for name, found in rows.items()
        }
        self.by_id: dict[str, dict[str, str]] = {
            name: {str(row.id): row.name for row in found} for name, found in rows.items()
        }

    def key(self, values: Any) -> Any:
        """The name, however it is spelt."""
        return values["name"].lower()

    def row(self, values: dict[str, Any]) -> dict[str, Any] | Reasons:
        """The customer of a row, made whole; or all that is wrong with it."""
        read: dict[str, Any] = {
            "country": rules.read_country(values["country"]),
            "gst_category": rules.read_category(values["gst_category"]),
            "payment_terms": rules.read_terms(values["payment_terms"]),
            **{name: self._reference(name, values[name]) for name in NOUNS},
        }
        abroad = bool(read["country"]) and not isinstance(read["country"], Bad) and read["country"] != INDIA
        state = "" if abroad else rules.read_state(values["state"])
        read["state"] = state
        bad: Reasons = [(name, value) for name, value in read.items() if isinstance(value, Bad)]
        said = {name: values[name] for name in _CHECKED if values[name] not in {None, ""}}
        try:
            checked = CustomerIn.model_validate({"name": "", **said})
        except ValidationError as refused:
            bad += [
                (str(error["loc"][0]), Bad(sentence_of(error)))
                for error in refused.errors(include_url=False)
                if error["loc"]
            ]
        if bad:
            return bad
        looked = settle_customer(
            Party(read["gst_category"], checked.gstin, checked.pan, state, read["country"], checked.postal_code),
            self.home,
        )
        if looked.problems:
            return [(_FIELD_OF.get(name, name), Bad(text)) for name, text in looked.problems]
        party = looked.party
        second = checked.address_line2
        if abroad and values["state"] and values["state"].lower() not in second.lower():
            second = ", ".join(part for part in (second, values["state"]) if part)[:200]
        return {
            **{name: getattr(checked, name) for name in _CHECKED},
            "address_line2": second,
            "currency": checked.currency or self.currency,
            "gst_category": party.gst_category,
            "gstin": party.gstin,
            "pan": party.pan,
            "state_code": party.state_code,
            "country": party.country,
            "payment_terms_days": read["payment_terms"],
            "client_type": read["client_type"],
            "account_manager": read["account_manager"],
            "contact": values["contact"],
        }

    def _reference(self, name: str, text: str) -> str | Bad:
        """The name of a client type or a manager, as it is or will be written; "" for none."""
        if not text:
            return ""
        chosen = self.options.get("names", {}).get(name, {}).get(text)
        if chosen is not None and str(chosen) in self.by_id[name]:
            return self.by_id[name][str(chosen)]
        if known := self.known[name].get(text.lower()):
            return known
        unknown = self.options.get("unknown", {}).get(name, CREATE)
        if unknown == EMPTY:
            return ""
        if unknown == REJECT:
            return Bad(f"There is no {NOUNS[name]} “{text[:60]}”.")
        made = self.made.setdefault(name, {})
        return str(made.setdefault(text.lower(), {"name": text, "path": text})["name"])
