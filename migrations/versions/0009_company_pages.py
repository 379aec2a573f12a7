"""Pages of a company: the audit trail, logo and address.

The trail gets an index for each filter, words of the label, and what looks at the seals have found. The tenant's
address gets its parts, and the logo its place in the storage.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0009_company_pages"
down_revision = "0008_billing"
branch_labels = None
depends_on = None

# As for expenses (see 0005_spend): the words of a label, each behind a short key of its tenant.
LABEL_WORDS = (
    "to_tsvector('simple'::regconfig, replace(translate(' ' || label, "
    "E'-/._@:;#,+&\\t\\n\\r()', '                '), ' ', ' x' || right(tenant_id::text, 8)))"
)
SEARCH = f"""
CREATE FUNCTION search_audit(words text[], most integer) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET enable_seqscan = off SET enable_indexscan = off AS $$
DECLARE
  tenant uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
  asked tsquery;
BEGIN
  SELECT to_tsquery('simple', string_agg(quote_literal('x' || right(tenant::text, 8) || word) || ':*', ' & '))
    INTO asked FROM unnest(words) AS word;
  RETURN ARRAY(
    SELECT id FROM audit_events
     WHERE {LABEL_WORDS} @@ asked
       AND (tenant_id = tenant) IS TRUE  -- the words carry the tenant already; this judges
     LIMIT most);
END $$
"""
OLD = {
    "ix_audit_events_tenant_id_actor_id_at": ["tenant_id", "actor_id", "at"],
    "ix_audit_events_tenant_id_entity_entity_id_at": ["tenant_id", "entity", "entity_id", "at"],
}
NEW = {
    "ix_audit_events_by_actor": ["tenant_id", "actor_id", "at", "id"],
    "ix_audit_events_by_action": ["tenant_id", "action", "at", "id"],
    "ix_audit_events_by_entity": ["tenant_id", "entity", "at", "id"],
    "ix_audit_events_by_record": ["tenant_id", "entity", "entity_id", "at", "id"],
}
TEXTS = (
    "address_line1", "address_line2", "city", "state", "postal_code", "country", "logo_key", "logo_type", "logo_hash",
)  # fmt: skip
NUMBERS = ("logo_width", "logo_height")


def upgrade() -> None:
    for name, columns in NEW.items():
        op.create_index(name, "audit_events", columns, unique=False)
    for name in OLD:
        op.drop_index(name, "audit_events")
    op.create_index(
        "hand_audit_events_words",
        "audit_events",
        [sa.literal_column(LABEL_WORDS)],
        unique=False,
        postgresql_using="gin",
    )
    op.execute("CREATE POLICY search ON audit_events FOR SELECT TO tracktok_search USING (true)")
    op.execute("GRANT SELECT (tenant_id, id, label) ON audit_events TO tracktok_search")
    op.execute(SEARCH)
    op.execute("REVOKE ALL ON FUNCTION search_audit FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION search_audit TO {walls.app_role()}")
    op.execute("GRANT USAGE, CREATE ON SCHEMA public TO tracktok_search")  # CREATE is asked of a function's new owner
    op.execute("ALTER FUNCTION search_audit OWNER TO tracktok_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM tracktok_search")
    op.create_index(
        "ix_audit_seals_tenant_id_to_transaction", "audit_seals", ["tenant_id", "to_transaction"], unique=False
    )
    op.create_table(
        "audit_checks",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "checked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("from_seal", sa.Integer(), nullable=False),
        sa.Column("to_seal", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_checks")),
    )
    op.create_index(
        "ix_audit_checks_tenant_id_checked_at_id", "audit_checks", ["tenant_id", "checked_at", "id"], unique=False
    )
    walls.protect("audit_checks", append_only=True)
    for name in TEXTS:
        op.add_column("tenants", sa.Column(name, sa.Text(), server_default="", nullable=False))
    for name in NUMBERS:
        op.add_column("tenants", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.execute("SELECT set_config('app.door', 'addresses get their parts', true)")
    op.execute(
        "UPDATE tenants SET address_line1 = split_part(address, E'\\n', 1),"
        " address_line2 = trim(replace(substr(address, length(split_part(address, E'\\n', 1)) + 1), E'\\n', ' ')),"
        " country = CASE WHEN locale ~ '_[A-Z]{2}$' THEN right(locale, 2) ELSE '' END"
    )
    op.execute("SELECT set_config('app.door', '', true)")
    op.drop_column("tenants", "address")
    op.drop_column("tenants", "logo_file_id")


def downgrade() -> None:
    op.add_column("tenants", sa.Column("logo_file_id", sa.Uuid(), nullable=True))
    op.add_column("tenants", sa.Column("address", sa.Text(), server_default="", nullable=False))
    op.execute("SELECT set_config('app.door', 'addresses get one text', true)")
    op.execute("UPDATE tenants SET address = concat_ws(E'\\n', nullif(address_line1, ''), nullif(address_line2, ''))")
    op.execute("SELECT set_config('app.door', '', true)")
    for name in (*TEXTS, *NUMBERS):
        op.drop_column("tenants", name)
    op.drop_table("audit_checks")
    op.drop_index("ix_audit_seals_tenant_id_to_transaction", "audit_seals")
    op.execute("DROP FUNCTION search_audit")
    op.execute("REVOKE SELECT (tenant_id, id, label) ON audit_events FROM tracktok_search")
    op.execute("DROP POLICY search ON audit_events")
    op.drop_index("hand_audit_events_words", "audit_events")
    for name, columns in OLD.items():
        op.create_index(name, "audit_events", columns, unique=False)
    for name in NEW:
        op.drop_index(name, "audit_events")
