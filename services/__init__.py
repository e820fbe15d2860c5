"""Use cases: batches of commands, processes that answer events, replay for audit; the outside as ports."""
