"""Finds lines with EasyOCR's CRAFT detector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vision.detect.base import Region
from vision.detect.merge import reading_order
from vision.detect.rectangle import Rectangle
from vision.easyocr_parts import Stock, device_for, load_state, open_easyocr_weights, package
from vision.types import Card, Picture

VERSION = "1"
CANVAS_PX = 2560
LEAST_SIDE_PX = 20
TEXT, LINK, LOW_TEXT = 0.7, 0.4, 0.4
GROUPING = {"slope_ths": 0.1, "ycenter_ths": 0.5, "height_ths": 0.5, "width_ths": 0.5, "add_margin": 0.1}
"""EasyOCR's own values, written out: its defaults differ between its functions."""


class EasyOcrDetector:
    """CRAFT with EasyOCR's grouping of words into lines. CRAFT scores no boxes, so every score is 1."""

    def __init__(self, model_dir: Path | None, *, gpu: bool = False) -> None:
        stock = package("easyocr.config").detection_models["craft"]
        weights = open_easyocr_weights(model_dir, Stock(stock["filename"], stock["md5sum"]))
        self._device = device_for(gpu=gpu)
        self._network: Any = load_state(package("easyocr.craft").CRAFT(), weights, self._device)
        self._boxes: Any = package("easyocr.detection").get_textbox
        self._group: Any = package("easyocr.utils").group_text_box
        self._card = Card("easyocr-craft", VERSION, {weights.name: weights.sha256})

    @property
    def card(self) -> Card:
        """What this engine is."""
        return self._card

    def detect(self, picture: Picture) -> tuple[Region, ...]:
        """Regions in reading order, in the pixels of the picture."""
        rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        (polygons,) = self._boxes(
            self._network, rgb, CANVAS_PX, 1.0, TEXT, LINK, LOW_TEXT, False, self._device, None
        )  # fmt: skip
        level, tilted = self._group(polygons, **GROUPING)
        corners = [[(left, top), (right, top), (right, low), (left, low)] for left, right, top, low in level]
        shapes = [Rectangle.around(np.array(points, np.float32)) for points in (*corners, *tilted)]
        return reading_order([Region(shape.box(), 1.0) for shape in shapes if shape.width > LEAST_SIDE_PX])
