"""The in-app guide, "How to use TrackTok"."""
