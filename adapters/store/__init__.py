"""The record on SQLite or PostgreSQL, through the eventsourcing library."""
