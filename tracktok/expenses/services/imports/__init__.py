"""Imports: a file is read, its columns mapped, its rows checked; then all good rows are written at once, or undone."""
