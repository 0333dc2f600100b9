"""A photo shows the inscription that it looks like, or whose address stands near by; once, whoever reads it when."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from api.inscriptions.pictures import look_around
from api.readings.service import store_reading
from api.unit import SYSTEM
from models import Inscription, InscriptionPhoto, PhotoFeatures, PhotoMatch, PhotoState, Sighting
from models.reports import Photo
from tests.api.wall_pictures import bare, jpeg, plaster, receive, seen_from, series, take, walls, work
from tests.api.walls import CARD, finding, reading

NAME, OTHER = "qz_tuman_lis_77", "qz_boran_kot_31"


@pytest.fixture(scope="session")
def shots():
    return series()


@pytest.fixture
def officer(accounts):
    return accounts["officer"]


def how(services, *photos):
    with services.reading_unit() as unit:
        return [unit.session.get_one(InscriptionPhoto, sha256).how for sha256 in photos]


def count(services, table):
    with services.reading_unit() as unit:
        return unit.session.scalar(select(func.count()).select_from(table))


def store_and_die(services, photo):
    with services.unit() as unit:
        store_reading(unit, photo, reading(photo, finding(OTHER)))
        raise ZeroDivisionError


def test_three_photos_of_one_wall_are_one_inscription_whatever_is_read_on_them(services, officer, shots):
    photos = [
        take(services, officer, shots[0], finding(NAME)),
        take(services, officer, shots[1], finding(OTHER), north_m=40, hours=2),
        take(services, officer, shots[2], north_m=-20, hours=5000),  # nothing was read
    ]
    assert len(set(walls(services, *photos))) == 1
    assert how(services, *photos) == ["first", "picture", "picture"]
    with services.reading_unit() as unit:
        (row,) = unit.session.scalars(select(Inscription))
        assert (row.photo_count, row.state, row.merged_into_id) == (3, "open", None)
        assert {one.inscription_id for one in unit.session.scalars(select(Sighting))} == {row.id}


def test_another_wall_next_door_and_the_same_stencil_far_away_are_others(services, officer):
    wall = plaster(1, stencil="@qz tuman")
    here = take(services, officer, seen_from(wall, 1), finding(NAME))
    next_door = take(services, officer, plaster(2, stencil="@qz tuman"), finding(NAME), north_m=8)
    far = take(services, officer, seen_from(wall, 2), finding(NAME), north_m=400)
    again = take(services, officer, seen_from(wall, 3), finding(NAME), north_m=5)
    found = walls(services, here, next_door, far, again)
    assert len(set(found)) == 3
    assert found[0] == found[3]


def test_a_coordinate_that_is_worse_is_looked_around_further(services, officer):
    wall = plaster(3)
    first = take(services, officer, seen_from(wall, 1), finding(NAME), accuracy_m=200)
    vague = take(services, officer, seen_from(wall, 2), finding(NAME), north_m=150)
    sure = take(services, officer, seen_from(wall, 3), finding(NAME), north_m=-100)
    assert len(set(walls(services, first, vague, sure))) == 1  # the first one's own word reaches both
    exact = take(services, officer, seen_from(wall, 4), finding(NAME), north_m=320)
    assert walls(services, exact) != walls(services, first)


def test_bare_walls_are_told_by_place_address_and_time(services, officer):
    first = take(services, officer, bare(1), finding(NAME))
    soon = take(services, officer, bare(2), finding(NAME), north_m=20, hours=24 * 29)
    other_name = take(services, officer, bare(3), finding(OTHER), north_m=2)
    away = take(services, officer, bare(4), finding(NAME), north_m=-40)
    late = take(services, officer, bare(5), finding(NAME), north_m=-15, hours=24 * 62)
    found = walls(services, first, soon, other_name, away, late)
    assert found[0] == found[1]
    assert len(set(found)) == 4
    assert how(services, soon) == ["place"]
    with services.reading_unit() as unit:
        assert unit.session.get_one(InscriptionPhoto, first).features < 50


def test_what_only_waits_for_a_person_has_an_inscription_too_and_nothing_has_none(services, officer):
    waiting = [
        take(services, officer, bare(seed), finding(NAME, accepted=False), north_m=seed, hours=seed) for seed in (1, 2)
    ]
    assert len(set(walls(services, *waiting))) == 1
    assert count(services, Sighting) == 0
    assert walls(services, take(services, officer, bare(9))) == [None]


def test_reading_again_with_another_reader_makes_nothing_new(services, officer):
    photo = take(services, officer, plaster(4), finding(NAME))
    before = walls(services, photo)
    with services.unit() as unit:
        unit.session.get_one(Photo, photo).state = PhotoState.OWED
    assert work(services, finding(OTHER), card=replace(CARD, version="2")).attempt(photo) == "read"
    receive(services, officer, jpeg(plaster(4)), north_m=300, hours=1)
    assert walls(services, photo) == before
    assert (count(services, Inscription), count(services, PhotoFeatures)) == (1, 1)


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_photos_that_are_read_at_once_whoever_stores_first_makes_the_inscription(services, officer, first):
    wall = plaster(5)
    data = [jpeg(seen_from(wall, number)) for number in (1, 2)]
    photos = [receive(services, officer, each) for each in data]
    for sha256, each in zip(photos, data, strict=True):  # both have looked around before either is stored
        look_around(services, SYSTEM, sha256, each)
    assert count(services, PhotoMatch) == 1
    for sha256 in (photos[first], photos[1 - first]):
        with services.unit() as unit:
            store_reading(unit, sha256, reading(sha256, finding(NAME if sha256 == photos[0] else OTHER)))
    assert len(set(walls(services, *photos))) == 1
    assert count(services, Inscription) == 1


def test_two_workers_with_two_photos_of_one_wall_end_with_one_inscription(services, officer):
    wall = plaster(6)
    together = threading.Barrier(3)
    workers = [work(services, finding(name), wait=together.wait) for name in (NAME, OTHER, "qz_jel_tas_12")]
    photos = [receive(services, officer, jpeg(seen_from(wall, number))) for number in range(3)]
    ended = []
    threads = [
        threading.Thread(target=lambda w=worker, p=photo: ended.append(w.attempt(p)))
        for worker, photo in zip(workers, photos, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert ended == ["read"] * 3
    assert len(set(walls(services, *photos))) == count(services, Inscription) == 1


def test_killed_between_the_steps_it_ends_as_if_it_had_not_been(services, officer):
    wall = plaster(7)
    first = take(services, officer, seen_from(wall, 1), finding(NAME))
    data = jpeg(seen_from(wall, 2))
    photo = receive(services, officer, data)
    look_around(services, SYSTEM, photo, data)
    with pytest.raises(ZeroDivisionError):
        store_and_die(services, photo)
    assert walls(services, photo) == [None]
    look_around(services, SYSTEM, photo, data)
    assert work(services, finding(OTHER)).attempt(photo) == "read"
    assert walls(services, photo) == walls(services, first)
    assert (count(services, Inscription), count(services, PhotoFeatures), count(services, PhotoMatch)) == (1, 2, 1)


def test_what_one_photo_joins_becomes_one_inscription(services, officer):
    """Two ends of a long wall have nothing in common; a photo of all of it has both."""
    wall = plaster(8, side=1000)
    left = take(services, officer, wall[:, :480], finding(NAME))
    right = take(services, officer, wall[:, 520:], finding(OTHER), north_m=30, hours=1)
    assert len(set(walls(services, left, right))) == 2
    whole = take(services, officer, wall, north_m=10, hours=2)
    assert len(set(walls(services, left, right, whole))) == 1
    with services.reading_unit() as unit:
        merged = unit.session.scalars(select(Inscription).where(Inscription.merged_into_id.is_not(None))).one()
        assert (merged.photo_count, merged.merged_into_id) == (0, walls(services, whole)[0])


def test_without_comparing_places_and_addresses_decide(make_services, officer):
    services = make_services(inscriptions={"compare_at_most": 0})
    wall = plaster(9)
    first = take(services, officer, seen_from(wall, 1), finding(NAME))
    second = take(services, officer, seen_from(wall, 2), finding(OTHER))
    assert len(set(walls(services, first, second))) == 2
