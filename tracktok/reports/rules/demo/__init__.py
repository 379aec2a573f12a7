"""The demo companies and their stories. Everything is a function of a day: the same day gives the same rows."""
