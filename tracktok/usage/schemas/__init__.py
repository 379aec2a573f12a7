"""What usage takes and answers."""
