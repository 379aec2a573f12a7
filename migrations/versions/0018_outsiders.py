"""People from outside: members of a company who are bound to one record, such as a vendor.

Going back keeps them as members who are deactivated, and takes their open invitations back: their roles are not known
there, and nobody sees more than before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_outsiders"
down_revision = "0017_quick_writes"
branch_labels = None
depends_on = None

ROLES = "role IN ('owner','admin','analyst','member')"
ALL_ROLES = "role IN ('owner','admin','analyst','member','vendor','employee')"


def upgrade() -> None:
    for table in ("memberships", "invitations"):
        op.add_column(table, sa.Column("record_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_memberships_by_record",
        "memberships",
        ["tenant_id", "record_id"],
        postgresql_where=sa.text("record_id IS NOT NULL"),
    )
    op.drop_constraint(op.f("ck_memberships_role"), "memberships")
    op.create_check_constraint(op.f("ck_memberships_role"), "memberships", ALL_ROLES)
    op.create_check_constraint(
        op.f("ck_memberships_record"), "memberships", "(role IN ('vendor','employee')) = (record_id IS NOT NULL)"
    )


def downgrade() -> None:
    op.execute("SELECT set_config('app.door', 'downgrade', true)")
    op.drop_constraint(op.f("ck_memberships_record"), "memberships")
    op.drop_constraint(op.f("ck_memberships_role"), "memberships")
    op.execute("UPDATE memberships SET role = 'member', status = 'deactivated' WHERE record_id IS NOT NULL")
    op.create_check_constraint(op.f("ck_memberships_role"), "memberships", ROLES)
    op.execute("ALTER TABLE invitations NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE invitations SET role = 'member', revoked_at = coalesce(revoked_at, now()) WHERE record_id IS NOT NULL"
    )
    op.execute("ALTER TABLE invitations FORCE ROW LEVEL SECURITY")
    op.drop_index("ix_memberships_by_record", "memberships")
    for table in ("memberships", "invitations"):
        op.drop_column(table, "record_id")
