"""Pictures, weights and databases that tests make for themselves."""

import hashlib
import os
from importlib.util import find_spec

import cv2
import numpy as np
import pytest
from hypothesis import settings
from sqlalchemy import create_engine

from api.db import upgrade
from tests.postgres import postgres_cluster, postgres_url_factory  # noqa: F401 - fixtures
from vision.easyocr_parts import package

# Beside another test the seconds that one example takes say nothing.
settings.register_profile("beside others", settings.default, deadline=None)
settings.load_profile("beside others")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """A migrated, empty SQLite database to copy: faster than migrating one for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def painted():
    """Draws a wall: `painted("line", "line")` is a grey picture with dark lettering, upright, BGR."""

    def draw(*lines, width=960, height=720, size=2.0):
        wall = np.full((height, width, 3), (176, 182, 188), np.uint8)
        noise = np.random.default_rng(7).normal(0, 4, wall.shape)
        wall = np.clip(wall + noise, 0, 255).astype(np.uint8)
        for row, line in enumerate(lines):
            place = (60, int(height * (row + 1) / (len(lines) + 1)))
            cv2.putText(wall, line, place, cv2.FONT_HERSHEY_SIMPLEX, size, (40, 35, 30), 5, cv2.LINE_AA)
        return wall

    return draw


@pytest.fixture(scope="session")
def easyocr_installed():
    """Without EasyOCR (make test SLIM=1): a failure in CI, a skip elsewhere."""
    if find_spec("easyocr") is None:
        reason = "EasyOCR is not installed (make install-test without SLIM=1)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def easyocr_folder(tmp_path_factory, easyocr_installed):
    """A folder with small made-up weights in EasyOCR's own shapes, and the manifest that allows them.

    The detector marks what is bright; the recogniser is random, from a fixed seed.
    """
    torch = package("torch")
    folder = tmp_path_factory.mktemp("easyocr")
    torch.manual_seed(20)
    stock = package("easyocr.config").recognition_models["gen2"]["cyrillic_g2"]
    recogniser = package("easyocr.model.vgg_model").Model(1, 256, 256, len(stock["characters"]) + 1)
    torch.save(bright_craft(package("easyocr.craft").CRAFT(), torch).state_dict(), folder / "craft_mlt_25k.pth")
    torch.save(recogniser.state_dict(), folder / "cyrillic_g2.pth")
    write_manifest(folder)
    return folder


def bright_craft(network, torch):
    """EasyOCR's detector with all weights zero but one path, which carries brightness to the text map."""
    skip = network.upconv4.conv[0].in_channels - 128
    first = network.basenet.slice1[0]
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.zeros_(module.weight)
            torch.nn.init.zeros_(module.bias)
    chain = [*network.basenet.slice1, *network.upconv4.conv, *network.conv_cls]
    for module in chain:
        if isinstance(module, torch.nn.Conv2d):
            middle = module.kernel_size[0] // 2
            source = skip if module is network.upconv4.conv[0] else 0
            module.weight.data[0, source, middle, middle] = 1.0
    first.weight.data[0, :, 1, 1] = 1 / 6
    return network


def write_manifest(folder):
    tables = [
        f'[[file]]\nname = "{path.name}"\nsha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"\n'
        'licence = "CC0"\nsource = "the tests"\n'
        for path in sorted(folder.glob("*.pth"))
    ]
    (folder / "manifest.toml").write_text("\n".join(tables), "utf-8")
