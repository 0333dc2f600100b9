import hashlib

import pytest

from vision.errors import EngineError, WeightsChanged, WeightsMissing
from vision.weights import DEFAULT_FOLDER, WeightsFolder

PAYLOAD = b"numbers of a small network"


def manifest(folder, *, name="tiny.onnx", sha256=None, extra=""):
    digest = sha256 or hashlib.sha256(PAYLOAD).hexdigest()
    table = f'[[file]]\nname = "{name}"\nsha256 = "{digest}"\nlicence = "CC0"\nsource = "a test"\n{extra}'
    (folder / "manifest.toml").write_text(table, "utf-8")
    return WeightsFolder(folder)


def test_a_file_with_the_manifests_sha256_is_opened(tmp_path):
    (tmp_path / "tiny.onnx").write_bytes(PAYLOAD)
    weights = manifest(tmp_path).open("tiny.onnx")
    assert weights.data == PAYLOAD
    assert weights.sha256 == hashlib.sha256(PAYLOAD).hexdigest()


def test_one_changed_bit_is_refused_and_named(tmp_path):
    (tmp_path / "tiny.onnx").write_bytes(PAYLOAD[:-1] + bytes([PAYLOAD[-1] ^ 1]))
    with pytest.raises(WeightsChanged, match=r"tiny\.onnx"):
        manifest(tmp_path).open("tiny.onnx")


def test_a_missing_file_is_named_with_its_folder(tmp_path):
    with pytest.raises(WeightsMissing) as refused:
        manifest(tmp_path).open("tiny.onnx")
    assert "tiny.onnx" in str(refused.value)
    assert str(tmp_path) in str(refused.value)


def test_a_file_that_the_manifest_does_not_list_is_not_opened(tmp_path):
    (tmp_path / "other.onnx").write_bytes(PAYLOAD)
    with pytest.raises(WeightsMissing, match=r"other\.onnx"):
        manifest(tmp_path).open("other.onnx")


def test_a_folder_without_manifest_says_so(tmp_path):
    with pytest.raises(WeightsMissing, match=r"manifest\.toml"):
        WeightsFolder(tmp_path).open("tiny.onnx")


@pytest.mark.parametrize("text", ["not toml [", "", "[[file]]\nname = 'a'\n", "file = 3\n"])
def test_a_broken_manifest_is_a_clear_error(tmp_path, text):
    (tmp_path / "manifest.toml").write_text(text, "utf-8")
    with pytest.raises(EngineError, match=r"manifest\.toml"):
        WeightsFolder(tmp_path).open("tiny.onnx")


def test_a_package_that_is_not_installed_is_named(tmp_path):
    folder = manifest(tmp_path, extra='package = "no_such_package_here"\n')
    with pytest.raises(WeightsMissing, match="no_such_package_here"):
        folder.open("tiny.onnx")


def test_every_file_of_the_programs_manifest_opens_and_has_a_card():
    folder = WeightsFolder()
    for name, entry in folder.entries().items():
        assert folder.open(name).sha256 == entry.sha256
        card = DEFAULT_FOLDER / "cards" / (name.rsplit(".", 1)[0] + ".md")
        assert name in card.read_text("utf-8")
        assert entry.licence in card.read_text("utf-8")
