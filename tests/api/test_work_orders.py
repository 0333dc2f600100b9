"""Work orders: every step that may follow and none that may not, one active order a wall, the wall marked and unmarked."""

import pytest

from api.cleanup.orders import order_of, steps_of
from api.cleanup.states import STEPS, Action, next_of
from api.cleanup.steps import OrderStepRefused
from models import Inscription, OrderState
from tests.api.cleanup import PATHS, City

# Written by hand beside the code's table, so that a change of either is seen.
TABLE = {
    "open": "assign send cancel",
    "sent": "accept say_painted paint not_ours cancel remind",
    "accepted": "say_painted paint not_ours cancel remind",
    "painted": "verify not_painted",
    "verified": "close reopen",
    "closed": "reopen",
}
BY_HAND = [action for action in Action if action not in {Action.SAY_PAINTED, Action.REMIND}]


@pytest.fixture
def city(services, accounts):
    return City(services, accounts["investigator"])


def state_of(services, order_id):
    with services.reading_unit() as unit:
        return order_of(unit, order_id).state


def test_the_table_is_the_one_written_here():
    assert {str(state): set(next_of(state)) for state in OrderState} == {k: set(v.split()) for k, v in TABLE.items()}
    assert set(STEPS) == set(Action)


@pytest.mark.parametrize("state", PATHS)
def test_steps_that_may_follow_do_and_others_are_refused_with_what_may(services, city, state):
    order_id = city.order(to=state)
    assert state_of(services, order_id) == state
    for action in BY_HAND:
        if action not in TABLE[state].split():
            with pytest.raises(OrderStepRefused) as refused:
                city.act(order_id, action)
            assert refused.value.facts == {"order_state": state, "step": action, "next_steps": next_of(state)}
    assert state_of(services, order_id) == state
    with services.reading_unit() as unit:
        assert [step.action for step in steps_of(unit, order_id)] == ["open", *PATHS[state]]


def test_a_verified_order_marks_its_wall_and_a_mistaken_one_takes_the_mark_back(services, city):
    order_id = city.order(to="verified")
    with services.reading_unit() as unit:
        wall_id = order_of(unit, order_id).inscription_id
        assert unit.session.get_one(Inscription, wall_id).state == "painted"
    city.act(order_id, "reopen")
    with services.reading_unit() as unit:
        assert unit.session.get_one(Inscription, wall_id).state == "open"
        assert (order_of(unit, order_id).state, order_of(unit, order_id).reopened) == ("open", 1)
