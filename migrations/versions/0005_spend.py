"""Files, projects, accounts, categories, tags, expenses, receipts and imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0005_spend"
down_revision = "0004_ledger"
branch_labels = None
depends_on = None

# The words of an expense, each behind a short key of its tenant: what the text search finds.
SEARCH_WORDS = (
    "to_tsvector('simple'::regconfig, replace(translate("
    "' ' || title || ' ' || merchant || ' ' || reference || ' ' || description, "
    "E'-/._@:;#,+&\\t\\n\\r()', '                '), ' ', ' x' || right(tenant_id::text, 8)))"
)

# Matching of words is not leakproof, so under row-level security no index serves it. This function looks for the
# application, as a role of its own whose policy opens the table to it alone; the tenant it takes from the setting
# itself. See docs/decisions/0010-text-search-runs-as-a-role-of-its-own.md.
SEARCH_ROLE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tracktok_search') THEN
    CREATE ROLE tracktok_search NOLOGIN;
    EXECUTE format('GRANT tracktok_search TO %I', current_user);
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE EXCEPTION 'the role tracktok_search is missing, and % may not make it', current_user USING HINT =
    format('As an administrator: CREATE ROLE tracktok_search NOLOGIN; GRANT tracktok_search TO %I;', current_user);
END $$
"""
SEARCH = f"""
CREATE FUNCTION search_expenses(words text[], most integer) RETURNS uuid[]
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
     WHERE deleted_at IS NULL AND {SEARCH_WORDS} @@ asked
       AND (tenant_id = tenant) IS TRUE  -- the words carry the tenant already; this judges
     LIMIT most);
END $$
"""


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("thumbnail_key", sa.Text(), server_default="", nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_files")),
    )
    op.create_index("ix_files_tenant_id_sha256", "files", ["tenant_id", "sha256"], unique=False)
    walls.protect("files")
    op.create_table(
        "projects",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("client_name", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("budget_amount", sa.Numeric(precision=19, scale=4), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status IN ('planned','active','on_hold','completed')", name=op.f("ck_projects_status")),
        sa.CheckConstraint("budget_amount >= 0", name=op.f("ck_projects_budget_amount")),
        sa.CheckConstraint(
            "end_date IS NULL OR start_date IS NULL OR end_date >= start_date", name=op.f("ck_projects_dates")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_projects")),
    )
    op.create_index(
        "ix_projects_tenant_id_created_at_id",
        "projects",
        ["tenant_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "uq_projects_name",
        "projects",
        ["tenant_id", sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    walls.protect("projects")
    op.create_table(
        "accounts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("number_last4", sa.Text(), server_default="", nullable=False),
        sa.Column("institution", sa.Text(), server_default="", nullable=False),
        sa.Column("opening_balance", sa.Numeric(precision=19, scale=4), server_default="0", nullable=False),
        sa.Column("opening_date", sa.Date(), nullable=False),
        sa.Column("book_account_id", sa.Uuid(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("type IN ('bank','cash','card','wallet')", name=op.f("ck_accounts_type")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "book_account_id"],
            ["book_accounts.tenant_id", "book_accounts.id"],
            name=op.f("fk_accounts_tenant_id_book_account_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_accounts")),
    )
    op.create_index(
        "uq_accounts_name",
        "accounts",
        ["tenant_id", sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    walls.protect("accounts")
    op.create_table(
        "categories",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("book_account_id", sa.Uuid(), nullable=False),
        sa.Column("color", sa.Text(), server_default="", nullable=False),
        sa.Column("tax_treatment", sa.Text(), server_default="none", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_archived", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "tax_treatment IN ('none','creditable','blocked')", name=op.f("ck_categories_tax_treatment")
        ),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_categories_parent")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "book_account_id"],
            ["book_accounts.tenant_id", "book_accounts.id"],
            name=op.f("fk_categories_tenant_id_book_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["categories.tenant_id", "categories.id"],
            name=op.f("fk_categories_tenant_id_parent_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_categories")),
    )
    op.create_index(
        "uq_categories_name",
        "categories",
        [
            "tenant_id",
            sa.literal_column("coalesce(parent_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
            sa.literal_column("lower(name)"),
        ],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    walls.protect("categories")
    op.create_table(
        "tags",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("color", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tags")),
    )
    op.create_index("uq_tags_name", "tags", ["tenant_id", sa.literal_column("lower(name)")], unique=True)
    walls.protect("tags")
    op.create_table(
        "imports",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="mapping", nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("valid", sa.Integer(), server_default="0", nullable=False),
        sa.Column("invalid", sa.Integer(), server_default="0", nullable=False),
        sa.Column("duplicates", sa.Integer(), server_default="0", nullable=False),
        sa.Column("skipped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("committed_rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('checking','mapping','ready','committing','committed','undoing','undone','failed')",
            name=op.f("ck_imports_status"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"], ["files.tenant_id", "files.id"], name=op.f("fk_imports_tenant_id_file_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_tenant_id_created_at_id", "imports", ["tenant_id", "created_at", "id"], unique=False)
    walls.protect("imports")
    op.create_table(
        "expenses",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("merchant", sa.Text(), server_default="", nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("base_amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column(
            "base_units", sa.BigInteger(), sa.Computed("(base_amount * 10000)::bigint", persisted=True), nullable=False
        ),
        sa.Column("exchange_rate", sa.Numeric(precision=28, scale=12), server_default="1", nullable=False),
        sa.Column("rate_date", sa.Date(), nullable=True),
        sa.Column("rate_source", sa.Text(), server_default="", nullable=False),
        sa.Column("account_amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("tax_amount", sa.Numeric(precision=19, scale=4), nullable=True),
        sa.Column("expense_date", sa.Date(), nullable=False),
        sa.Column("payment_method", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="paid", nullable=False),
        sa.Column("is_billable", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("receipts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status IN ('draft','approved','paid')", name=op.f("ck_expenses_status")),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_expenses_amount")),
        sa.CheckConstraint("exchange_rate > 0", name=op.f("ck_expenses_exchange_rate")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["accounts.tenant_id", "accounts.id"],
            name=op.f("fk_expenses_tenant_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "category_id"],
            ["categories.tenant_id", "categories.id"],
            name=op.f("fk_expenses_tenant_id_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"],
            ["imports.tenant_id", "imports.id"],
            name=op.f("fk_expenses_tenant_id_import_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_expenses_tenant_id_project_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_expenses")),
    )
    op.create_index(
        "ix_expenses_bin",
        "expenses",
        ["tenant_id", "deleted_at", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_index(
        "ix_expenses_by_account",
        "expenses",
        ["tenant_id", "account_id", "expense_date", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_expenses_by_category",
        "expenses",
        ["tenant_id", "category_id", "expense_date", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_expenses_by_import",
        "expenses",
        ["tenant_id", "import_id", "id"],
        unique=False,
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_index(
        "ix_expenses_by_person",
        "expenses",
        ["tenant_id", "person_id", "expense_date", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_expenses_by_project",
        "expenses",
        ["tenant_id", "project_id", "expense_date", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_expenses_by_amount",
        "expenses",
        ["tenant_id", "base_units", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_expenses_tenant_id_expense_date_id",
        "expenses",
        ["tenant_id", "expense_date", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_expenses_unpaid",
        "expenses",
        ["tenant_id", "status", "expense_date", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL AND status <> 'paid'"),
    )
    for name, column in (
        ("method", "payment_method"),
        ("currency", "currency"),
        ("receipt", sa.literal_column("least(receipts, 1)")),
    ):
        op.create_index(
            f"ix_expenses_by_{name}",
            "expenses",
            ["tenant_id", column, "expense_date", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
    op.create_index(
        "hand_expenses_words",
        "expenses",
        [sa.literal_column(SEARCH_WORDS)],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    walls.protect("expenses")
    op.execute(SEARCH_ROLE)
    op.execute("CREATE POLICY search ON expenses FOR SELECT TO tracktok_search USING (true)")
    op.execute(
        "GRANT SELECT (tenant_id, id, title, merchant, reference, description, deleted_at) ON expenses TO tracktok_search"
    )
    op.execute(SEARCH)
    op.execute("REVOKE ALL ON FUNCTION search_expenses FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION search_expenses TO {walls.app_role()}")
    op.execute("GRANT USAGE, CREATE ON SCHEMA public TO tracktok_search")  # CREATE is asked of a function's new owner
    op.execute("ALTER FUNCTION search_expenses OWNER TO tracktok_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM tracktok_search")
    op.create_table(
        "expense_tags",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("expense_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("expense_date", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "expense_id"],
            ["expenses.tenant_id", "expenses.id"],
            name=op.f("fk_expense_tags_tenant_id_expense_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tag_id"],
            ["tags.tenant_id", "tags.id"],
            name=op.f("fk_expense_tags_tenant_id_tag_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "expense_id", "tag_id", name=op.f("pk_expense_tags")),
    )
    op.create_index(
        "ix_expense_tags_by_tag", "expense_tags", ["tenant_id", "tag_id", "expense_date", "expense_id"], unique=False
    )
    walls.protect("expense_tags")
    op.create_table(
        "receipts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("expense_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "expense_id"],
            ["expenses.tenant_id", "expenses.id"],
            name=op.f("fk_receipts_tenant_id_expense_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"], ["files.tenant_id", "files.id"], name=op.f("fk_receipts_tenant_id_file_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receipts")),
        sa.UniqueConstraint(
            "tenant_id", "expense_id", "file_id", name=op.f("uq_receipts_tenant_id_expense_id_file_id")
        ),
    )
    op.create_index("ix_receipts_tenant_id_file_id", "receipts", ["tenant_id", "file_id"], unique=False)
    walls.protect("receipts")
    op.create_table(
        "import_rows",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("errors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("status IN ('invalid','duplicate','skipped')", name=op.f("ck_import_rows_status")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"],
            ["imports.tenant_id", "imports.id"],
            name=op.f("fk_import_rows_tenant_id_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "import_id", "row_number", name=op.f("pk_import_rows")),
    )
    op.create_index(
        "ix_import_rows_by_status", "import_rows", ["tenant_id", "import_id", "status", "row_number"], unique=False
    )
    walls.protect("import_rows")
    op.create_table(
        "import_mappings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("headers_hash", sa.LargeBinary(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_import_mappings")),
        sa.UniqueConstraint(
            "tenant_id", "kind", "headers_hash", name=op.f("uq_import_mappings_tenant_id_kind_headers_hash")
        ),
    )
    walls.protect("import_mappings")


def downgrade() -> None:
    op.execute("DROP FUNCTION search_expenses")
    op.drop_table("import_mappings")
    op.drop_table("import_rows")
    op.drop_table("receipts")
    op.drop_table("expense_tags")
    op.drop_table("expenses")
    op.drop_table("imports")
    op.drop_table("tags")
    op.drop_table("categories")
    op.drop_table("accounts")
    op.drop_table("projects")
    op.drop_table("files")
