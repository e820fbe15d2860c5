"""The town as the simulation sees it: who lives where, what is asked how often, who could do it."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import Final

from domain.commands import RegisterProvider
from domain.ids import AreaPath, CategoryPath, ProviderId, lineage, within
from domain.rules import Category, Rules
from domain.stages import Duty, ProviderKind, Role
from services.simulation.texts import ANY, ASKS, SURNAMES
from services.simulation.writing import escaped

ZIPF: Final = 0.8  # how steeply categories fall off; fitted to the items of the same 6,000 appeals
COMPLAINTS: Final = 0.62  # our assumption: a hotline has nine in ten, a menu of services has fewer
FEWEST_PEOPLE: Final = 100


class Neighbourhood:
    """Picks by chance, with the weights of the town. Look-ups are kept, since every order asks them."""

    def __init__(self, rules: Rules, providers: Sequence[RegisterProvider], chance: Random) -> None:
        self.rules = rules
        self._providers = providers
        self._chance = chance
        inner = {path for area in rules.areas for path in lineage(area.path)[1:]}
        leaves = [area for area in rules.areas if area.path not in inner]
        self._areas = [area.path for area in leaves]
        self._people = list(accumulate(area.population or 1 for area in leaves))
        self._residents = max(self._people[-1], FEWEST_PEOPLE)
        self._kinds = {kind: self._ranked(kind) for kind in ("complaint", "service")}
        self._able: dict[tuple[str, str], tuple[ProviderId, ...]] = {}
        self._offering: dict[CategoryPath, list[tuple[bool, RegisterProvider]]] = {}
        self._desks: dict[str, tuple[str, ...]] = {}
        self._names: dict[str, str] = {
            path: escaped(area.name.zh) for path, area in rules.area_by_path.items()
        }
        self._asks: dict[str, tuple[str, ...]] = {}
        self.quality = {provider.provider: chance.betavariate(6, 2) for provider in providers}
        self._pooling = {
            provider.provider
            for provider in providers
            if provider.kind in (ProviderKind.TEAM, ProviderKind.SOCIAL)
        }

    def _ranked(self, kind: str) -> tuple[list[Category], list[float]]:
        items = [item for item in self.rules.catalogue if item.kind == kind]
        self._chance.shuffle(items)
        return items, list(accumulate(1 / rank**ZIPF for rank in range(1, len(items) + 1)))

    def category(self) -> Category:
        wanted = "complaint" if self._chance.random() < COMPLAINTS else "service"
        items, weights = self._kinds[wanted]
        if not items:  # a town may have only the one
            items, weights = self._kinds["service" if wanted == "complaint" else "complaint"]
        return self._chance.choices(items, cum_weights=weights)[0]

    def area(self) -> AreaPath:
        return self._chance.choices(self._areas, cum_weights=self._people)[0]

    def resident(self) -> str:
        """An opaque id of someone who lives here."""
        return f"r-{self._chance.randrange(self._residents):07d}"

    def contact(self, resident: str) -> str:
        """A plainly fictitious name and number, the same for the same resident."""
        number = int(resident[2:])
        title = "女士" if number % 2 else "先生"
        return f"{SURNAMES[number % len(SURNAMES)]}{title} 1380000{number % 10_000:04d}"

    def address(self, area: AreaPath) -> str:
        around = lineage(area)[1] or area
        building, room = self._chance.randrange(1, 13), self._chance.randrange(101, 1_300)
        return f"{self._names[around]}{self._names[area]}{building}栋{room}"

    def asks(self, category: Category, area: AreaPath) -> str:
        """What someone would write about it there."""
        known = self._asks.get(category.path)
        if known is None:
            code = category.path.rpartition("/")[2]
            item = escaped(category.name.zh)
            sentences = (*ASKS.get(code, ()), *ANY[category.kind])
            known = self._asks[category.path] = tuple(text.replace("{item}", item) for text in sentences)
        text = self._chance.choice(known)
        around = self._names[lineage(area)[1] or area]
        return text.replace("{place}", around).replace("{n}", str(self._chance.randrange(2, 7)))

    def able(self, category: CategoryPath, area: AreaPath) -> tuple[ProviderId, ...]:
        """Who could take it: those who must before those who can, the nearest first."""
        found = self._able.get((category, area))
        if found is None:
            ranked = sorted(self._fitting(category, area))
            found = self._able[category, area] = tuple(ProviderId(slug) for _, _, slug in ranked)
        return found

    def _fitting(self, category: CategoryPath, area: AreaPath) -> Iterator[tuple[bool, int, str]]:
        for may_decline, provider in self._offering_it(category):
            near = max((len(own) for own in provider.areas if within(area, own)), default=None)
            if near is not None:
                yield may_decline, -near, provider.provider

    def _offering_it(self, category: CategoryPath) -> list[tuple[bool, RegisterProvider]]:
        """Everyone who has it on a list, and whether only on the list of what they can do."""
        found = self._offering.get(category)
        if found is None:
            duties = {
                one.provider: {offer.duty for offer in one.offers if within(category, offer.category)}
                for one in self._providers
            }
            found = [
                (Duty.MUST not in duties[one.provider], one)
                for one in self._providers
                if duties[one.provider]
            ]
            self._offering[category] = found
        return found

    def who_claim(self, category: CategoryPath, area: AreaPath) -> tuple[ProviderId, ...]:
        """Of those who could take it the teams and social organisations, who look at the pool."""
        return tuple(slug for slug in self.able(category, area) if slug in self._pooling)

    def dispatcher(self, area: AreaPath) -> str:
        """Someone of the community's desk: the nearest above the area who answers for no area themselves."""
        found = self._desks.get(area)
        if found is None:
            found = self._desks[area] = self._desk(area)
        return found[0] if len(found) == 1 else self._chance.choice(found)

    def _desk(self, area: AreaPath) -> tuple[str, ...]:
        answering = {one.responsible for one in self.rules.areas}
        staff = [one for one in self.rules.people if Role.COMMUNITY in one.roles]
        for place in lineage(area):
            near = [one.id for one in staff if (one.area or "") == place]
            free = [person for person in near if person not in answering]
            if free:
                return tuple(free)
        return tuple(one.id for one in staff) or ("community-desk",)
