"""One key for everybody: for tests that look at something else than whose key it is."""

from collections.abc import Collection, Mapping
from typing import Final

from adapters.keys.owner import Owner
from adapters.keys.town_key import TownSealer


class OneKey:
    """Keys for the decoder, all of them the town's."""

    def __init__(self, secret: bytes) -> None:
        self.sealer: Final = TownSealer(secret)

    def sealers(self, owners: Collection[Owner]) -> Mapping[Owner, TownSealer]:
        return dict.fromkeys(owners, self.sealer)
