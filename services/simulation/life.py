"""One order's life as a story: it says its commands as they fall due and waits in between.

How often people decline, rate or reopen is our assumption; the public figures do not show it.
"""

from collections.abc import Generator, Iterator
from datetime import datetime, timedelta
from typing import Final

from domain.ids import ProviderId, lineage
from domain.stages import Level
from services.simulation import texts
from services.simulation.rhythm import OVERDUE
from services.simulation.speaking import Speaker
from services.simulation.writing import stamp

Waits = Generator[datetime, None, bool]
"""Yields when the life goes on; returns whether it does after this part."""

LEVELS: Final = tuple(Level)
PLEASED: Final = (52, 27, 12, 6, 3)  # of those who rate, by level from the best
ANNOYED: Final = (10, 20, 22, 28, 20)
ENTERED_BY_STAFF: Final = frozenset({"phone", "window", "reception", "patrol", "visit"})
RARE_CHANNELS: Final = ("screen", "reception", "patrol", "visit")
RATING: Final = 0.6  # the rest never rate (未评)
ROUNDS: Final = 3


class Life(Speaker):
    """The story. `waits` is to be resumed at each moment it yields."""

    __slots__ = ()

    def waits(self, in_burst: bool) -> Iterator[datetime]:
        """The whole life; after each yield the time has come."""
        self._place(in_burst)
        if (yield from self._before_dispatch()):
            return
        for number in range(ROUNDS):
            if not (yield from self._dispatched()):
                return
            if self.provider is not None and not (yield from self._done(again=number > 0)):
                return
            if not (yield from self._judged()):
                return

    def _place(self, in_burst: bool) -> None:
        cast, town = self.cast, self.cast.town
        channel = "app" if in_burst else cast.chance.choices(cast.channels, cast.shares)[0]
        if self.chance(0.06):
            channel = self.text(RARE_CHANNELS)
        data = (
            f'"category":"{self.category.path}","area":"{self.area}",'
            f'"details":"{town.asks(self.category, self.area)}","contact":"{town.contact(self.resident)}"'
        )
        if self.chance(0.6):
            data += f',"address":"{town.address(self.area)}"'
        if self.category.kind == "service":
            data += self._wishes()
        if channel in ENTERED_BY_STAFF:
            self.community_says("PlaceOrder", data, f'"onbehalfof":"{self.resident}","channel":"{channel}",')
        else:
            self.resident_says("PlaceOrder", data, extras=f'"channel":"{channel}",')

    def _wishes(self) -> str:
        """A resident may name a provider and a day."""
        wishes = ""
        able = self.cast.town.able(self.category.path, self.area)
        if able and self.chance(0.12):
            wishes += f',"wanted":"{self.cast.chance.choice(able)}"'
        if self.chance(0.3):
            day = self.at + timedelta(days=self.cast.chance.randrange(1, 5))
            wishes += f',"wanted_at":"{stamp(day.replace(minute=0, second=0, microsecond=0))}"'
        return wishes

    def _before_dispatch(self) -> Waits:
        """Second thoughts, and neighbours who join in. True: it ends here."""
        if self.chance(0.05):
            yield self.later(6)
            self.resident_says("AmendOrder", f'"details":"{self.text(texts.MORE)}"')
        if self.category.kind == "complaint" and self.chance(0.04):
            for _ in range(self.cast.chance.randrange(1, 4)):
                yield self.later(4)
                neighbour = self.cast.town.resident()
                if neighbour != self.resident and neighbour not in self.seconders:
                    self.seconders = (*self.seconders, neighbour)
                    self.resident_says("SecondOrder", resident=neighbour)
        if self.chance(0.015):
            yield self.later(15)
            self.resident_says("WithdrawOrder", f'"reason":"{self.text(texts.NO_LONGER)}"')
            return True
        return (yield from self._closed_by_community())

    def _closed_by_community(self) -> Waits:
        """Some need nobody to be sent."""
        self.later(25)
        yield self.at_the_desk()
        earlier = self.cast.in_hand.get(self._around())
        if earlier and self.chance(0.025):
            self.community_says("MarkDuplicate", f'"of":"{earlier}","notice":"{self.text(texts.DUPLICATES)}"')
            return True
        if self.cast.legal and self.chance(0.015):
            reason = self.cast.chance.choice(self.cast.legal)
            self.community_says(
                "NotAcceptOrder", f'"reason":"{reason}","notice":"{self.text(texts.NOT_ACCEPTED)}"'
            )
            return True
        return False

    def _around(self) -> tuple[str, str]:
        """What two orders share that may be about the same matter."""
        return self.category.path, lineage(self.area)[:3][-1]

    def _dispatched(self) -> Waits:
        """Until somebody has accepted it. False: it stays where it is."""
        able = self.cast.town.able(self.category.path, self.area)
        self.provider = None
        if not able or self.chance(0.05):
            self.community_says("AnswerOrder", f'"notice":"{self.text(texts.NOTICES)}"')
            return True
        hands = self.cast.town.who_claim(self.category.path, self.area)
        pooled = len(hands) > 1 and self.chance(0.3 if self.category.kind == "service" else 0.1)
        if pooled and (yield from self._pooled(hands)):
            return True
        return (yield from self._offered(able))

    def _pooled(self, hands: tuple[ProviderId, ...]) -> Waits:
        """Several claim within moments; the first has it, the others are refused. False: nobody did."""
        self.community_says("PoolOrder")
        self._set_due()
        if self.chance(0.06):
            self.later(240, 0.3)
            yield self.at_the_desk()
            return False
        self.later(20)
        yield self.at_the_desk()
        claiming = self.cast.chance.sample(hands, min(len(hands), self.cast.chance.randrange(1, 5)))
        for provider in claiming:
            self.provider = self.provider or provider
            self.provider_says("ClaimOrder", provider=provider)
            self.at += timedelta(milliseconds=self.cast.chance.randrange(40, 20_000))
            yield self.at
        return True

    def _offered(self, able: tuple[ProviderId, ...]) -> Waits:
        """Dispatched, perhaps declined, at the third time settled in arbitration."""
        accept_hours, _ = self.cast.town.rules.limits(self.category.path)
        most = self.cast.town.rules.declines_to_arbitration
        for declines in range(most + 1):
            self.provider = able[self._which(len(able), declines)]
            self.community_says("DispatchOrder", f'"provider":"{self.provider}"')
            self._set_due()
            if self.chance(0.02):
                yield self.later(15)
                self.community_says("RecallOrder", f'"reason":"{self.text(texts.RECALLS)}"')
                yield self.later(10)
                self.community_says("DispatchOrder", f'"provider":"{self.provider}"')
                self._set_due()
            if self.chance(0.01):
                return False  # nobody picks it up: the board will show it
            yield self.later(accept_hours * 60 * 0.15, 0.9)
            if declines == most or not self.cast.declines or not self.chance(0.07 + 0.28 * declines):
                self.provider_says("AcceptOrder")
                return True
            self.provider_says("DeclineOrder", f',"reason":"{self.cast.chance.choice(self.cast.declines)}"')
            self.later(45)
            yield self.at_the_desk()
        return False

    def _which(self, count: int, declines: int) -> int:
        """Mostly the first who fits; after a decline the next."""
        return (int(self.cast.chance.random() ** 2 * count) + declines) % count

    def _set_due(self) -> None:
        self.due = self.at + timedelta(hours=self.cast.town.rules.limits(self.category.path)[1])

    def _done(self, again: bool) -> Waits:
        """The work itself. False: withdrawn, or never finished."""
        end = self._finishing()
        withdrawn = not again and self.chance(0.01)
        if not withdrawn:  # nobody joins an order that will be given up
            self.cast.in_hand[self._around()] = self.id
        if self.chance(0.35):
            yield self._toward(end, 0.3)
            self.provider_says("ReportProgress", f',"note":"{self.text(texts.PROGRESS[self.category.kind])}"')
        if withdrawn:
            yield self._toward(end, 0.5)
            self.resident_says("WithdrawOrder", f'"reason":"{self.text(texts.NO_LONGER)}"')
            return False
        if self.chance(0.01):
            return False
        yield self._toward(end, 1)
        resolved = not self.chance(0.04)
        result = self.text(texts.RESULTS[self.category.kind] if resolved else texts.UNSOLVED)
        self.provider_says("CompleteOrder", f',"result":"{result}","resolved":{str(resolved).lower()}')
        return True

    def _finishing(self) -> datetime:
        """Mostly well within the hours; one in nine after them."""
        hours = self.cast.town.rules.limits(self.category.path)[1]
        if self.chance(OVERDUE):
            return max(self.due, self.at) + timedelta(hours=hours * self.cast.chance.expovariate(2.5))
        left = self.due - self.at
        share = self.cast.chance.betavariate(1.2, 3.2)
        return self.at + max(left * share, timedelta(minutes=5))

    def _toward(self, end: datetime, share: float) -> datetime:
        self.at += (end - self.at) * share
        return self.at

    def _judged(self) -> Waits:
        """The public rates, or not; some ask again. True: another round."""
        closed, late = self.at, self.provider is not None and self.at > self.due
        rules = self.cast.town.rules
        crossness = 0.005
        if self.chance(RATING):
            level = self._level(late)
            crossness = 0.5 if level in rules.bad_ratings else crossness
            self.later(300, 1.1)
            if self.at - closed >= timedelta(days=rules.rate_days):
                return False
            yield self.at
            self._rates(level, self.resident)
            yield from self._neighbours_rate(late, closed + timedelta(days=rules.rate_days))
        if not self.chance(crossness):
            return False
        self.later(240)
        if self.at - closed >= timedelta(days=rules.reopen_days):
            return False
        yield self.at
        self.resident_says("ReopenOrder", f'"reason":"{self.text(texts.AGAIN)}"')
        self.later(60)
        yield self.at_the_desk()
        return True

    def _neighbours_rate(self, late: bool, until: datetime) -> Iterator[datetime]:
        for neighbour in self.seconders:
            if self.chance(0.35) and self.later(30) < until:
                yield self.at
                self._rates(self._level(late), neighbour)

    def _level(self, late: bool) -> Level:
        """Late work and weak providers make people cross."""
        quality = self.cast.town.quality.get(self.provider, 0.8) if self.provider else 0.8
        annoyed = self.chance(0.5 if late else 0.45 * (1 - quality))
        return self.cast.chance.choices(LEVELS, ANNOYED if annoyed else PLEASED)[0]

    def _rates(self, level: Level, resident: str) -> None:
        comment = ""
        if self.chance(0.4):
            bad = level in self.cast.town.rules.bad_ratings
            comment = f',"comment":"{self.text(texts.GRUMBLES if bad else texts.THANKS)}"'
        self.resident_says("RateOrder", f'"level":"{level.value}"{comment}', resident)
