"""The ACL table of docs/security.md names the topics that there are, and what each proves."""

from adapters.bus.topics import Topics
from domain.ids import ProviderId
from tests.support.rights import PROVIDER, topics

OURS = {
    "sidan.work.<provider>": "process",
    "sidan.checkpoints": "process, operator",  # who may seal at the command line
}
"""Who writes what the relay does not."""


def in_the_code() -> dict[str, str]:
    """Topic → the role it proves; none for those that we write."""
    ours = Topics("sidan")
    proves = {topic: ours.door(topic).role or "each line says" for topic in ours.commands}
    own = ours.department("x")
    proves[own.name.replace(".x", f".{PROVIDER}")] = ours.door(own.name).role or ""
    others = {topic.name: "-" for topic in ours.all() if topic.name not in proves}
    return {**proves, **others, ours.work(ProviderId(PROVIDER)): "-"}


def test_the_table_has_every_topic_and_what_it_proves() -> None:
    code = in_the_code()
    assert set(topics()) == set(code)
    for topic, proved in code.items():
        assert topics()[topic][0].endswith(proved), topic


def test_commands_are_read_by_the_worker_alone_and_facts_written_by_us_alone() -> None:
    for topic, (proves, writes, reads) in topics().items():
        if proves == "-":
            assert writes == OURS.get(topic, "relay"), topic
        else:
            assert reads == "worker", topic
            assert not {"relay", "worker"} & set(writes.split()), topic
