"""Trips, what they come to, adjustments, statements, and a function that writes the rows of imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0026_trips"
down_revision = "0025_vendors"
branch_labels = None
depends_on = None

AMOUNT = sa.Numeric(19, 4)
KM = sa.Numeric(12, 3)
LIVE = "deleted_at IS NULL"
STANDING = "superseded_at IS NULL"


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}"))


def _ids() -> tuple[sa.Column[object], sa.Column[object]]:
    return sa.Column("tenant_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)


def _fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _number(name: str, kind: sa.types.TypeEngine[object], default: str = "0") -> sa.Column[object]:
    return sa.Column(name, kind, server_default=default, nullable=False)


def _instant(name: str, *, nullable: bool = True, now: bool = False) -> sa.Column[object]:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def _json(name: str, default: str | None = None) -> sa.Column[object]:
    kind = postgresql.JSONB(astext_type=sa.Text())
    return sa.Column(name, kind, server_default=default, nullable=False)


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def upgrade() -> None:
    _trips()
    _charges()
    _adjustments()
    _statements()
    _make_writer()


def _trips() -> None:
    op.create_table(
        "trips",
        *_ids(),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("trip_date", sa.Date(), nullable=False),
        _instant("started_at", nullable=False),
        _instant("ended_at"),
        sa.Column("timezone", sa.Text(), nullable=False),
        _text("type", "spot"),
        _text("status", "completed"),
        _text("vehicle"),
        _text("vehicle_class"),
        _text("driver"),
        sa.Column("employees", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        *(_text(name) for name in ("route", "origin", "destination", "site")),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        _number("distance_km", KM),
        sa.Column("odometer_start", KM, nullable=True),
        sa.Column("odometer_end", KM, nullable=True),
        _number("dead_km", KM),
        _number("waiting_minutes", sa.Integer()),
        _number("late_minutes", sa.Integer()),
        _number("passengers", sa.Integer(), "1"),
        sa.Column("escort", sa.Boolean(), server_default="false", nullable=False),
        _number("tolls", AMOUNT),
        _number("parking", AMOUNT),
        sa.Column("billed_amount", AMOUNT, nullable=True),
        _text("notes"),
        _json("payload", "{}"),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        _instant("deleted_at"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        _instant("created_at", nullable=False, now=True),
        _instant("updated_at", nullable=False, now=True),
        _check("trips", "type", "type IN ('pickup','drop','spot','airport')"),
        _check("trips", "status", "status IN ('planned','completed','cancelled','no_show')"),
        _check("trips", "ends_after_it_starts", "ended_at >= started_at"),
        _check("trips", "odometer", "odometer_end >= odometer_start"),
        _check(
            "trips",
            "not_negative",
            "distance_km >= 0 AND dead_km >= 0 AND waiting_minutes >= 0 AND late_minutes >= 0 AND tolls >= 0"
            " AND parking >= 0",
        ),
        _fk("trips", "vendor_id", "vendors"),
        _fk("trips", "customer_id", "customers"),
        _fk("trips", "project_id", "projects"),
        _fk("trips", "import_id", "imports"),
        _key("trips"),
    )
    op.create_index(
        "uq_trips_tenant_id_vendor_id_external_id", "trips", ["tenant_id", "vendor_id", "external_id"],
        unique=True, postgresql_where=sa.text(LIVE),
    )  # fmt: skip
    for name, columns, rows in (
        ("date", [], ""),
        ("vendor", ["vendor_id"], ""),
        ("status", ["status"], " AND status <> 'completed'"),
        ("project", ["project_id"], " AND project_id IS NOT NULL"),
        ("customer", ["customer_id"], " AND customer_id IS NOT NULL"),
    ):
        op.create_index(
            f"ix_trips_by_{name}", "trips", ["tenant_id", *columns, "trip_date", "id"],
            postgresql_where=sa.text(LIVE + rows),
        )  # fmt: skip
    # For "whose trips": an employee is one of several in a row.
    op.create_index(
        "hand_trips_employees", "trips", ["employees"], postgresql_using="gin",
        postgresql_where=sa.text(f"{LIVE} AND employees <> '{{}}'"),
    )  # fmt: skip
    walls.protect("trips")


def _charges() -> None:
    op.create_table(
        "trip_charges",
        *_ids(),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("trip_id", "vendor_id", "version_id")),
        sa.Column("trip_date", sa.Date(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        *(sa.Column(name, AMOUNT, nullable=False) for name in ("amount", "tax", "total")),
        _number("passed_on", AMOUNT),
        _json("trace"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        _instant("created_at", nullable=False, now=True),
        _instant("superseded_at"),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        _check("trip_charges", "period", "extract(day FROM period) = 1"),
        _check("trip_charges", "total", "total = amount + tax"),
        _check("trip_charges", "reason", "reason IN ('imported','entered','edited','rerated')"),
        _fk("trip_charges", "trip_id", "trips"),
        _fk("trip_charges", "vendor_id", "vendors"),
        _fk("trip_charges", "version_id", "rate_card_versions"),
        _key("trip_charges"),
    )
    op.create_index(
        "uq_trip_charges_tenant_id_trip_id", "trip_charges", ["tenant_id", "trip_id"],
        unique=True, postgresql_where=sa.text(STANDING),
    )  # fmt: skip
    op.create_index(
        "ix_trip_charges_by_period", "trip_charges", ["tenant_id", "vendor_id", "period", "trip_date", "trip_id"],
        postgresql_where=sa.text(STANDING),
    )  # fmt: skip
    op.create_index(
        "ix_trip_charges_superseded", "trip_charges", ["tenant_id", "trip_id", "created_at"],
        postgresql_where=sa.text("superseded_at IS NOT NULL"),
    )  # fmt: skip
    walls.protect("trip_charges", append_only=True)
    # A row is marked as superseded once, and changed in no other way.
    op.execute(f"GRANT UPDATE (superseded_at, superseded_by) ON trip_charges TO {walls.app_role()}")
    op.execute(
        """
        CREATE FUNCTION refuse_change_of_charges() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'DELETE' OR OLD.superseded_at IS NOT NULL OR NEW.superseded_at IS NULL
          OR to_jsonb(NEW) - 'superseded_at' - 'superseded_by' <> to_jsonb(OLD) - 'superseded_at' - 'superseded_by' THEN
            RAISE EXCEPTION 'rows of trip_charges are superseded, never changed' USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER refuse_change BEFORE UPDATE ON trip_charges
          FOR EACH ROW EXECUTE FUNCTION refuse_change_of_charges();
        """
    )


def _adjustments() -> None:
    op.create_table(
        "trip_adjustments",
        *_ids(),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=True),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("about", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        *(sa.Column(name, AMOUNT, nullable=False) for name in ("amount", "tax", "total")),
        _json("trace", "[]"),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        _instant("created_at", nullable=False, now=True),
        _check("trip_adjustments", "months", "extract(day FROM period) = 1 AND extract(day FROM about) = 1"),
        _check("trip_adjustments", "total", "total = amount + tax"),
        _check("trip_adjustments", "kind", "kind IN ('rerated','edited','deleted','credit','other')"),
        _fk("trip_adjustments", "trip_id", "trips"),
        _fk("trip_adjustments", "vendor_id", "vendors"),
        _fk("trip_adjustments", "version_id", "rate_card_versions"),
        _key("trip_adjustments"),
    )
    op.create_index(
        "ix_trip_adjustments_by_period", "trip_adjustments", ["tenant_id", "vendor_id", "period", "id"]
    )
    op.create_index(
        "ix_trip_adjustments_by_trip", "trip_adjustments", ["tenant_id", "trip_id"],
        postgresql_where=sa.text("trip_id IS NOT NULL"),
    )  # fmt: skip
    walls.protect("trip_adjustments", append_only=True)


def _statements() -> None:
    op.create_table(
        "trip_statements",
        *_ids(),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        _text("status", "draft"),
        _number("revision", sa.Integer(), "1"),
        _json("figures", "{}"),
        _text("currency"),
        _number("total", AMOUNT),
        _text("vendor_reference"),
        _instant("approved_at"),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("payable_date", sa.Date(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        _text("payment_reference"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        _instant("created_at", nullable=False, now=True),
        _instant("updated_at", nullable=False, now=True),
        _check("trip_statements", "month", "extract(day FROM month) = 1"),
        _check("trip_statements", "status", "status IN ('draft','approved','paid')"),
        _fk("trip_statements", "vendor_id", "vendors"),
        _fk("trip_statements", "account_id", "accounts"),
        _key("trip_statements"),
    )
    op.create_index(
        "uq_trip_statements_tenant_id_vendor_id_month", "trip_statements", ["tenant_id", "vendor_id", "month"],
        unique=True,
    )  # fmt: skip
    op.create_index("ix_trip_statements_by_month", "trip_statements", ["tenant_id", "month", "id"])
    walls.protect("trip_statements")


# As for expenses (0010): what all rows of a chunk name is looked up together, and the keys' own triggers rest.
_COLUMNS = (
    "vendor_id, external_id, trip_date, started_at, ended_at, timezone, type, status, vehicle, vehicle_class, driver,"
    " employees, route, origin, destination, site, customer_id, project_id, distance_km, odometer_start, odometer_end,"
    " dead_km, waiting_minutes, late_minutes, passengers, escort, tolls, parking, billed_amount, notes, payload"
)
# Instants and what was received are staged as text, and read here once.
_STAGED = _COLUMNS.replace(
    "started_at, ended_at,", "s.started_at::timestamptz, s.ended_at::timestamptz,"
).replace(" payload", " s.payload::jsonb")
_PRICED = "version_id, trip_date, period, currency, amount, tax, total, passed_on, trace"
_CHECK = """
  WITH named AS MATERIALIZED (SELECT DISTINCT {column} AS id FROM {chunk} WHERE {column} IS NOT NULL),
       held AS MATERIALIZED (SELECT r.id FROM {table} r
                              WHERE r.tenant_id = tenant AND r.id IN (SELECT n.id FROM named n) FOR KEY SHARE OF r)
  SELECT n.id INTO missing FROM named n WHERE NOT EXISTS (SELECT FROM held h WHERE h.id = n.id) LIMIT 1;
  IF FOUND THEN
    RAISE foreign_key_violation USING MESSAGE =
      format('rows of an import name a row that is not in "{table}"', missing), CONSTRAINT =
      'fk_{of}_tenant_id_{column}', DETAIL = format('{column} is %s', missing);
  END IF;
"""
_REFERENCES = (
    ("trips", "vendor_id", "vendors", "pg_temp.import_chunk"),
    ("trips", "customer_id", "customers", "pg_temp.import_chunk"),
    ("trips", "project_id", "projects", "pg_temp.import_chunk"),
    ("trip_charges", "version_id", "rate_card_versions", "pg_temp.import_charges"),
)
WRITE = f"""
CREATE FUNCTION write_trip_chunk(prefix text, charges text, import uuid, person uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  tenant uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
  chunk regclass;
  missing uuid;
  written integer;
BEGIN
  -- Plain tables of plain columns: nothing of the caller's is run with the rights of this function.
  FOREACH chunk IN ARRAY ARRAY['pg_temp.import_chunk'::regclass, 'pg_temp.import_charges'::regclass] LOOP
    IF EXISTS (SELECT FROM pg_class WHERE oid = chunk AND (relkind <> 'r' OR relrowsecurity OR relhasrules))
    OR EXISTS (SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                WHERE a.attrelid = chunk AND a.attnum > 0 AND NOT a.attisdropped
                  AND t.typnamespace <> 'pg_catalog'::regnamespace) THEN
      RAISE insufficient_privilege USING MESSAGE = 'the rows are in no plain table';
    END IF;
  END LOOP;
  PERFORM FROM imports r WHERE r.tenant_id = tenant AND r.id = import FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE foreign_key_violation USING MESSAGE = 'there is no such import', CONSTRAINT = 'fk_trips_tenant_id_import_id';
  END IF;
{"".join(_CHECK.format(of=of, column=column, table=table, chunk=chunk) for of, column, table, chunk in _REFERENCES)}
  INSERT INTO trips (tenant_id, id, {_COLUMNS}, import_id)
  SELECT tenant, (prefix || lpad(to_hex(s.p), 12, '0'))::uuid, {_STAGED}, import FROM pg_temp.import_chunk s
      ON CONFLICT (tenant_id, vendor_id, external_id) WHERE {LIVE} DO NOTHING;
  GET DIAGNOSTICS written = ROW_COUNT;
  IF written < (SELECT count(*) FROM pg_temp.import_chunk) THEN
    -- Somebody has written some of these meanwhile: they keep theirs.
    DELETE FROM pg_temp.import_charges c WHERE NOT EXISTS (
      SELECT FROM trips t WHERE t.tenant_id = tenant AND t.id = (prefix || lpad(to_hex(c.p), 12, '0'))::uuid);
  END IF;
  INSERT INTO trip_charges (tenant_id, id, trip_id, vendor_id, {_PRICED}, reason, actor_id)
  SELECT tenant, (charges || lpad(to_hex(s.p), 12, '0'))::uuid, (prefix || lpad(to_hex(s.p), 12, '0'))::uuid,
         s.vendor_id, {_PRICED.replace("trace", "trace::jsonb")}, 'imported', person
    FROM pg_temp.import_charges s;
  RETURN written;
END $$
"""


def _make_writer() -> None:
    op.execute("GRANT INSERT ON trips, trip_charges TO tracktok_import")
    op.execute(
        "GRANT SELECT (tenant_id, id, vendor_id, external_id, deleted_at) ON trips TO tracktok_import"
    )
    for table in ("vendors", "customers", "rate_card_versions"):
        # A lock on a row asks for a right to change some column of it.
        op.execute(f"GRANT SELECT (tenant_id, id), UPDATE (id) ON {table} TO tracktok_import")
    op.execute(WRITE)
    op.execute("REVOKE ALL ON FUNCTION write_trip_chunk FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION write_trip_chunk TO {walls.app_role()}")
    op.execute(
        """
        DO $$ BEGIN
          IF has_parameter_privilege('tracktok_import', 'session_replication_role', 'SET') THEN
            ALTER FUNCTION write_trip_chunk SET session_replication_role = 'replica';
          END IF;
        END $$
        """
    )
    op.execute("GRANT USAGE, CREATE ON SCHEMA public TO tracktok_import")  # CREATE is asked of a function's new owner
    op.execute("ALTER FUNCTION write_trip_chunk OWNER TO tracktok_import")
    op.execute("REVOKE CREATE ON SCHEMA public FROM tracktok_import")


def downgrade() -> None:
    op.execute("DROP FUNCTION write_trip_chunk")
    op.execute("REVOKE ALL ON vendors, customers, rate_card_versions FROM tracktok_import")
    for table in ("trip_statements", "trip_adjustments", "trip_charges", "trips"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change_of_charges")
