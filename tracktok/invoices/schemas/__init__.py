"""Sales documents in and out."""
