import hashlib
import os
import pickle
import shutil

import cv2
import numpy as np
import pytest

from vision.detect.easyocr import EasyOcrDetector
from vision.easyocr_parts import Stock, open_easyocr_weights, package
from vision.errors import EngineError, WeightsChanged, WeightsMissing
from vision.recognise.easyocr import EasyOcrRecogniser, network_input, published

pytestmark = pytest.mark.usefixtures("easyocr_installed")


def cyrillic(folder):
    return EasyOcrRecogniser(published(folder, model="cyrillic_g2"))


def night_wall(*boxes):
    wall = np.zeros((400, 600, 3), np.uint8)
    for left, top, right, low in boxes:
        cv2.rectangle(wall, (left, top), (right, low), (255, 255, 255), -1)
    return wall


def hull(region):
    box = np.array(region.box)
    return (*box.min(axis=0), *box.max(axis=0))


def test_words_on_one_line_are_grouped_and_lines_stay_apart(easyocr_folder):
    wall = night_wall((60, 100, 200, 140), (212, 100, 380, 140), (60, 260, 300, 300))
    first, second = EasyOcrDetector(easyocr_folder).detect(wall)
    assert hull(first) == pytest.approx((60, 100, 380, 140), abs=18)
    assert hull(second) == pytest.approx((60, 260, 300, 300), abs=18)


def test_a_bare_wall_has_no_lines(easyocr_folder):
    assert EasyOcrDetector(easyocr_folder).detect(night_wall()) == ()


def test_boxes_are_plain_numbers(easyocr_folder):
    (region,) = EasyOcrDetector(easyocr_folder).detect(night_wall((60, 100, 300, 150)))
    assert all(type(value) is float for corner in region.box for value in corner)


@pytest.mark.parametrize("letter", ["Ж", "ы", "@", "7", "z"])
def test_the_networks_columns_are_easyocrs_characters(easyocr_folder, tmp_path, letter):
    torch = package("torch")
    alphabet = package("easyocr.config").recognition_models["gen2"]["cyrillic_g2"]["characters"]
    state = torch.load(easyocr_folder / "cyrillic_g2.pth", weights_only=True)
    state["Prediction.weight"].zero_()
    state["Prediction.bias"].zero_()
    state["Prediction.bias"][alphabet.index(letter) + 1] = 20.0
    torch.save(state, tmp_path / "cyrillic_g2.pth")
    listed(tmp_path)
    (answer,) = cyrillic(tmp_path).recognise([night_wall((10, 10, 50, 50))])
    assert answer.text == letter
    assert answer.confidence > 0.99
    assert letter in answer.lattice.alphabet


def listed(folder):
    (path,) = folder.glob("*.pth")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    table = f'[[file]]\nname = "{path.name}"\nsha256 = "{digest}"\nlicence = "CC0"\nsource = "a test"\n'
    (folder / "manifest.toml").write_text(table, "utf-8")


def test_crops_keep_their_shape_at_the_networks_height():
    assert network_input(np.zeros((128, 640, 3), np.uint8), 64).shape == (1, 1, 64, 320)
    assert network_input(np.zeros((2, 9000, 3), np.uint8), 64).shape == (1, 1, 64, 2560)
    assert network_input(np.zeros((300, 2, 3), np.uint8), 48).shape == (1, 1, 48, 24)


@pytest.mark.parametrize(("engine", "name"), [(EasyOcrDetector, "craft_mlt_25k.pth"), (cyrillic, "cyrillic_g2.pth")])
def test_without_weights_the_error_names_the_file_and_where_to_put_it(tmp_path, engine, name):
    with pytest.raises(WeightsMissing) as refused:
        engine(tmp_path)
    assert name in str(refused.value)
    assert str(tmp_path) in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_the_error_names_the_setting():
    with pytest.raises(WeightsMissing, match="WALLWATCH_VISION__MODEL_DIR"):
        EasyOcrDetector(None)


def test_a_file_that_is_neither_listed_nor_published_is_not_opened(easyocr_folder, tmp_path):
    shutil.copy(easyocr_folder / "cyrillic_g2.pth", tmp_path)
    with pytest.raises(WeightsChanged, match=r"cyrillic_g2\.pth"):
        cyrillic(tmp_path)


def test_the_published_file_needs_no_manifest(tmp_path):
    (tmp_path / "net.pth").write_bytes(b"abc")
    weights = open_easyocr_weights(tmp_path, Stock("net.pth", "900150983cd24fb0d6963f7d28e17f72"))
    assert weights.data == b"abc"
    assert weights.sha256.startswith("ba7816bf")


def test_a_pickle_that_runs_code_is_refused_and_does_not_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "sprung"),))

    (tmp_path / "craft_mlt_25k.pth").write_bytes(pickle.dumps({"basenet": Trap()}))
    listed(tmp_path)
    with pytest.raises(EngineError, match=r"craft_mlt_25k\.pth"):
        EasyOcrDetector(tmp_path)
    assert not (tmp_path / "sprung").exists()


def test_weights_of_another_network_are_refused(easyocr_folder, tmp_path):
    shutil.copy(easyocr_folder / "cyrillic_g2.pth", tmp_path / "craft_mlt_25k.pth")
    listed(tmp_path)
    with pytest.raises(EngineError, match="does not fit"):
        EasyOcrDetector(tmp_path)


def test_a_gpu_that_is_not_there_is_a_clear_error(easyocr_folder):
    torch = package("torch")
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        assert EasyOcrDetector(easyocr_folder, gpu=True).card.name == "easyocr-craft"
        return
    with pytest.raises(EngineError, match="GPU"):
        EasyOcrDetector(easyocr_folder, gpu=True)
