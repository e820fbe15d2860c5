"""Whether record, events topic and read models say the same, and where first they do not."""
