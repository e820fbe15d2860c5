"""Who has work and does not move has stalled; who is behind and moves has not."""

from datetime import timedelta

from adapters.standing import STILL, Progress, Standing, Unsealed, Watch
from tests.support.given import TEN

PATIENCE = 30.0
LATER = TEN + timedelta(seconds=STILL)


def follower(position: int = 5, *, waited: float = 60, upstream: float | None = None) -> Progress:
    since = TEN - timedelta(seconds=waited) if waited else None
    above = TEN - timedelta(seconds=upstream) if upstream else None
    return Progress("project", "rating", position, 3, since, above)


def stalled(*looks: tuple[Progress, float]) -> bool:
    """What the last of these looks says; each is so many seconds after ten o'clock."""
    watch = Watch(PATIENCE)
    told = [watch.judge([found], TEN + timedelta(seconds=seconds))[0] for found, seconds in looks]
    return told[-1].stalled


def test_who_has_waited_and_does_not_move_has_stalled() -> None:
    assert stalled((follower(), 0), (follower(), STILL))


def test_who_moves_has_not_however_far_behind() -> None:
    assert not stalled((follower(5), 0), (follower(6), STILL))


def test_one_look_accuses_nobody() -> None:
    assert not stalled((follower(), 0))
    assert not stalled((follower(), 0), (follower(), STILL / 2))


def test_who_has_nothing_to_do_may_stand_still() -> None:
    assert not stalled((follower(waited=0), 0), (follower(waited=0), 3600))


def test_who_has_just_got_work_is_given_time() -> None:
    assert not stalled((follower(waited=1), 0), (follower(waited=1), STILL))


def test_work_after_long_rest_does_not_count_the_rest() -> None:
    idle, busy = follower(waited=0), follower(waited=60)
    assert not stalled((idle, 0), (idle, 100), (busy, 101))


def test_what_did_not_reach_its_topic_is_lag_but_no_stall_of_the_reader() -> None:
    late = follower(waited=0, upstream=90)
    assert not stalled((late, 0), (late, STILL))
    assert late.seconds(TEN) == 90


def test_a_second_look_is_asked_for_only_where_somebody_waits_too_long() -> None:
    watch = Watch(PATIENCE)
    assert watch.suspects([follower()], TEN)
    assert not watch.suspects([follower(waited=PATIENCE - 1)], TEN)


def test_the_form_for_programs_is_stable() -> None:
    watch = Watch(PATIENCE)
    watch.judge([follower()], TEN)
    roles = watch.judge([follower()], LATER)
    unsealed = Unsealed(6, 2, LATER - timedelta(seconds=9))
    told = Standing(8, roles, [], {"messages": 2}, [], unsealed, suspects=True, at=LATER).as_dict()
    assert told == {
        "status": "stalled",
        "at": LATER,
        "head": 8,
        "roles": [
            {
                "role": "project",
                "name": "rating",
                "position": 5,
                "events": 3,
                "seconds": 63.0,
                "stalled": True,
            }
        ],
        "topics": [],
        "parked": {"messages": 2},
        "sealed": {"events": 6, "unsealed": 2, "seconds": 9.0},
        "stalled": ["project/rating"],
        "not_begun": [],
    }
