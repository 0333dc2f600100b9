"""Runs a network on OpenVINO or ONNX Runtime behind one small protocol.

Both compute in float32: on processors with bfloat16 OpenVINO would otherwise choose it, and the same photo would read
differently on two machines (and, measured, slower).
"""

from __future__ import annotations

import importlib.util
import os
import queue
import sys
from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vision.errors import EngineError
from vision.weights import Weights

Floats: TypeAlias = NDArray[np.float32]

RUNTIMES = ("openvino", "onnxruntime")
"""In the order of preference: the faster first (docs/reader.md has the figures)."""


class Network(Protocol):
    """One network with one input and one output. An instance serves many threads."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """What the weights file says of itself."""

    def run(self, batch: Floats) -> Floats:
        """The output for an input batch, in memory of its own."""


def choose_runtime(runtime: str = "auto") -> str:
    """The name of the runtime to use: the one asked for, or the first that is installed.

    Raises:
        EngineError: it is unknown, or not installed.
    """
    if runtime not in ("auto", *RUNTIMES):
        raise EngineError(f"There is no runtime {runtime!r}: choose auto, {' or '.join(RUNTIMES)}.")
    wanted = RUNTIMES if runtime == "auto" else (runtime,)
    for name in wanted:
        if importlib.util.find_spec(name) is not None:
            return name
    raise EngineError(f"No inference runtime is installed: pip install {wanted[0]}.")


def open_network(weights: Weights, *, runtime: str = "auto", threads: int | None = None) -> Network:
    """A network ready to run.

    Args:
        weights: an ONNX file.
        runtime: "auto", "openvino" or "onnxruntime".
        threads: processor threads for one call; None for all cores.

    Raises:
        EngineError: the runtime is not installed or refuses the file.
    """
    kind = OpenVinoNetwork if choose_runtime(runtime) == "openvino" else OnnxNetwork
    count = threads or os.cpu_count() or 1
    try:
        return kind(weights, threads=count)
    except Exception as error:  # the runtimes raise whatever their C++ threw; a person needs the file's name
        raise EngineError(f"{weights.name} cannot be loaded: {error}") from error


class OpenVinoNetwork:
    """A network on OpenVINO; every call borrows an infer request, so threads never share one."""

    def __init__(self, weights: Weights, *, threads: int) -> None:
        openvino = _quiet_openvino()
        core = openvino.Core()
        model = core.read_model(model=weights.data)
        self._tensor: Any = openvino.Tensor
        self._metadata = _openvino_metadata(model)
        self._compiled: Any = core.compile_model(
            model,
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": "f32",
                "INFERENCE_NUM_THREADS": threads,
                "NUM_STREAMS": 1,
                "ENABLE_CPU_PINNING": False,  # several worker processes must not sit on the same cores
            },
        )
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue()

    @property
    def metadata(self) -> Mapping[str, str]:
        """What the weights file says of itself."""
        return self._metadata

    def run(self, batch: Floats) -> Floats:
        """The output for an input batch, in memory of its own."""
        try:
            request = self._idle.get_nowait()
        except queue.Empty:
            request = self._compiled.create_infer_request()
        try:
            request.set_input_tensor(self._tensor(np.ascontiguousarray(batch), shared_memory=True))
            request.infer()
            return np.array(request.get_output_tensor().data, dtype=np.float32)
        finally:
            self._idle.put(request)


class OnnxNetwork:
    """A network on ONNX Runtime, whose sessions may be called from many threads."""

    def __init__(self, weights: Weights, *, threads: int) -> None:
        import onnxruntime  # noqa: PLC0415 - heavy, and only one of the two runtimes is needed

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = threads
        options.enable_cpu_mem_arena = False  # the arena keeps the largest picture's memory for ever
        self._session: Any = onnxruntime.InferenceSession(weights.data, options, providers=["CPUExecutionProvider"])
        self._input: str = self._session.get_inputs()[0].name
        self._metadata: dict[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)

    @property
    def metadata(self) -> Mapping[str, str]:
        """What the weights file says of itself."""
        return self._metadata

    def run(self, batch: Floats) -> Floats:
        """The output for an input batch, in memory of its own."""
        (output,) = self._session.run(None, {self._input: batch})
        return np.asarray(output, dtype=np.float32)


def _quiet_openvino() -> Any:
    """The OpenVINO package, kept from reporting to its makers.

    Importing it starts a process that sends usage figures over the network, unless the package that does so is missing;
    that fork, taken while other threads run, may also hang and keep this process from ending.
    """
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino  # noqa: PLC0415 - heavy, and absent on some machines

    return openvino


def _openvino_metadata(model: Any) -> dict[str, str]:
    """The metadata of an ONNX file as OpenVINO keeps it: every entry under "framework"."""
    info = model.get_rt_info()
    if "framework" not in info:
        return {}
    framework = info["framework"]
    return {str(key): str(model.get_rt_info(["framework", key]).astype(str)) for key in framework}
