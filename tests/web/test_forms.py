"""Forms: read by the same class as the JSON, kept as typed, errors at their fields."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, field_validator
from werkzeug.datastructures import MultiDict

from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.web.forms import Form


class Method(StrEnum):
    cash = "cash"
    upi = "upi"


class SpendIn(BaseModel):
    title: str = Field(min_length=3, max_length=20)
    amount: Annotated[Decimal, Field(gt=0, decimal_places=2)]
    tax: Decimal | None = None
    spent_on: date
    method: Method = Method.cash
    kind: Literal["own", "company"] = "own"
    category_id: UUID | None = Field(None, title="Spending category")
    tags: list[str] = []
    billable: bool = False

    @field_validator("title")
    @classmethod
    def not_shouting(cls, title: str) -> str:
        if title.isupper():
            raise ValueError("Write the title in small letters.")
        return title


GOOD = {"title": "Diesel", "amount": "1,234.50", "spent_on": "05/11/2026"}


def read(**fields) -> Form[SpendIn]:
    pairs = [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]
    return Form.read(SpendIn, MultiDict(pairs))


def test_a_good_form_becomes_data():
    form = read(**GOOD, tags=["fleet", " ", "night"], billable="true", method="upi", tax="", category_id="")
    assert form.ok
    assert form.data == SpendIn(
        title="Diesel",
        amount=Decimal("1234.50"),
        spent_on=date(2026, 11, 5),
        tags=["fleet", "night"],
        billable=True,
        method=Method.upi,
    )


def test_a_box_that_is_not_ticked_is_false():
    assert read(**GOOD).data.billable is False


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "", "Fill this in."),
        ("title", "ab", "Write at least 3 characters."),
        ("title", "x" * 21, "Write at most 20 characters."),
        ("title", "DIESEL", "Write the title in small letters."),
        ("amount", "much", "Write a number such as 1,234.50."),
        ("amount", "-5", "This must be more than 0."),
        ("amount", "1.234", "Write at most 2 decimal places."),
        ("spent_on", "31/02/2026", "Write a date such as "),
        ("method", "shells", "Choose one from the list."),
        ("kind", "none", "Choose one from the list."),
        ("category_id", "7", "Choose one from the list."),
    ],
)
def test_an_error_stands_at_its_field_in_words(field, value, said):
    form = read(**{**GOOD, field: value})
    assert form.data is None
    assert form.status == 422
    assert form.error(field).startswith(said)
    assert list(form.errors) == [field]
    assert form.text(field) == value, "what was typed is kept"


def test_a_services_refusal_goes_to_the_fields_that_it_names():
    form = read(**GOOD)
    form.refuse(Invalid("Two fields", errors=[FieldError("/amount", "over", "More than the budget.")]))
    assert form.error("amount") == "More than the budget."
    assert form.general == []
    form.refuse(Conflict("The month is closed."))
    assert form.general == ["The month is closed."]
    assert form.status == 409


def test_labels_in_the_summary():
    form = read(**GOOD)
    assert form.label("category_id") == "Spending category"
    assert form.label("project_id") == "Project"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1250.5000"), "1,250.50"),
        (Decimal(1250), "1,250"),
        (Decimal("-1.234"), "-1.234"),
        (date(2026, 11, 5), "05/11/2026"),
        (Method.upi, "upi"),
        (None, ""),
        (True, "true"),
        (False, ""),
    ],
)
def test_values_are_shown_as_a_person_would_type_them(value, text):
    assert Form({"field": value}).text("field") == text


def test_what_a_form_shows_it_can_read_again():
    first = read(**{**GOOD, "amount": "12,34,567.8", "tags": ["a", "b"], "billable": "true"})
    again = Form(first.data.model_dump())
    assert Form.read(SpendIn, again.values).data == first.data
