"""What spending does on facts of others."""

from __future__ import annotations

from typing import Any

from tracktok.imports.services import register
from tracktok.ledger.models import Dimension
from tracktok.ledger.queries import provide_names
from tracktok.ledger.signals import books_opened
from tracktok.tenants.models import Tenant
from tracktok.tenants.services import CurrencyFixed, count_usage
from tracktok.tenants.signals import currency_changing, settings_changed

from .models import Account, Category, Project
from .queries.accounts import count_accounts
from .queries.expenses import any_expense, count_expenses
from .queries.names import names_of
from .queries.projects import count_projects
from .services.defaults import make_defaults, redenominate
from .services.imports import EXPENSE_HANDLER, PROJECT_HANDLER

count_usage("projects", count_projects)
count_usage("accounts", count_accounts)
count_usage("expenses", count_expenses)
provide_names(Dimension.category, names_of(Category))
provide_names(Dimension.project, names_of(Project))
provide_names(Dimension.account, names_of(Account))
register(EXPENSE_HANDLER)
register(PROJECT_HANDLER)


@books_opened.connect
def make_defaults_of_tenant(tenant: Tenant, **_: Any) -> None:
    """A new company finds categories and accounts."""
    make_defaults(tenant.currency, tenant.timezone)


@currency_changing.connect
def keep_currency_of_expenses(tenant: Tenant, *, currency: str, **_: Any) -> None:
    """Refuse another currency while there is an expense, also a draft or one in the bin: it was converted already."""
    if any_expense():
        raise CurrencyFixed("Expenses are kept", tenant.currency, currency)


@settings_changed.connect
def follow_currency(tenant: Tenant, *, changed: dict[str, Any], **_: Any) -> None:
    """Accounts in the old currency, in which nothing was recorded yet, are kept in the new one."""
    if "currency" in changed:
        redenominate(changed["currency"], tenant.currency)
