"""People, memberships, roles, sessions and tokens."""
