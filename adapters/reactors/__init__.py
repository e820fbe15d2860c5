"""Runs the process managers: reads the log, remembers in one transaction what to send, then sends it."""
