"""How fast, against its ceiling: ratios measured side by side in one run."""
