"""The report of a pack: what was seen where and when, by whom it was received, and what was done, on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from api.evidence.charts import PLAN_MM, plan, ranges, time_line
from api.evidence.paper import SMALL_PT, TEXT_PT, Paper, printable, size_mm
from api.evidence.subjects import BOOKS, About, Picture, Seen, Subject
from api.evidence.words import Language, Words, short, shown, words

MOST_PICTURES = 300
"""Photos that are shown; further ones are in the tables, and all originals are in the pack."""
PHOTO_MM, CROP_MM = (178.0, 76.0), (178.0, 20.0)


@dataclass(frozen=True, slots=True)
class Made:
    """When, by whom and with what a pack is made."""

    at: datetime
    by: str
    program: str
    key: str
    zone: tzinfo
    zone_name: str
    language: Language


def report(
    subject: Subject,
    made: Made,
    *,
    boxed: Callable[[str], bytes | None],
    crop: Callable[[str], bytes | None],
    crops: Mapping[str, str],
) -> bytes:
    """The PDF.

    Args:
        subject: what it is about.
        made: when, by whom, in which language.
        boxed: the small picture of a photo by its SHA-256; None for one that cannot be opened.
        crop: the crop of a sighting by its id.
        crops: the SHA-256 of each sighting's crop, by the sighting's id.
    """
    said = words(made.language)
    about = f"{said(f'about_{subject.about}')}: {printable(_name(subject, said))}"
    paper = Paper(
        title=f"{said('title')} — {about}",
        language=made.language,
        made_at=made.at,
        foot=lambda n, pages: f"WallWatch · {shown(made.at, made.zone)} · {said('page', n=n, all=pages)}",
    )
    _front(paper, subject, made, said, about)
    _addresses(paper, subject, said)
    paper.heading(said("map"), stays_with_mm=PLAN_MM)
    plan(paper, subject.sightings, said)
    time_line(paper, subject.sightings, said, made.zone)
    _sightings(paper, subject, made, said)
    _steps(paper, subject, made, said)
    _photos(paper, subject, made, said, boxed=boxed, crop=crop)
    _hashes(paper, subject, said, crops)
    return paper.as_bytes()


def _name(subject: Subject, said: Words) -> str:
    if subject.about is not About.ADDRESS:
        return subject.name
    return f"{said.kind(subject.addresses[0]['kind'])} {subject.addresses[0]['value']}"


def _front(paper: Paper, subject: Subject, made: Made, said: Words, about: str) -> None:
    paper.ink(16)
    paper.multi_cell(0, 8, said("title"), new_x="LMARGIN", new_y="NEXT", align="L")
    paper.ln(2)
    rows = [
        (said("subject"), about),
        (said("made"), shown(made.at, made.zone)),
        (said("made_by"), made.by),
        (said("program"), made.program),
        (said("pass_on"), f"TLP:{subject.tlp.upper()}"),
        (said("sightings"), str(len(subject.sightings))),
        (said("photos"), str(len(subject.photos))),
    ]
    if subject.left_out:
        rows.append((said("left_out"), str(subject.left_out)))
    if subject.case and subject.case["title"]:
        rows.append((said("case_addresses"), f"{subject.name} {subject.case['title']}"))
    paper.facts([*rows, (said("key"), made.key)])
    paper.text_block(said("times", zone=made.zone_name), size_pt=SMALL_PT, is_grey=True)


def _addresses(paper: Paper, subject: Subject, said: Words) -> None:
    paper.heading(said("addresses"))
    rows = [(said("kind"), said("value"), said("status"), said("case_addresses"))]
    for each in subject.addresses:
        value = each["value"] + (f"\n{each['punycode']}" if each["punycode"] else "")
        value += "".join(f"\n{said(alias['relation'], value=alias['value'])}" for alias in each["aliases"])
        cases = ", ".join(f"{BOOKS[case['book']]} {case['number']}" for case in each["cases"])
        rows.append((said.kind(each["kind"]), value, said.status(each["status"]), cases))
    paper.grid(rows, widths=(14, 42, 18, 26), size_pt=TEXT_PT, mono=(1,))
    paper.text_block(said("exact"), size_pt=SMALL_PT, is_grey=True)


def _sightings(paper: Paper, subject: Subject, made: Made, said: Words) -> None:
    paper.heading(said("sightings"))
    photos = {each.sha256: n for n, each in enumerate(subject.photos, start=1)}
    columns = ("number", "seen_at", "received_at", "place", "value", "confidence", "state", "photo")
    rows = [tuple(said(name) for name in columns)]
    for each in subject.sightings:
        place = f"{each.lat:.6f}, {each.lon:.6f}" + (f" ±{each.accuracy_m:.0f} {said('m')}" if each.accuracy_m else "")
        state = said("confirmed_sighting" if each.state == "confirmed" else "unreviewed")
        times = short(each.seen_at, made.zone), short(each.received_at, made.zone)
        rows.append((str(each.number), *times, place, _value(each, said), _sure(each), state, str(photos[each.photo])))
    paper.grid(rows, widths=(6, 13, 13, 16, 25, 15, 15, 7), mono=(4,))


def _value(seen: Seen, said: Words) -> str:
    """The address's value; below it what stands on this photo where that is another one, and what made it so."""
    if seen.fused is not None:
        return f"{seen.value}\n{said('fused', n=len(seen.fused['seen_in']), read=seen.read_value)}"
    if (seen.read_kind, seen.read_value) != (seen.kind, seen.value):
        return f"{seen.value}\n{said('merged', read=seen.read_value)}"
    return seen.value


def _sure(seen: Seen) -> str:
    return f"{seen.fused['confidence'] if seen.fused else seen.confidence:.0%}"


def _steps(paper: Paper, subject: Subject, made: Made, said: Words) -> None:
    paper.heading(said("steps"))
    rows = [(said("value"), said("at"), said("by"), said("step"), said("reason"))]
    rows += [_step(each, step, made, said) for each in subject.addresses for step in each["steps"]]
    if len(rows) == 1:
        paper.text_block(said("no_steps"))
        return
    paper.grid(rows, widths=(22, 13, 19, 19, 27), mono=(0,))


def _step(address: dict[str, Any], step: dict[str, Any], made: Made, said: Words) -> tuple[str, str, str, str, str]:
    # What the program notes of a step of its own is in English (and in facts.json): here it is said again.
    reason = str(step["reason"]) if step["by"] else said(f"itself_{step['to_status']}")
    if step["recipient"]:
        sent_at = short(step["sent_at"], made.zone)
        reason += "\n" + said("sent_to", recipient=step["recipient"], sent_at=sent_at, reference=step["reference"])
    turn = f"{said.status(step['from_status'])} → {said.status(step['to_status'])}"
    return address["value"], short(step["at"], made.zone), step["by"] or said("program_itself"), turn, reason


def _photos(
    paper: Paper,
    subject: Subject,
    made: Made,
    said: Words,
    *,
    boxed: Callable[[str], bytes | None],
    crop: Callable[[str], bytes | None],
) -> None:
    paper.add_page()
    paper.heading(said("photos"))
    paper.text_block(said("reduced"), size_pt=SMALL_PT, is_grey=True)
    if len(subject.photos) > MOST_PICTURES:
        text = said("pictures_left_out", shown=MOST_PICTURES, all=len(subject.photos))
        paper.text_block(text, size_pt=SMALL_PT, is_grey=True)
    for n, photo in enumerate(subject.photos[:MOST_PICTURES], start=1):
        on_it = [each for each in subject.sightings if each.photo == photo.sha256]
        _photo(paper, photo, on_it, made, said=said, n=n, jpeg=boxed(photo.sha256))
        # The same paint in several reports is one finding, and is shown once.
        for each in {each.finding_id: each for each in on_it}.values():
            cut = crop(each.id)
            paper.keep_together(CROP_MM[1] + 8 if cut else 8)
            if cut is not None:
                paper.picture(cut, width_mm=CROP_MM[0], height_mm=CROP_MM[1])
            paper.text_block(f"{said('read_as')}: {each.text}", size_pt=SMALL_PT, family="mono")
            paper.ln(1.5)


def _photo(
    paper: Paper, photo: Picture, on_it: list[Seen], made: Made, *, said: Words, n: int, jpeg: bytes | None
) -> None:
    numbers = ranges([each.number for each in on_it])
    tall = size_mm(jpeg, width_mm=PHOTO_MM[0], height_mm=PHOTO_MM[1])[1] if jpeg else 5
    paper.keep_together(tall + 22)
    paper.ln(2)
    paper.text_block(said("photo_of", n=n, numbers=numbers))
    paper.text_block(f"SHA-256 {photo.sha256}", size_pt=SMALL_PT, family="mono")
    for report_id in dict.fromkeys(each.report_id for each in on_it):
        came = next(each for each in on_it if each.report_id == report_id)
        at = shown(came.received_at, made.zone)
        text = said("received_from", sender=came.received_from, channel=came.channel, at=at)
        paper.text_block(text, size_pt=SMALL_PT, is_grey=True)
    if jpeg is None:
        paper.text_block(said("no_picture"))
    else:
        paper.picture(jpeg, width_mm=PHOTO_MM[0], height_mm=PHOTO_MM[1])


def _hashes(paper: Paper, subject: Subject, said: Words, crops: Mapping[str, str]) -> None:
    paper.heading(said("hashes"))
    rows = [(said("file"), "SHA-256")]
    rows += [(f"{said('photo')} {n}", each.sha256) for n, each in enumerate(subject.photos, start=1)]
    rows += [(f"crops/{name}.jpg", sha256) for name, sha256 in crops.items()]
    paper.grid(rows, widths=(38, 62), mono=(0, 1), size_pt=SMALL_PT - 0.5)
    paper.text_block(said("hashes_note"), size_pt=SMALL_PT, is_grey=True)
