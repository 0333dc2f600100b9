"""The trained network as EasyOCR's custom recogniser: the same network, really read with."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from vision.easyocr_parts import class_in  # noqa: E402
from vision.engines import (  # noqa: E402
    EASYOCR_CODE,
    EASYOCR_TEXT,
    EASYOCR_WEIGHTS,
    TRAINED_WEIGHTS,
    ReaderOptions,
    build_recogniser,
)
from vision.frames import Frame  # noqa: E402
from vision.photo import open_photo  # noqa: E402
from vision.prepare.rectify import crop_line  # noqa: E402
from vision.recognise.onnx import HEIGHT_PX  # noqa: E402
from vision.recognise.onnx import network_input as onnx_input  # noqa: E402
from vision.runtime import open_network  # noqa: E402
from vision.weights import DEFAULT_FOLDER, WeightsFolder  # noqa: E402

SAMPLES = Path(__file__).parents[2] / "samples"
FILES = (EASYOCR_TEXT, EASYOCR_CODE, EASYOCR_WEIGHTS)

ELSEWHERE = """
import json, os, socket, sys
import numpy as np
import pytest_socket
pytest_socket.disable_socket()
try:
    socket.socket()
    sys.exit("sockets are open")
except pytest_socket.SocketBlockedError:
    pass
from vision.easyocr_parts import package  # torch's CPU build beside torchvision's CUDA one (decision 0002)
easyocr = package("easyocr")
folder, pictures, quantize = sys.argv[1], sys.argv[2], sys.argv[3] == "quantize"
reader = easyocr.Reader(
    ["ru", "en"], gpu=False, detector=False, recog_network="wallwatch", user_network_directory=folder,
    model_storage_directory=folder, download_enabled=False, quantize=quantize, verbose=False,
)
crops = np.load(pictures)
print(json.dumps([[one[1:] for one in reader.recognize(crops[name])] for name in crops.files], default=float))
"""


@pytest.fixture(scope="module")
def lines():
    """Line crops of the samples with their texts, those of the first photos."""
    found = []
    for row in (SAMPLES / "truth.jsonl").read_text("utf-8").splitlines()[:6]:
        truth = json.loads(row)
        photo = open_photo((SAMPLES / truth["photo"]).read_bytes())
        frame = Frame.of_photo(photo.pixels.shape[1], photo.pixels.shape[0])
        found += [(crop_line(photo.pixels, frame, line["box"])[0], line["text"]) for line in truth["lines"]]
    return found


@pytest.fixture(scope="module")
def network():
    folder = WeightsFolder()
    state = torch.load(DEFAULT_FOLDER / "easyocr" / EASYOCR_WEIGHTS, weights_only=True)
    columns = len(state["module.head.bias"])
    model = class_in(folder.open(EASYOCR_CODE))(num_class=columns)
    model.load_state_dict({name.removeprefix("module."): value for name, value in state.items()})
    return model.eval()


def grey(crop):
    return cv2.cvtColor(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)


def test_its_scores_are_those_of_the_trained_network(network, lines):
    theirs = open_network(WeightsFolder().open(TRAINED_WEIGHTS), runtime="onnxruntime", threads=1)
    for crop, _ in lines:
        batch = onnx_input(grey(crop))
        with torch.no_grad():
            ours = network(torch.from_numpy(batch[:, :1]), None).softmax(2).numpy()
        expected = theirs.run(batch)
        assert ours.shape == expected.shape
        assert np.abs(ours - expected).max() < 1e-3, "make it again: python -m vision.lab.easyocr_export"
        likely = expected > 1e-3
        assert np.abs(np.log(ours[likely]) - np.log(expected[likely])).max() < 1e-2


def test_widths_of_any_kind_are_padded_with_zeros(network):
    crop = torch.rand(1, 1, HEIGHT_PX, 101) * 2 - 1
    wide = torch.zeros(1, 1, HEIGHT_PX, 320)
    wide[..., :101] = crop
    with torch.no_grad():
        assert torch.equal(network(crop), network(wide))
        assert network(torch.rand(2, 1, HEIGHT_PX, 1937)).shape[:2] == (2, 243)


def test_the_tensors_are_half_precision_and_nothing_but_tensors():
    path = DEFAULT_FOLDER / "easyocr" / EASYOCR_WEIGHTS
    state = torch.load(path, weights_only=True)
    assert all(type(value) is torch.Tensor for value in state.values())
    assert {value.dtype for value in state.values() if value.numel() > 64} == {torch.float16}
    assert path.stat().st_size < 7 * 2**20


def test_it_loads_as_easyocr_loads_on_a_gpu(network):
    state = torch.load(DEFAULT_FOLDER / "easyocr" / EASYOCR_WEIGHTS, weights_only=True)
    torch.nn.DataParallel(network).load_state_dict(state)
    assert network.head.weight.dtype == torch.float32


def test_every_language_it_offers_is_one_whose_letters_it_has(easyocr_installed):
    from vision.easyocr_parts import package

    said = package("yaml").safe_load(WeightsFolder().open(EASYOCR_TEXT).data)
    known = Path(package("easyocr").__file__).parent / "character"
    for language in said["lang_list"]:
        letters = (known / f"{language}_char.txt").read_text("utf-8-sig").split()
        assert set("".join(letters)) <= set(said["character_list"]), language
    assert set("қңғөұүһі @_") <= set(said["character_list"])


def read_elsewhere(folder, crops, quantize):
    """What EasyOCR itself reads in a process of its own, without a network, and with an empty home."""
    home = folder / "home"
    home.mkdir()
    np.savez(folder / "crops.npz", *crops)
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(folder), str(folder / "crops.npz"), quantize],
        env={**os.environ, "HOME": str(home), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(SAMPLES.parent)},
        cwd=home,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert list(home.iterdir()) == []
    return [answers[0] if answers else ["", 0.0] for answers in json.loads(done.stdout)]


@pytest.mark.parametrize("quantize", ["whole", "quantize"])
def test_easyocr_itself_reads_our_walls_with_it(easyocr_installed, lines, tmp_path, quantize):
    for name in FILES:
        shutil.copy(DEFAULT_FOLDER / "easyocr" / name, tmp_path)
    answers = read_elsewhere(tmp_path, [crop for crop, _ in lines], quantize)
    right = sum(plain(text) == plain(truth) for (text, _), (_, truth) in zip(answers, lines, strict=True))
    assert right >= len(lines) / 2
    ours = build_recogniser(ReaderOptions(recogniser="easyocr")).recognise([crop for crop, _ in lines])
    same = sum(plain(one.text) == plain(text) for one, (text, _) in zip(ours, answers, strict=True))
    assert same >= 0.8 * len(lines)


def plain(text):
    """Letters without case and spaces."""
    return "".join(text.casefold().split())


def test_the_engine_reads_what_the_trained_network_reads(easyocr_installed, lines):
    crops = [grey(crop) for crop, _ in lines]
    custom, trained = (build_recogniser(ReaderOptions(recogniser=name)) for name in ("easyocr", "trained"))
    assert [one.text for one in custom.recognise(crops)] == [one.text for one in trained.recognise(crops)]


def test_the_same_file_is_written_again(tmp_path):
    pytest.importorskip("onnx")
    from vision.lab.easyocr_export import exported

    folder = WeightsFolder()
    tensors, text = exported(folder.open(TRAINED_WEIGHTS).data, class_in(folder.open(EASYOCR_CODE)))
    entries = folder.entries()
    assert hashlib.sha256(text.encode()).hexdigest() == entries[EASYOCR_TEXT].sha256
    (tmp_path / "again.pth").write_bytes(tensors)
    again = torch.load(tmp_path / "again.pth", weights_only=True)
    kept = torch.load(DEFAULT_FOLDER / "easyocr" / EASYOCR_WEIGHTS, weights_only=True)
    assert again.keys() == kept.keys()
    assert all(torch.equal(again[name], kept[name]) for name in kept)
