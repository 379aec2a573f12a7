"""Fewer entries of indexes for each expense, quicker words, and a function that writes the rows of imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import walls

revision = "0010_quick_imports"
down_revision = "0009_company_pages"
branch_labels = None
depends_on = None

LIVE = "deleted_at IS NULL"
# What parts words, here and in `tracktok/expenses/queries/search.py`; written by number, so that nothing takes a sign of
# it for something else.
BETWEEN = (
    "-/._@:;#,+&()\"'!?*|<>\\[]{}=%$^~`"
    "\u00a0\u00a1\u00a3\u00a5\u00ab\u00b7\u00bb\u00bf\u2010\u2011\u2012\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u20ac\u20b9\u3000"
)
_BETWEEN = "[[:space:]" + "".join(f"\\u{ord(one):04x}" for one in BETWEEN) + "]+"
KEY = "'x' || right(tenant_id::text, 8)"
TEXTS = "' ' || title || ' ' || merchant || ' ' || reference || ' ' || description"
KEYED = f"regexp_replace({TEXTS}, '{_BETWEEN}', ' ' || {KEY}, 'g')"
# Splitting at blanks is half the work of PostgreSQL's parser, and gives no word for the emptiness at the end.
# A word of a vector has 2,046 bytes at most: longer texts go to the parser, which leaves such words out.
SEARCH_WORDS = (
    "(CASE WHEN octet_length(title) + octet_length(merchant) + octet_length(reference) + octet_length(description) < 1200"
    f" THEN array_to_tsvector(array_remove(array_remove(string_to_array(lower({KEYED}), ' '), {KEY}), ''))"
    f" ELSE to_tsvector('simple'::regconfig, {KEYED}) END)"
)
SEARCH_WORDS_BEFORE = (
    "to_tsvector('simple'::regconfig, replace(translate("
    "' ' || title || ' ' || merchant || ' ' || reference || ' ' || description, "
    "E'-/._@:;#,+&\\t\\n\\r()', '                '), ' ', ' x' || right(tenant_id::text, 8)))"
)
SEARCH = """
CREATE OR REPLACE FUNCTION search_expenses(words text[], most integer) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET enable_seqscan = off SET enable_indexscan = off AS $$
DECLARE
  tenant uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
  asked tsquery;
BEGIN
  SELECT to_tsquery('simple', string_agg(quote_literal('x' || right(tenant::text, 8) || word) || ':*', ' & '))
    INTO asked FROM unnest(words) AS word;
  RETURN ARRAY(
    SELECT id FROM expenses
     WHERE deleted_at IS NULL AND %s @@ asked
       AND (tenant_id = tenant) IS TRUE  -- the words carry the tenant already; this judges
     LIMIT most);
END $$
"""

# The rows of an import are written by a function, as a role of its own. Foreign keys look up the other row for each
# row and each key: a quarter of what an import costs. The function looks up, once for each chunk, everything that the
# chunk names, locks it as a foreign key does, and refuses as a foreign key does; then it writes the rows with the
# keys' own triggers at rest. See docs/decisions/0014-imports-check-their-references-together.md.
IMPORT_ROLE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tracktok_import') THEN
    CREATE ROLE tracktok_import NOLOGIN;
    EXECUTE format('GRANT tracktok_import TO %I', current_user);
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE EXCEPTION 'the role tracktok_import is missing, and % may not make it', current_user USING HINT =
    format('As an administrator: CREATE ROLE tracktok_import NOLOGIN; GRANT tracktok_import TO %I;', current_user);
END $$
"""
_COLUMNS = (
    "expense_date, title, description, merchant, reference, amount, currency, base_amount, exchange_rate, rate_date,"
    " rate_source, account_amount, tax_amount, payment_method, is_billable, category_id, project_id, account_id"
)
_REFERENCES = (("category_id", "categories"), ("project_id", "projects"), ("account_id", "accounts"))
_CHECK = """
  WITH named AS MATERIALIZED (SELECT DISTINCT {column} AS id FROM pg_temp.import_chunk WHERE {column} IS NOT NULL),
       held AS MATERIALIZED (SELECT r.id FROM {table} r
                              WHERE r.tenant_id = tenant AND r.id IN (SELECT n.id FROM named n) FOR KEY SHARE OF r)
  SELECT n.id INTO missing FROM named n WHERE NOT EXISTS (SELECT FROM held h WHERE h.id = n.id) LIMIT 1;
  IF FOUND THEN
    RAISE foreign_key_violation USING MESSAGE =
      format('rows of an import name a row that is not in "{table}"', missing), CONSTRAINT =
      'fk_expenses_tenant_id_{column}', DETAIL = format('{column} is %s', missing);
  END IF;
"""
WRITE = f"""
CREATE FUNCTION write_import_chunk(prefix text, import uuid, person uuid, status text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  tenant uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
  chunk regclass := 'pg_temp.import_chunk'::regclass;
  missing uuid;
  written integer;
BEGIN
  -- A plain table of plain columns: nothing of the caller's is run with the rights of this function.
  IF EXISTS (SELECT FROM pg_class WHERE oid = chunk AND (relkind <> 'r' OR relrowsecurity OR relhasrules))
  OR EXISTS (SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
              WHERE a.attrelid = chunk AND a.attnum > 0 AND NOT a.attisdropped
                AND t.typnamespace <> 'pg_catalog'::regnamespace) THEN
    RAISE insufficient_privilege USING MESSAGE = 'import_chunk is not a plain table';
  END IF;
  PERFORM FROM imports r WHERE r.tenant_id = tenant AND r.id = import FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE foreign_key_violation USING MESSAGE = 'there is no such import', CONSTRAINT = 'fk_expenses_tenant_id_import_id';
  END IF;
{"".join(_CHECK.format(column=column, table=table) for column, table in _REFERENCES)}
  INSERT INTO expenses (tenant_id, id, {_COLUMNS}, person_id, import_id, status)
  SELECT tenant, (prefix || lpad(to_hex(s.p), 12, '0'))::uuid, {_COLUMNS}, person, import, write_import_chunk.status
    FROM pg_temp.import_chunk s;
  GET DIAGNOSTICS written = ROW_COUNT;
  RETURN written;
END $$
"""


def upgrade() -> None:
    _index("date", ["expense_date", "id", "least(receipts, 1)", "currency"])
    op.drop_index("ix_expenses_tenant_id_expense_date_id", "expenses")
    for name, columns, rows in (
        ("method", ["payment_method", "expense_date", "id"], "payment_method IS NOT NULL"),
        ("receipt", ["expense_date", "id"], "receipts > 0"),
    ):
        op.drop_index(f"ix_expenses_by_{name}", "expenses")
        _index(name, columns, rows)
    op.drop_index("hand_expenses_words", "expenses")
    _index_words(SEARCH_WORDS, {"gin_pending_list_limit": 16384})
    op.execute(SEARCH.replace("%s", SEARCH_WORDS))
    _make_writer()


def _make_writer() -> None:
    op.execute(IMPORT_ROLE)
    op.execute("GRANT INSERT ON expenses TO tracktok_import")
    for table in ("imports", *(table for _, table in _REFERENCES)):
        # A lock on a row asks for a right to change some column of it.
        op.execute(f"GRANT SELECT (tenant_id, id), UPDATE (id) ON {table} TO tracktok_import")
    op.execute(WRITE)
    op.execute("REVOKE ALL ON FUNCTION write_import_chunk FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION write_import_chunk TO {walls.app_role()}")
    op.execute(
        """
        DO $$ BEGIN
          IF has_parameter_privilege('tracktok_import', 'session_replication_role', 'SET') THEN
            ALTER FUNCTION write_import_chunk SET session_replication_role = 'replica';
          END IF;
        END $$
        """
    )
    op.execute("GRANT USAGE, CREATE ON SCHEMA public TO tracktok_import")  # CREATE is asked of a function's new owner
    op.execute("ALTER FUNCTION write_import_chunk OWNER TO tracktok_import")
    op.execute("REVOKE CREATE ON SCHEMA public FROM tracktok_import")


def _index(name: str, columns: list[str], rows: str = "") -> None:
    op.create_index(
        f"ix_expenses_by_{name}",
        "expenses",
        ["tenant_id", *(sa.literal_column(one) if "(" in one else one for one in columns)],
        postgresql_where=sa.text(f"{LIVE} AND {rows}" if rows else LIVE),
    )


def _index_words(words: str, options: dict[str, int] | None = None) -> None:
    op.create_index(
        "hand_expenses_words",
        "expenses",
        [sa.literal_column(words)],
        postgresql_using="gin",
        postgresql_with=options or {},
        postgresql_where=sa.text(LIVE),
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION write_import_chunk")
    op.execute("REVOKE ALL ON expenses, imports, categories, projects, accounts FROM tracktok_import")
    op.execute("REVOKE USAGE ON SCHEMA public FROM tracktok_import")
    op.drop_index("hand_expenses_words", "expenses")
    _index_words(SEARCH_WORDS_BEFORE)
    op.execute(SEARCH.replace("%s", SEARCH_WORDS_BEFORE))
    for name, column in (("method", "payment_method"), ("receipt", "least(receipts, 1)")):
        op.drop_index(f"ix_expenses_by_{name}", "expenses")
        _index(name, [column, "expense_date", "id"])
    op.create_index(
        "ix_expenses_tenant_id_expense_date_id",
        "expenses",
        ["tenant_id", "expense_date", "id"],
        postgresql_where=sa.text(LIVE),
    )
    op.drop_index("ix_expenses_by_date", "expenses")
