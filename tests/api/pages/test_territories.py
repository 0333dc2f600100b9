"""The region and its territories on the map: a file of the installation's own."""

import json

import pytest

from api.settings import Settings
from tests.api.pages.world import HOSTILE

REGION = [[[69.0, 54.8], [69.3, 54.8], [69.3, 55.0], [69.0, 55.0], [69.0, 54.8]]]
YARDS = [[[69.1, 54.84], [69.2, 54.84], [69.2, 54.9], [69.1, 54.9], [69.1, 54.84]]]


@pytest.fixture
def settings(tmp_path):
    shapes = [({}, REGION), ({"name": f"КСК «Қызылжар аулалары» {HOSTILE}"}, YARDS)]
    features = [
        {"type": "Feature", "properties": facts, "geometry": {"type": "Polygon", "coordinates": rings}}
        for facts, rings in shapes
    ]
    path = tmp_path / "region.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return Settings(
        stage="development",
        data_dir=tmp_path / "data",
        limits={"sign_in_per_minute": 10_000, "requests_per_minute": 100_000},
        web={"outline": path},
    )


def test_territories_are_drawn_with_their_names_as_text(visit, accessible):
    page = visit("investigator")
    page.goto("/map?lat=54.87&lon=69.15&zoom=12")
    page.locator("path.map-outline").nth(1).wait_for(state="attached")
    (label,) = page.locator(".map-territory").all_inner_texts()
    assert label == f"КСК «Қызылжар аулалары» {HOSTILE}"
    assert page.locator(".map-territory img").count() == 0
    accessible(page)
