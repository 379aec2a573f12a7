"""Pure decisions about vendors, rate cards, trips and their prices."""
