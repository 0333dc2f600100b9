"""Reading talks to nobody: no process of somebody else's is started, no connection is made."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READ = """
import sys
said = []
def watch(event, args):
    if event in ("os.fork", "socket.connect", "socket.getaddrinfo", "urllib.Request"):
        said.append(f"{event} {args}")
sys.addaudithook(watch)
import numpy
from vision.pipeline import build_reader
from vision.engines import ReaderOptions
from vision.photo import encode_jpeg
wall = numpy.full((200, 300, 3), 180, numpy.uint8)
build_reader(ReaderOptions(runtime=sys.argv[1])).read(encode_jpeg(wall))
import time
time.sleep(0.5)
sys.exit("; ".join(said) or 0)
"""


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_reading_a_photo_forks_nothing_and_connects_to_nothing(runtime):
    if runtime == "openvino" and find_spec("openvino") is None:
        pytest.skip("OpenVINO has no wheel for this machine")
    done = subprocess.run(
        [sys.executable, "-c", READ, runtime], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
