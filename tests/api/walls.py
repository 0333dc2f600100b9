"""Readings that tests store, as a reader would have made them."""

from vision.types import Alternative, Card, Finding, Kind, Line, PhotoFacts, Reading, Repair, Uncertain

CARD = Card("test-reader", "1", {"b.onnx": "b" * 64, "a.onnx": "a" * 64})
BOX = ((10.0, 20.0), (200.5, 22.0), (200.0, 60.25), (10.0, 58.0))


def finding(value="qz_sample_wall_77", *, accepted=True, kind=Kind.TELEGRAM, **values):
    return Finding(
        kind=kind,
        value=value,
        confidence=values.pop("confidence", 0.93 if accepted else 0.4),
        accepted=accepted,
        text=values.pop("text", f"@{value}"),
        box=BOX,
        **values,
    )


def reading(sha256, *findings, card=CARD, unread=(), lines=None):
    return Reading(
        photo=PhotoFacts(sha256, "JPEG", 320, 240),
        findings=findings,
        lines=lines or (Line("СОЛЬ 24", 0.7, BOX), Line("@qz_sample_wall_77", 0.9, BOX)),
        card=card,
        stages={"prepare": 0.01, "detect": 0.2, "address": 0.003, "a": 0.1},
        quarter_turns=1,
        unread=unread,
    )


RICH = finding(
    "qz_sample_wall_78",
    alternatives=(Alternative("qz_sample_wa11_78", 0.2),),
    trail=(Repair("homoglyph", "а", "a"),),
    facts={"referral": "x", "path": "/15"},
    source="QRCode",
    uncertain=(Uncertain(12, "l", (("1", 0.2), ("", 0.04))), Uncertain(13, "l", (("1", 0.2),))),
)
