"""Read models fed by Kafka say what those fed by the record say, whatever is doubled, lost or made anew."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from confluent_kafka import Consumer

from adapters.bootstrap import ON_THE_BUS
from adapters.bus.feed import Feed
from adapters.bus.projecting import Projecting
from adapters.bus.relay import POSITION
from domain.stages import Level
from projections.engine import Projector, open_reads
from projections.rating.queries import By
from tests.support.a_bus import (
    BusTown,
    accept,
    administrating,
    complete,
    dispatch,
    place,
    rate,
    read_to_the_end,
)
from tests.support.waiting import eventually, running


def lived(town: BusTown, orders: int = 5) -> None:
    """Orders that went through to the rating, side by side."""
    made = [town.new_order() for _ in range(orders)]
    for step in (place, dispatch, accept, complete, rate):
        for order in made:
            town.ask(step(order))


def digests(projectors: Sequence[Projector]) -> dict[str, str]:
    return {projector.model.name: projector.digest() for projector in projectors}


@pytest.fixture
def from_the_record(town: BusTown, tmp_path) -> Any:
    """What the read models should say: filled from the record alone, on SQLite."""

    def filled() -> dict[str, str]:
        engine = open_reads(f"sqlite:///{tmp_path / 'expected.db'}")
        projectors = [Projector(model(), engine) for model in ON_THE_BUS]
        for projector in projectors:
            projector.create()
            projector.fill_from(town.node.store)
        found = digests(projectors)
        engine.dispose()
        return found

    return filled


def following(town: BusTown) -> Feed:
    """As the role `project` does it."""
    topic_id = town.provisioning.ids([town.topics.events])[town.topics.events]
    partitions = town.provisioning.partitions(town.topics.events)
    follower = Projecting(town.node.on_the_bus, town.topics.events, topic_id)
    consumer = Consumer({"bootstrap.servers": town.kafka, "group.id": town.topics.name("fill")})
    follower.fill_new_ones(town.node.store, consumer, partitions)
    consumer.close()
    return town.feed(follower, topics=[town.topics.events], group=town.topics.name("project"))


def catch_up(town: BusTown) -> None:
    with running(following(town).run):
        eventually(lambda: read_to_the_end(town.node))


def test_new_ones_are_filled_from_the_record_and_then_follow(town: BusTown, from_the_record) -> None:
    lived(town)
    town.relay_all()
    lived(town)  # in the record, not yet on the bus
    feed = following(town)
    assert digests(town.node.on_the_bus) == from_the_record()
    town.relay_all()
    lived(town)
    town.relay_all()
    with running(feed.run):
        eventually(lambda: read_to_the_end(town.node))
    assert digests(town.node.on_the_bus) == from_the_record()


def test_one_that_starts_again_goes_on_at_its_own_place(town: BusTown, from_the_record) -> None:
    catch_up(town)
    lived(town)
    town.relay_all()
    catch_up(town)
    forget_hints(town)
    lived(town)
    town.relay_all()
    catch_up(town)
    assert digests(town.node.on_the_bus) == from_the_record()


def forget_hints(town: BusTown) -> None:
    with administrating(town.kafka) as admin:
        admin.delete_groups([town.topics.name("project")])


def test_what_the_relay_sends_twice_counts_once(town: BusTown, from_the_record) -> None:
    catch_up(town)
    lived(town)
    town.relay_all()
    with psycopg.connect(town.settings.store) as connection:
        connection.execute("DELETE FROM positions WHERE name = %s", (POSITION,))
    town.relay_all()
    lived(town, 1)
    town.relay_all()
    catch_up(town)
    assert digests(town.node.on_the_bus) == from_the_record()


def test_two_that_start_at_once_fill_them_once(town: BusTown, from_the_record) -> None:
    lived(town)
    town.relay_all()

    def fill(_: object) -> None:
        following(town)

    with running(fill, fill):
        pass
    catch_up(town)
    assert digests(town.node.on_the_bus) == from_the_record()


def test_two_share_the_partitions(town: BusTown, from_the_record) -> None:
    first = following(town)
    with running(first.run, following(town).run):
        for _ in range(3):
            lived(town)
            town.relay_all()
        eventually(lambda: read_to_the_end(town.node))
    catch_up(town)
    assert digests(town.node.on_the_bus) == from_the_record()


def test_a_topic_made_again_is_another_topic(town: BusTown, from_the_record) -> None:
    catch_up(town)
    lived(town)
    town.relay_all()
    catch_up(town)
    with administrating(town.kafka) as admin:
        admin.delete_topics([town.topics.events])
    eventually(lambda: town.provisioning.create(town.topics.all()))
    lived(town)
    town.relay_all()
    catch_up(town)
    assert digests(town.node.on_the_bus) == from_the_record()


def test_a_topic_that_gets_more_partitions_is_followed_in_all_of_them(town: BusTown, from_the_record) -> None:
    catch_up(town)
    lived(town)
    town.relay_all()
    with administrating(town.kafka) as admin:
        admin.create_partitions({town.topics.events: 6})
    eventually(lambda: len(town.provisioning.partitions(town.topics.events)) == 6)
    catch_up(town)
    lived(town)
    town.relay_all()
    catch_up(town)
    assert digests(town.node.on_the_bus) == from_the_record()


def test_what_a_stranger_writes_into_the_topic_is_passed_over(town: BusTown, from_the_record) -> None:
    feed = following(town)
    town.say("events", b"{", b"{}", headers=[("ce_type", b"OrderPlaced")])
    lived(town, 1)
    town.relay_all()
    with running(feed.run):
        eventually(lambda: read_to_the_end(town.node))
    assert digests(town.node.on_the_bus) == from_the_record()


def test_the_rated_order_is_in_the_rating(town: BusTown) -> None:
    catch_up(town)
    lived(town, 2)
    town.relay_all()
    catch_up(town)
    report = town.node.queries.rating.report(By.PROVIDER, town.node.clock())
    assert [(row.key, row.levels[Level.SATISFIED]) for row in report.rows] == [("water", 2)]


def test_rows_that_went_back_in_time_are_brought_up_again(
    town: BusTown, from_the_record, tmp_path: Path
) -> None:
    """As when a backup is put in place under a process that follows; each partition moves on afterwards."""
    file, kept = tmp_path / "reads.db", tmp_path / "kept.db"
    engine = open_reads(f"sqlite:///{file}")
    models = [Projector(model(), engine) for model in ON_THE_BUS]
    for model in models:
        model.create()
    follower = Projecting(
        models, town.topics.events, town.provisioning.ids([town.topics.events])[town.topics.events]
    )
    consumer = Consumer({"bootstrap.servers": town.kafka, "group.id": town.topics.name("fill")})
    follower.fill_new_ones(town.node.store, consumer, town.provisioning.partitions(town.topics.events))
    consumer.close()
    with running(town.feed(follower, topics=[town.topics.events], group=town.topics.name("project")).run):
        lived(town, 40)
        town.relay_all()
        eventually(lambda: digests(models) == from_the_record())
        copy(file, kept)
        lived(town, 40)
        town.relay_all()
        eventually(lambda: digests(models) == from_the_record())
        copy(kept, file)
        assert digests(models) != from_the_record()
        lived(town, 40)
        town.relay_all()
        eventually(lambda: digests(models) == from_the_record())
    engine.dispose()


def copy(source: Path, target: Path) -> None:
    """The rows and places of a moment, also from under a process that follows, or back."""
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)
