"""Every command is answered, once, after its last fact, with the place it came in at."""

from collections import Counter

from tests.support.a_bus import BusTown, Heard, command, dispatch, place
from tests.support.a_town import EAST, WATER
from tests.support.waiting import eventually, running


def answers(town: BusTown) -> list[Heard]:
    return [
        one for one in town.heard(town.topics.outcomes) if one.data["intake"].startswith(town.topics.prefix)
    ]


def test_each_command_has_one_answer_that_says_where_it_came_in(town: BusTown) -> None:
    order, stranger = town.new_order(), town.new_order()
    body = place(order, id_="first")
    town.say("imports", body, body, place(town.new_order(), id_="first"), b"{", dispatch(stranger))
    with running(town.feed(town.worker()).run):
        eventually(lambda: len(town.log()) >= 3 + 5)
    town.relay_all()
    found = sorted((one.data for one in answers(town)), key=lambda data: data["intake"])
    assert [(one["status"], one.get("code")) for one in found] == [
        ("recorded", None),
        ("repeated", "repeated"),
        ("rejected", "id_reused"),
        ("parked", "unreadable"),
        ("rejected", "unknown_order"),
    ]
    imports = town.topics.name("imports")
    assert [one["intake"] for one in found] == [f"{imports}[0]@{offset}" for offset in range(5)]
    assert found[0]["id"] == "first"
    assert found[1]["first"] == found[0]["position"]
    assert all(one["reason_zh"].endswith("。") for one in found if one["status"] in ("rejected", "parked"))
    assert {one.headers["ce_type"] for one in answers(town)} == {"CommandAnswered"}


def test_every_kind_of_bad_input_is_answered_with_its_code_and_stops_nobody(town: BusTown) -> None:
    order, other = town.new_order(), town.new_order()
    town.say("residents", place(order, id_="taken"))
    bad = {
        "unreadable": "不是JSON not JSON".encode(),
        "unknown_type": command("Conjure", order, "resident", "r-li"),
        "invalid_field": command(
            "PlaceOrder", other, "resident", "r-li", area=EAST
        ),  # no category, no details
        "wrong_role": command("DispatchOrder", order, "resident", "r-li", provider=WATER),
        "unknown_order": command("WithdrawOrder", other, "resident", "r-li"),
        "forbidden_step": command("RateOrder", order, "resident", "r-li", level="satisfied"),
        "date_in_future": place(other, time="2999-01-01T00:00:00Z"),
        "date_absurd": place(other, time="1066-10-14T00:00:00Z"),
        "id_reused": place(order, id_="taken", details="别的事"),
        "repeated": place(order, id_="taken"),
    }
    town.say("residents", *bad.values(), place(other), key=order.encode())  # one partition keeps their order
    with running(town.feed(town.worker()).run):
        eventually(lambda: len(town.log()) >= 3 + 2 + len(bad))
    town.relay_all()
    found = sorted((one.data for one in answers(town)), key=lambda said: int(said["intake"].split("@")[1]))
    assert [one.get("code", one["status"]) for one in found] == ["recorded", *bad, "recorded"]
    assert town.events_of(other) == ["OrderPlaced"]


def test_a_command_of_several_facts_is_answered_behind_the_last(town: BusTown) -> None:
    order = town.new_order()
    town.ask(place(order))
    for _ in range(3):
        town.ask(dispatch(order))
        town.ask(
            command("DeclineOrder", order, "provider", "water", provider="water", reason="not-ours", id_=None)
        )
    town.relay_all()
    (last,) = [one for one in town.heard(town.topics.outcomes) if one.data["events"] == 2]
    arbitration = town.log()[-1]
    assert arbitration.fact.event.wire == "OrderSentToArbitration"
    assert last.data["position"] == arbitration.position
    assert last.key == order


def test_no_command_is_answered_twice_when_the_relay_starts_again(town: BusTown) -> None:
    for _ in range(5):
        town.ask(place(town.new_order()))
        town.relay_all()
    counted = Counter(one.data["id"] for one in town.heard(town.topics.outcomes))
    assert set(counted.values()) == {1}
    assert len(counted) == 3 + 5


def test_what_nobody_can_read_is_a_dead_letter_sealed_whole(town: BusTown) -> None:
    town.say("residents", "{张阿姨 13800138000".encode())
    with running(town.feed(town.worker()).run):
        eventually(lambda: len(town.log()) >= 4)
    town.relay_all()
    (letter,) = town.heard(town.topics.dead_letters)
    assert letter.data["code"] == "unreadable"
    assert letter.data["size"] == 22
    assert "13800138000" not in letter.value.decode()
    assert not any("MessageParked" in one.headers["ce_type"] for one in town.heard(town.topics.events))
