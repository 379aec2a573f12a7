"""What metered usage comes to: pure functions."""
