"""All that is learnt can be put away as text, object by object, and taken out the same to the last bit."""

from typing import Any

from domain.evidence.learnt import Learnt
from domain.evidence.memory import Memory
from domain.evidence.ranking import Evidence
from domain.evidence.shelf import Shelf
from domain.ids import ProviderId
from tests.domain.evidence.a_history import history, lamp, sent, taught


def shelves(memory: Memory) -> dict[str, Shelf[Any, Any]]:
    return vars(memory)


def put_away_and_taken_out(memory: Memory) -> Memory:
    other = Memory()
    for name, shelf in shelves(memory).items():
        for key, value in shelf.every():
            shelves(other)[name][key] = shelf.read(shelf.written(value))
    return other


def test_what_is_put_away_and_taken_out_ranks_and_learns_the_same() -> None:
    kept, moved = Memory(), Memory()
    for number, one in enumerate(history(300)):
        Evidence(kept).learn(one)
        Evidence(moved).learn(one)
        if number % 50 == 0:
            moved = put_away_and_taken_out(moved)
    for one in history(40, seed=2):
        assert Evidence(kept).rank(one.features) == Evidence(moved).rank(one.features)


def test_no_two_objects_have_the_same_label() -> None:
    memory = Memory()
    evidence = Evidence(memory)
    for one in history(200):
        evidence.learn(one)
    labels = [shelf.label(key) for shelf in shelves(memory).values() for key, _ in shelf.every()]
    assert len(labels) == len(set(labels)) > 200


class _Noted(Memory):
    """Notes what is loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: set[str] = set()

    def load(self, wanted: Any) -> None:
        self.loaded |= {shelf.label(key) for shelf, key in wanted}


def test_all_that_an_answer_looks_at_is_loaded_before(monkeypatch: Any) -> None:
    memory, looked = _Noted(), set[str]()
    evidence = Evidence(memory)
    for one in history(1_000):
        evidence.learn(one)
    look = Shelf.__getitem__
    monkeypatch.setattr(Shelf, "__getitem__", lambda me, key: looked.add(me.label(key)) or look(me, key))
    for one in history(100, seed=2):
        evidence.prepare([one.features])
        looked.clear()
        for provider in evidence.chances(one.features):
            evidence.explain(one.features, provider)
        assert looked
        assert looked <= memory.loaded
        assert len(memory.loaded) < 200
        memory.loaded.clear()


def test_chances_are_whole_numbers_per_mille_of_those_that_have_any() -> None:
    evidence = taught(*[sent("lamps")] * 30, sent("roads", lamp(street="西湖街道", community="x", item="y")))
    learnt = Learnt(evidence, lamp(), position=7)
    assert learnt.position == 7
    assert set(learnt.chances) == {"lamps"} or learnt.chances[ProviderId("lamps")] > 900
    assert all(type(chance) is int and chance > 0 for chance in learnt.chances.values())
    told = learnt.why(ProviderId("lamps"))
    assert told is not None
    assert (told.hits, told.orders) == (30, 30)
    assert learnt.why(ProviderId("nobody")) is None


def test_half_of_one_per_mille_is_one() -> None:
    class Halves(Evidence):
        def chances(self, order: Any) -> dict[str, float]:  # noqa: ARG002
            return {"a": 0.0005, "b": 0.00049, "c": 0.9995}

    assert Learnt(Halves(), lamp()).chances == {"a": 1, "c": 1000}
