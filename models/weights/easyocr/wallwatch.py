"""WallWatch's recogniser as a custom network of EasyOCR; needs nothing but torch.

EasyOCR finds it by its name: `wallwatch.yaml` and this file in `user_network_directory`, `wallwatch.pth` in
`model_storage_directory`, and `recog_network="wallwatch"`.

The network is PP-OCRv6's small recogniser (PaddlePaddle, Apache-2.0), tuned on drawn walls: convolutions that halve the
height and keep the width, two layers of attention along the line, and a score for each character every 8 pixels.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

WIDTHS_PX = (320, 480, 640, 960, 1280, 1920)
"""The network was trained on crops padded with zeros to one of these."""

FEATURES = 120
HEADS = 8


class Model(nn.Module):
    """What EasyOCR builds: grey crops in, scores of characters out."""

    def __init__(self, num_class: int) -> None:
        super().__init__()
        self.stem = Stem()
        self.blocks = nn.Sequential(
            Block(96, squeezed=24),
            *(Block(96) for _ in range(2)),
            Block(96, 192, strided=True),
            Block(192, squeezed=48),
            Block(192),
            Block(192, squeezed=48),
            Block(192),
            Block(192, squeezed=48),
            Block(192),
            Block(192, 384, strided=True),
            Block(384, squeezed=96),
            Block(384),
        )
        self.around = Normed(384, FEATURES, 1)
        self.narrow = Normed(384, FEATURES, 1)
        self.along = Normed(FEATURES, FEATURES, (1, 7), groups=FEATURES)
        self.attention = nn.Sequential(Attention(), Attention())
        self.norm = nn.LayerNorm(FEATURES, eps=1e-6)
        self.head = nn.Linear(FEATURES, num_class)

    def forward(self, crops: torch.Tensor, text: torch.Tensor | None = None) -> torch.Tensor:  # noqa: ARG002
        """Scores before the softmax, (N, T, num_class): column 0 is the blank, then come the characters.

        Args:
            crops: (N, 1, 48, W) grey in -1..1; W may be any.
            text: for EasyOCR's other networks.
        """
        x = self.blocks(self.stem(padded(crops).expand(-1, 3, -1, -1)))
        x = functional.avg_pool2d(x, (3, 2))
        around = self.around(x)
        x = self.narrow(x)
        x = x + self.along(x)
        steps = self.attention(x.flatten(2).transpose(1, 2))
        scores: torch.Tensor = self.head(self.norm(steps) + around.flatten(2).transpose(1, 2))
        return scores


def padded(crops: torch.Tensor) -> torch.Tensor:
    """The crops as wide as the network was trained on; a crop that is wider than all of that to a multiple of 8."""
    width = crops.shape[-1]
    wanted = next((one for one in WIDTHS_PX if one >= width), -(-width // 8) * 8)
    return functional.pad(crops, (0, wanted - width))


class Stem(nn.Module):
    """A quarter of the height and of the width, 96 channels."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 48, 3, 2, 1)
        self.thin = nn.Conv2d(48, 24, 2)
        self.thick = nn.Conv2d(24, 48, 2)
        self.joined = nn.Conv2d(96, 48, 3, 2, 1)
        self.last = nn.Conv2d(48, 96, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 96, H / 4, W / 4) of (N, 3, H, W)."""
        after = (0, 1, 0, 1)  # an even kernel is padded on the right and below
        x = functional.pad(functional.relu(self.first(x)), after)
        pooled = functional.max_pool2d(x, 2, 1)
        x = functional.relu(self.thin(x))
        x = functional.relu(self.thick(functional.pad(x, after)))
        x = functional.relu(self.joined(torch.cat((pooled, x), 1)))
        return functional.relu(self.last(x))


class Block(nn.Module):
    """A look at each channel's neighbourhood, then at all channels of each place.

    A strided block halves the height and may change the width of the network; nothing is carried around it.
    """

    def __init__(self, channels: int, wanted: int | None = None, *, squeezed: int = 0, strided: bool = False) -> None:
        super().__init__()
        self.strided = strided
        wanted = wanted or channels
        self.around = nn.Conv2d(channels, channels, 3, (2, 1) if strided else 1, 1, groups=channels)
        self.weigh = Squeeze(channels, squeezed) if squeezed else nn.Identity()
        self.wide = nn.Conv2d(channels, 2 * channels, 1)
        self.mixed = nn.Conv2d(2 * channels, wanted, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, wanted, H or H / 2, W) of (N, channels, H, W)."""
        x = self.weigh(self.around(x))
        mixed: torch.Tensor = self.mixed(functional.gelu(self.wide(x)))
        return mixed if self.strided else x + mixed


class Squeeze(nn.Module):
    """Weighs the channels by their means over the crop (squeeze and excitation)."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.less = nn.Conv2d(channels, squeezed, 1)
        self.more = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The shape of x."""
        weight = self.more(functional.relu(self.less(x.mean((2, 3), keepdim=True))))
        return x * torch.clamp(weight / 6 + 0.5, 0, 1)


class Normed(nn.Module):
    """A convolution, batch normalisation, and the swish x * sigmoid(x)."""

    def __init__(self, channels: int, wanted: int, kernel: int | tuple[int, int], *, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, wanted, kernel, padding="same", groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(wanted)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, wanted, H, W) of (N, channels, H, W)."""
        return functional.silu(self.norm(self.conv(x)))


class Attention(nn.Module):
    """A transformer layer along the line; no places are encoded, the convolutions before it see the order."""

    def __init__(self) -> None:
        super().__init__()
        self.first_norm = nn.LayerNorm(FEATURES)
        self.parts = nn.Linear(FEATURES, 3 * FEATURES)
        self.joined = nn.Linear(FEATURES, FEATURES)
        self.second_norm = nn.LayerNorm(FEATURES)
        self.wide = nn.Linear(FEATURES, 2 * FEATURES)
        self.mixed = nn.Linear(2 * FEATURES, FEATURES)

    def forward(self, steps: torch.Tensor) -> torch.Tensor:
        """(N, T, FEATURES) of the same."""
        count, length, _ = steps.shape
        parts = self.parts(self.first_norm(steps)).reshape(count, length, 3, HEADS, FEATURES // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value)
        steps = steps + self.joined(seen.transpose(1, 2).reshape(count, length, FEATURES))
        mixed: torch.Tensor = self.mixed(functional.silu(self.wide(self.second_norm(steps))))
        return steps + mixed
