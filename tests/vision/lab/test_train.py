"""Training goes on where it stopped, and what it exports is what it trained."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from vision.lab.batches import COLUMN_OF, Known, Source, batched, chunk, load_known, save_known  # noqa: E402
from vision.lab.export import exported  # noqa: E402
from vision.lab.lines.alphabet import CHARACTERS  # noqa: E402
from vision.lab.network import logits, read_model  # noqa: E402
from vision.lab.start import STOCK, averaged, stock_start  # noqa: E402
from vision.lab.train import Settings, Trainer, as_tensors, record  # noqa: E402
from vision.lab.watch import report, script_of  # noqa: E402
from vision.recognise.onnx import OnnxRecogniser, network_input  # noqa: E402
from vision.runtime import open_network  # noqa: E402
from vision.weights import Weights, WeightsFolder  # noqa: E402

SOURCE = Source((Path("vision/fonts"),))


@pytest.fixture(scope="module")
def start():
    return stock_start()


@pytest.fixture(scope="module")
def known():
    rng = np.random.default_rng(0)
    return [
        Known(rng.integers(0, 255, (48, width, 3)).astype(np.uint8), text)
        for width, text in ((120, "тг қ"), (320, "t.me/ab"), (200, "Йө"), (400, "8 701"))
    ]


@pytest.fixture(scope="module")
def batches(known):
    return batched(known)


def trainer(start):
    return Trainer(start, Settings(crops=100, warm_up=2), bfloat16=False)


def test_the_network_in_torch_is_the_stock_network(batches):
    weights = WeightsFolder().open(STOCK)
    _, blueprint, arrays = read_model(weights.data)
    crops = as_tensors(batches[0], "cpu")[0]
    with torch.no_grad():
        ours = logits({name: torch.from_numpy(value) for name, value in arrays.items()}, blueprint, crops).softmax(2)
    theirs = open_network(weights, runtime="onnxruntime", threads=1).run(crops.contiguous().numpy())
    assert np.abs(ours.numpy() - theirs).max() < 1e-3


def test_batches_are_padded_as_the_reader_pads(known, batches):
    crops = as_tensors(batches[0], "cpu")[0]
    assert np.allclose(crops[0].numpy(), network_input(known[0].picture)[0], atol=1e-6)
    assert sum(len(batch.texts) for batch in batches) == len(known)


def test_a_chunk_is_the_same_every_time_and_holds_every_crop():
    source = replace(SOURCE, first_seed=500_000, drawn=6)
    one, two = (chunk(source, 3) for _ in range(2))
    assert [batch.texts for batch in one] == [batch.texts for batch in two]
    assert all(np.array_equal(a.pictures, b.pictures) for a, b in zip(one, two, strict=True))
    assert sum(len(batch.texts) for batch in one) == 6
    assert set("".join(text for batch in one for text in batch.texts)) <= set(COLUMN_OF)


def test_training_goes_on_where_it_stopped(start, batches, tmp_path):
    straight, first = trainer(start), trainer(start)
    losses = [straight.learn(batch) for batch in [*batches, *batches]]
    for batch in batches:
        first.learn(batch)
    first.save(tmp_path / "checkpoint.pt")
    second = trainer(start)
    second.load(tmp_path / "checkpoint.pt")
    assert (second.step, second.seen) == (len(batches), 4)
    again = [second.learn(batch) for batch in batches]
    assert again == pytest.approx(losses[len(batches) :], rel=1e-4)
    for name, value in straight.averages().items():
        assert np.allclose(value, second.averages()[name], atol=1e-5)


def test_learning_the_same_lines_lowers_the_loss(start, batches):
    one = trainer(start)
    losses = [one.learn(batches[0]) for _ in range(6)]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(("half", "near"), [(True, 0.02), (False, 1e-3)])
def test_the_exported_network_is_the_trained_one(start, batches, known, half, near):
    tuned = trainer(start)
    tuned.learn(batches[0])
    data = exported(start, tuned.averages(), half=half)
    reader = OnnxRecogniser(Weights("tiny.onnx", "0" * 64, data), runtime="onnxruntime", threads=1)
    assert reader.card.name == "wallwatch-rec"
    assert set("йңЁ ") <= set(reader.alphabet)
    columns = [COLUMN_OF[character] for character in reader.alphabet]
    torch_says = tuned.probabilities(batches[0])[0][:, [0, *columns]]
    assert np.abs(torch_says - reader.probabilities(known[0].picture)).max() < near


def test_new_letters_start_as_their_look_alikes(start):
    weight, bias = (start.weights[name] for name in start.blueprint.head)
    assert weight.shape[1] == len(bias) == len(CHARACTERS) + 2
    assert np.array_equal(weight[:, COLUMN_OF["В"]], weight[:, COLUMN_OF["B"]])
    assert bias[COLUMN_OF["В"]] < bias[COLUMN_OF["B"]]


def test_an_average_lies_between_both_networks(start):
    other = {name: value + 1 for name, value in start.weights.items()}
    middle = averaged(start.weights, other, 0.25)
    assert all(np.allclose(middle[name], value + 0.25, atol=1e-5) for name, value in start.weights.items())


def test_real_crops_are_kept_with_their_texts(known, tmp_path):
    save_known(tmp_path / "known.npz", known)
    again = load_known(tmp_path / "known.npz")
    assert [one.text for one in again] == [one.text for one in known]
    assert all(np.array_equal(a.picture, b.picture) for a, b in zip(again, known, strict=True))


def test_the_report_counts_lines_and_characters_for_each_script(batches):
    def oracle(batch):
        rows = np.zeros((len(batch.texts), 2 * 8, len(CHARACTERS) + 2), np.float32)
        rows[:, 1::2, 0] = 1
        for row, text in zip(rows, batch.texts, strict=True):
            for at, character in enumerate(text):
                row[2 * at, COLUMN_OF[character]] = 1
        return rows

    assert report(batches, oracle) == "validation: latin 1.000 exact, 0.000 wrong; cyrillic 1.000 exact, 0.000 wrong"
    assert script_of("ТГ abc") == "cyrillic"


def test_the_record_names_fonts_by_their_hash(start):
    found = record(SOURCE, Settings(), trainer(start))
    assert len(found["fonts"]["DejaVuSans.ttf"]) == 64
    assert found["seeds"] == [100_000, 100_000]
