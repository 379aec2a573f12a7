"""Settings: typed, from the environment or a file; production refuses what is unsafe."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from tracktok.config import Config, ConfigurationError

STRONG = {"SECRET_KEY": "kX9vQ2mR7tLp4wZs8yBn3cJf6hGd1aEu", "JWT_SECRET": "Zs8yBn3cJf6hGd1aEukX9vQ2mR7tLp4w"}


def test_production_starts_with_strong_secrets():
    assert Config.from_environment({"TRACKTOK_ENV": "production", **STRONG}).is_production


@pytest.mark.parametrize(
    "weakness",
    [
        {"SECRET_KEY": ""},
        {"SECRET_KEY": "short"},
        {"JWT_SECRET": "a" * 64},
        {"JWT_SECRET": Config().jwt_secret},
        {"DEBUG": "true"},
    ],
)
def test_production_refuses_weak_secrets_and_debug(weakness):
    with pytest.raises(ConfigurationError):
        Config.from_environment({"TRACKTOK_ENV": "production", **STRONG, **weakness})


@pytest.mark.parametrize(
    ("name", "value"), [("DATABASE_POOL_SIZE", "many"), ("DEBUG", "perhaps"), ("TRACKTOK_ENV", "moon")]
)
def test_a_value_that_does_not_parse_names_its_setting(name, value):
    with pytest.raises(ConfigurationError, match=name):
        Config.from_environment({name: value})


def test_a_secret_may_stand_in_a_file(tmp_path):
    (tmp_path / "key").write_text("from-the-file\n")
    assert Config.from_environment({"SECRET_KEY_FILE": str(tmp_path / "key")}).secret_key == "from-the-file"
    with pytest.raises(ConfigurationError, match="SECRET_KEY_FILE"):
        Config.from_environment({"SECRET_KEY_FILE": str(tmp_path / "absent")})


def test_every_setting_is_in_the_example_and_the_example_knows_no_other():
    lines = (Path(__file__).resolve().parents[2] / ".env.example").read_text().splitlines()
    named = {line.lstrip("# ").partition("=")[0] for line in lines if "=" in line and line.lstrip("# ")[:1].isupper()}
    named = {name for name in named if name.replace("_", "").isalnum() and name.isupper()}
    assert named == {setting.name.upper() for setting in fields(Config)}
