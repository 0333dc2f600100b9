"""The charts of the statistics: which figures stand together, and what they are in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from api.web.pages.marks import _


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of a chart; `explained` says what it is to somebody who did not make it."""

    figure: str
    name: str
    explained: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures on one axis; `unit` is count, share, hours or each."""

    name: str
    title: str
    unit: str
    lines: tuple[Line, ...]
    has_bars: bool = False


CHARTS = (
    Chart(
        "seen",
        _("What was seen"),
        "count",
        (
            Line("reports", _("Reports"), _("Reports that came in; one report may carry several photos.")),
            Line(
                "sightings",
                _("Sightings"),
                _("Each time an address was seen on a photo. What people rejected is left out."),
            ),
            Line("walls", _("Walls"), _("Different inscriptions: several photos of one wall count once.")),
            Line("addresses", _("Addresses"), _("Different addresses that were on those walls.")),
        ),
    ),
    Chart(
        "alone",
        _("Read without a person"),
        "share",
        (
            Line(
                "read_alone_share",
                _("Read alone"),
                _("The part of sightings that the reader put on the list by itself, and nobody had to correct."),
                of="sightings",
            ),
            Line(
                "review_agreement_share",
                _("Agreed in review"),
                _("Of what people reviewed, the part where they kept the reader's value."),
                of="review_agreement_of",
            ),
        ),
    ),
    Chart(
        "waited",
        _("From photo to watchlist"),
        "hours",
        (
            Line(
                "hours_to_watchlist_median",
                _("Median hours"),
                _("Half of the sightings were on the list within so many hours of the report's arrival."),
            ),
        ),
        has_bars=True,
    ),
    Chart(
        "blocking",
        _("Blocking"),
        "share",
        (
            Line(
                "blocked_share",
                _("Blocked now"),
                _("The part of the addresses seen in the period that are blocked today."),
                of="addresses",
            ),
            Line(
                "reappeared_share",
                _("Came back"),
                _("Of the addresses that were ever blocked, the part that was seen again afterwards."),
                of="reappeared_of",
            ),
        ),
    ),
    Chart(
        "painted",
        _("Walls painted over"),
        "count",
        (
            Line(
                "walls_painted",
                _("Walls painted over"),
                _("Walls whose first mark as painted over lies in the period."),
            ),
        ),
        has_bars=True,
    ),
    Chart(
        "stood",
        _("How long writing stood"),
        "hours",
        (
            Line(
                "hours_to_painted_median",
                _("Median hours until painted over"),
                _("From a wall's first photo to its first mark as painted over."),
                of="walls_painted",
            ),
        ),
        has_bars=True,
    ),
    Chart(
        "back",
        _("Writing that came back"),
        "share",
        (
            Line(
                "walls_reappeared_share",
                _("Written on again"),
                _("Of the walls painted over in the period, the part on which writing was seen again."),
                of="walls_painted",
            ),
        ),
        has_bars=True,
    ),
    Chart(
        "spread",
        _("Walls of one address"),
        "each",
        (
            Line(
                "walls_per_address_mean",
                _("Mean"),
                _("On how many different walls an address was seen in the period, on average."),
            ),
            Line("walls_per_address_median", _("Median"), _("Half of the addresses were on so many walls or fewer.")),
        ),
    ),
)
