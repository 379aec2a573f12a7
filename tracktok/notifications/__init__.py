"""Mail and messages in the app."""
