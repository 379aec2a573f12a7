"""Pure decisions about customers: States and countries, tax identities, postal codes."""
