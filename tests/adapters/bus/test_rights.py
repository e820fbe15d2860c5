"""The ACL table of docs/security.md names the topics that there are, and what each proves."""

import re
from collections.abc import Mapping

from adapters.bus.topics import Topics
from domain.ids import ProviderId
from tests.support.compose import ROOT

PROVIDER = "<provider>"
ROW = re.compile(r"^\| `(sidan\.[^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def table() -> Mapping[str, tuple[str, str, str]]:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    return {row[0]: (row[1], row[2], row[3]) for row in ROW.findall(text)}


def in_the_code() -> dict[str, str]:
    """Topic → the role it proves; none for those that we write."""
    topics = Topics("sidan")
    proves = {topic: topics.door(topic).role or "each line says" for topic in topics.commands}
    own = topics.department("x")
    proves[own.name.replace(".x", f".{PROVIDER}")] = topics.door(own.name).role or ""
    ours = {topic.name: "-" for topic in topics.all() if topic.name not in proves}
    return {**proves, **ours, topics.work(ProviderId(PROVIDER)): "-"}


def test_the_table_has_every_topic_and_what_it_proves() -> None:
    code = in_the_code()
    assert set(table()) == set(code)
    for topic, proved in code.items():
        assert table()[topic][0].endswith(proved), topic


def test_commands_are_read_by_the_worker_alone_and_facts_written_by_us_alone() -> None:
    for topic, (proves, writes, reads) in table().items():
        if proves == "-":
            assert writes == ("process" if ".work." in topic else "relay"), topic
        else:
            assert reads == "worker", topic
            assert not {"relay", "worker"} & set(writes.split()), topic
