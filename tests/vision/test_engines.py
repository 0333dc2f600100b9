import subprocess
import sys

import pytest

from vision.engines import ENGINES, ReaderOptions, build_detector, build_recogniser
from vision.errors import EngineError, EngineUnknown, WeightsMissing
from vision.runtime import choose_runtime, open_network
from vision.weights import Weights, WeightsFolder


def loaded_after(code):
    """The heavy modules in a fresh process after some code."""
    heavy = (
        "print(*[n for n in ('torch', 'easyocr', 'openvino', 'onnxruntime', 'rapidocr', 'cv2') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", f"import sys\n{code}\n{heavy}"], capture_output=True, check=True)
    return done.stdout.decode().split()


def test_an_unknown_engine_is_refused_with_the_names_that_exist():
    with pytest.raises(EngineUnknown) as refused:
        build_detector(ReaderOptions(reader="crystal ball"))
    assert all(name in str(refused.value) for name in ENGINES)
    with pytest.raises(EngineUnknown, match="embedded"):
        build_recogniser(ReaderOptions(recogniser="crystal ball"))


def test_halves_of_two_engines_can_be_mixed(easyocr_folder):
    options = ReaderOptions(reader="embedded", recogniser="cyrillic_g2", model_dir=easyocr_folder)
    assert build_detector(options).card.name == "pp-ocrv6-det"
    assert build_recogniser(options).card.name == "easyocr-cyrillic_g2"
    other = ReaderOptions(reader="easyocr", recogniser="embedded", model_dir=easyocr_folder)
    assert build_detector(other).card.name == "easyocr-craft"
    assert build_recogniser(other).card.name == "paired-rec"


def test_easyocrs_half_that_recognises_needs_no_weights_but_ours(easyocr_installed):
    card = build_recogniser(ReaderOptions(recogniser="easyocr", model_dir=None)).card
    assert card.name == "easyocr-wallwatch"
    assert {name: digest for name, digest in card.weights.items() if name.endswith(".pth")} == {
        "wallwatch.pth": WeightsFolder().entries()["wallwatch.pth"].sha256
    }


def test_an_empty_half_is_the_readers_own():
    assert build_detector(ReaderOptions(detector="")).card.name == "pp-ocrv6-det"


def test_easyocr_without_weights_says_what_is_missing(easyocr_installed, tmp_path):
    with pytest.raises(WeightsMissing, match=r"craft_mlt_25k\.pth and latin_g2\.pth are missing"):
        build_detector(ReaderOptions(reader="easyocr", recogniser="latin_g2", model_dir=tmp_path))
    with pytest.raises(WeightsMissing, match=r"^craft_mlt_25k\.pth is missing"):
        build_recogniser(ReaderOptions(reader="easyocr", model_dir=tmp_path))
    with pytest.raises(WeightsMissing, match=r"^cyrillic_g2\.pth is missing"):
        build_recogniser(ReaderOptions(recogniser="cyrillic_g2", model_dir=tmp_path))


def test_weights_are_looked_for_where_the_options_say(tmp_path):
    with pytest.raises(WeightsMissing, match=r"manifest\.toml"):
        build_recogniser(ReaderOptions(weights_dir=tmp_path))


def test_importing_the_package_and_the_table_loads_no_runtime():
    assert not set(loaded_after("import vision, vision.errors")) & {"torch", "openvino", "onnxruntime", "cv2"}
    assert not set(loaded_after("import vision.engines")) & {"torch", "easyocr", "openvino", "onnxruntime", "rapidocr"}


def test_the_embedded_reader_never_imports_rapidocr_or_torch():
    code = "from vision.engines import *; o = ReaderOptions(); build_detector(o); build_recogniser(o)"
    assert not {"torch", "easyocr", "rapidocr"} & set(loaded_after(code))


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_a_file_that_is_no_network_is_a_clear_error(runtime):
    with pytest.raises(EngineError, match=r"rubbish\.onnx"):
        open_network(Weights("rubbish.onnx", "0" * 64, b"rubbish"), runtime=runtime)


def test_an_unknown_runtime_is_refused_with_the_names_that_exist():
    with pytest.raises(EngineError, match="openvino or onnxruntime"):
        choose_runtime("abacus")
    assert choose_runtime() in ("openvino", "onnxruntime")
