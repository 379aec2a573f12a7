"""Many rows by one statement: to the last digit, in the tenant that is entered and in no other."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.factories.invoices import make_invoice
from tests.factories.tenants import Company
from tracktok.core.db import db
from tracktok.core.ids import new_id
from tracktok.core.inserting import Inserting
from tracktok.core.tenancy import NoTenant
from tracktok.invoices.models import SalesLine

NAMES = ("id", "document_id", "position", "description", "quantity", "unit_price", "tax_components", "gross_amount",
         "taxable_amount", "total")  # fmt: skip
LINES = Inserting(SalesLine, NAMES)


def line(document_id, position: int = 2, **over):
    none = Decimal(0)
    values = {"id": new_id(), "document_id": document_id, "position": position, "description": 'a "b" \\ \n ½',
              "quantity": Decimal("0.0001"), "unit_price": Decimal("123456789012.123456789012"),
              "tax_components": [{"code": "cgst", "amount": "0.10"}], "gross_amount": none, "taxable_amount": none,
              "total": none}  # fmt: skip
    return {**values, **over}


def test_rows_are_kept_to_the_last_digit_with_the_defaults_of_the_database(company: Company):
    with company.owner.acting():
        draft = make_invoice()
        wanted = [line(draft.id, 2), line(draft.id, 3, description="")]
        LINES.run(wanted)
        LINES.run([])
        found = db.session.execute(select(SalesLine).where(SalesLine.position > 1).order_by(SalesLine.position))
        rows = list(found.scalars())
        assert [{name: getattr(row, name) for name in NAMES} for row in rows] == wanted
        assert {(row.tenant_id, row.supply_kind, row.holds_source) for row in rows} == {(company.id, "other", False)}


def test_no_other_tenants_document_gets_a_line(company: Company, other_company: Company, app):
    with other_company.owner.acting():
        theirs = make_invoice().id
        db.session.commit()
    with company.owner.acting(), pytest.raises(IntegrityError), db.session.begin_nested():
        LINES.run([line(theirs)])
    with app.app_context(), pytest.raises(NoTenant):
        LINES.run([line(theirs)])
