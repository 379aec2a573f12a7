"""All tables, for migrations and for tests that look at every one of them."""

from tracktok.audit import models as audit
from tracktok.auth import models as auth
from tracktok.budgets import models as budgets
from tracktok.core import tables as core
from tracktok.customers import models as customers
from tracktok.documents import models as documents
from tracktok.expenses import models as expenses
from tracktok.imports import models as imports
from tracktok.invoices import models as invoices
from tracktok.ledger import models as ledger
from tracktok.notifications import models as notifications
from tracktok.reports import models as reports
from tracktok.tenants import models as tenants
from tracktok.trips import models as trips
from tracktok.usage import models as usage

__all__ = [
    "audit",
    "auth",
    "budgets",
    "core",
    "customers",
    "documents",
    "expenses",
    "imports",
    "invoices",
    "ledger",
    "notifications",
    "reports",
    "tenants",
    "trips",
    "usage",
]
