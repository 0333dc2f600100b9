"""One of several workers holds a lease, and leaves the next one what it kept."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from api.intake.channels.lease import FOR_S, Lease, LeaseLost


def test_one_holds_and_the_next_goes_on_where_it_was(services, clock):
    one, two = Lease(services, "mail", "one"), Lease(services, "mail", "two")
    assert one.kept == {}
    assert [one.hold(), two.hold(), one.hold()] == [True, False, True]
    one.keep({"uid": 7})
    clock.move(seconds=FOR_S - 1)
    assert [two.hold(), one.hold()] == [False, True]
    clock.move(seconds=FOR_S - 1)  # it was renewed
    assert two.hold() is False
    clock.move(seconds=2)
    assert two.hold() is True
    assert two.kept == {"uid": 7}
    with pytest.raises(LeaseLost):
        one.keep({"uid": 1})
    assert (two.kept, one.hold()) == ({"uid": 7}, False)
    one.let_go()  # it is not its own any more
    assert one.hold() is False
    two.let_go()
    assert one.hold() is True
    assert Lease(services, "other", "two").hold() is True


def test_who_starts_again_under_its_name_goes_on_at_once(services):
    assert Lease(services, "mail", "one").hold()
    assert Lease(services, "mail", "one").hold()


def test_of_many_at_the_same_moment_one_has_it(services):
    leases = [Lease(services, "mail", str(number)) for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(Lease.hold, leases)) == 1
