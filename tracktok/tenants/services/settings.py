"""A company's own settings."""

from __future__ import annotations

from typing import Any

from tracktok.core import context
from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.tenants import queries
from tracktok.tenants.models import Tenant
from tracktok.tenants.rules import tax_id_problem
from tracktok.tenants.signals import currency_changing, settings_changed

from .limits import require_feature


class CurrencyFixed(Conflict):
    """Amounts stand in the company's currency; `held` says what, and receivers of `currency_changing` raise it."""

    code, title = "currency_fixed", "The currency cannot be changed any more"

    def __init__(self, held: str, before: str, wanted: str) -> None:
        text = f"{held} in {before}, and stay in it. For {wanted}, sign up another company."
        super().__init__(text, errors=[FieldError("/currency", self.code, text)])


def update_settings(changes: dict[str, Any]) -> Tenant:
    """Change settings of the current tenant (names of Tenant's columns; those left out stay).

    What people see follows at once. Raises Conflict for another currency once there are postings, NotInPlan for an
    accent colour on a plan without branding, Invalid for a tax id that is none.
    """
    tenant = queries.get_current(for_update=True)
    changed = {name: getattr(tenant, name) for name, value in changes.items() if getattr(tenant, name) != value}
    if "currency" in changed:
        currency_changing.send(tenant, currency=changes["currency"])
    if "tax_id" in changed or "country" in changed:
        tax_id, country = (changes.get(name, getattr(tenant, name)) for name in ("tax_id", "country"))
        if problem := tax_id_problem(tax_id, country):
            raise Invalid.at("tax_id", problem)
    if "accent_color" in changed and changes["accent_color"]:
        require_feature("custom_branding")
    for name in changed:
        setattr(tenant, name, changes[name])
    db.session.flush()
    scope = context.scope()
    if scope is not None:
        scope.preferences = None
    if changed:
        settings_changed.send(tenant, changed=changed)
    return tenant
