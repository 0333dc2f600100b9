"""Quarter turns, for walls photographed sideways or upside down."""

from __future__ import annotations

import numpy as np

from vision.frames import Frame
from vision.types import Picture


def turn(picture: Picture, frame: Frame, quarter_turns_clockwise: int) -> tuple[Picture, Frame]:
    """The picture turned clockwise, and its frame; any whole number of quarter turns, negative ones turn back."""
    if quarter_turns_clockwise % 4 == 0:
        return picture, frame
    turned = np.ascontiguousarray(np.rot90(picture, -quarter_turns_clockwise))
    return turned, frame.turned(quarter_turns_clockwise)
