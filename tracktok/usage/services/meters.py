"""What changes about meters."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.queries import get_service_type
from tracktok.usage.models import Meter
from tracktok.usage.queries import meters as queries
from tracktok.usage.queries.prices import all_fit
from tracktok.usage.rules.metering import SEEDS
from tracktok.usage.schemas.meters import MeterIn, MeterPatch


class CodeTaken(Conflict):
    code, title = "code_taken", "There is a meter of this code"

    def __init__(self, code: str) -> None:
        text = f"There is a meter “{code}” already; choose another code."
        super().__init__(text, errors=[FieldError("/code", CodeTaken.code, text)])


class MeterUsed(Conflict):
    code, title = "meter_used", "Usage is recorded on this meter"


def seed_meters() -> None:
    """Make the meters that every company has from the start, where they are missing."""
    tenant_id = current_tenant_id()
    rows = [
        {"tenant_id": tenant_id, "id": new_id(), "code": seed.code, "name": seed.name, "unit": seed.unit,
         "aggregation": seed.aggregation.value}
        for seed in SEEDS
    ]  # fmt: skip
    db.session.execute(insert(Meter).values(rows).on_conflict_do_nothing())


def create_meter(body: MeterIn) -> Meter:
    """Make a meter. Raises CodeTaken (409), Invalid at service_type_id."""
    if queries.is_code_taken(body.code):
        raise CodeTaken(body.code)
    _check_service(body.service_type_id)
    meter = Meter(**body.model_dump())
    db.session.add(meter)
    db.session.flush()
    return meter


def change_meter(meter: Meter, body: MeterIn) -> Meter:
    """Change a meter as a whole. What decides how events count stays once there are some: raises MeterUsed (409)."""
    values = body.model_dump()
    fixed = [name for name in ("code", "aggregation", "unique_property") if getattr(meter, name) != values[name]]
    if fixed and queries.has_events(meter.id):
        text = "Usage is recorded on this meter, so its code and how it is added up stay. Make another meter."
        raise MeterUsed(text, errors=[FieldError(f"/{fixed[0]}", MeterUsed.code, text)])
    if "aggregation" in fixed and not all_fit(meter.id, body.aggregation):
        raise Invalid.at("aggregation", "A price of this meter looks at each event, which only a sum is made of.")
    if body.code != meter.code and queries.is_code_taken(body.code):
        raise CodeTaken(body.code)
    _check_service(body.service_type_id)
    for name, value in values.items():
        setattr(meter, name, value)
    db.session.flush()
    return meter


def patch_meter(meter: Meter, body: MeterPatch) -> Meter:
    """Change what is named of a meter."""
    for name in body.model_fields_set:
        value = getattr(body, name)
        if name == "service_type_id":
            _check_service(value)
        elif value is None:
            continue
        setattr(meter, name, value)
    db.session.flush()
    return meter


def _check_service(service_type_id: UUID | None) -> None:
    if service_type_id is None:
        return
    try:
        get_service_type(service_type_id)
    except NotFound as error:
        raise Invalid.at("service_type_id", "There is no such service type.", "not_found") from error
