"""The machine that a board was made on, the versions that ran, and the memory of processes."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "wallwatch",
    "numpy",
    "opencv-python-headless",
    "openvino",
    "onnxruntime",
    "rapidocr",
    "easyocr",
    "torch",
    "pillow",
)


def described() -> dict[str, str]:
    """Facts about the machine by name, as far as it tells them."""
    facts = {
        "processor": _processor(),
        "cores that may be used": str(cores()),
        "system": f"{platform.system()} {platform.machine()}",
    }
    if memory := _field("/proc/meminfo", "MemTotal"):
        facts["memory"] = f"{int(memory.split()[0]) / 2**20:.0f} GiB"
    facts["load when it began"] = f"{os.getloadavg()[0]:.2f}"
    return facts


def versions() -> dict[str, str]:
    """What ran, by name."""
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_bytes(pid: int | None = None) -> int:
    """The most memory that a running process has held; 0 where the system does not tell.

    Not `ru_maxrss`: that one of a fresh child begins with what its parent held when it was started.
    """
    held = _field(f"/proc/{pid or 'self'}/status", "VmHWM")
    return int(held.split()[0]) * 1024 if held else 0


def peak_with_children_bytes() -> int:
    """The same for this process and the children of it that run now, such as the one that decodes photos."""
    return peak_bytes() + sum(peak_bytes(pid) for pid in _children())


def _children() -> Iterator[int]:
    for path in Path("/proc/self/task").glob("*/children"):
        yield from map(int, path.read_text("ascii").split())


def _processor() -> str:
    return _field("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()


def _field(path: str, name: str) -> str:
    """The first value of a name in one of the system's lists of "name: value"; "" when there is none."""
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except OSError:
        return ""
    rows = (line.partition(":") for line in lines)
    return next((value.strip() for key, _, value in rows if key.strip() == name), "")
