"""How often Python looks for garbage in circles: our states and facts make none, so seldom is enough."""

import gc
from typing import Final

THRESHOLDS: Final = (50_000, 20, 100)  # Python's own (700, 10, 10) costs a worker with full memory a third


def collect_seldom() -> None:
    """Set it for this process."""
    gc.set_threshold(*THRESHOLDS)
