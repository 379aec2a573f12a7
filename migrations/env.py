"""Runs migrations as the role that owns the schema, whatever role the application has."""

from __future__ import annotations

import sys
from pathlib import Path

from alembic import context
from sqlalchemy import create_engine, pool

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from migrations.walls import note_cluster
from tracktok import models as _models  # noqa: F401 - fills the metadata
from tracktok.config import Config
from tracktok.core.db import Base


def include_object(_object: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
    """Leave alone what is made by hand in migrations and is no part of the models."""
    return not (kind == "index" and reflected and (name or "").startswith("hand_"))


def configure(**options: object) -> None:
    context.configure(
        target_metadata=Base.metadata,
        compare_type=True,
        include_object=include_object,
        **options,  # type: ignore[arg-type]
    )


if context.is_offline_mode():
    configure(url=Config.from_environment().database_owner_url, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = create_engine(Config.from_environment().database_owner_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        configure(connection=connection)
        with context.begin_transaction():
            # Two starts at once must not migrate at once.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727001)")
            context.run_migrations()
            note_cluster(connection)
