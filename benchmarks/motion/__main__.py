"""``python -m benchmarks.motion``: speed, memory, likeness, stillness and smoothness of every
motion on people who do not exist, into docs/benchmarks/motion.md.

``python -m benchmarks.motion previews`` makes the previews that the catalogue shows, of the sample
customer P005 (deploy/demo/customer); ``sheet`` the contact sheet docs/benchmarks/motion.jpg;
``readme`` the moving picture docs/images/alive.webp.
"""

from __future__ import annotations

import argparse
import io
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageSequence

from benchmarks import hardware, pages
from benchmarks.motion import measures, sources
from benchmarks.motion.measures import ClipMeasure
from benchmarks.photos import people
from pipeline.animation import CannotAnimate, animate
from pipeline.animation.ahead import ahead
from pipeline.clips.clip import encode_clip
from pipeline.clips.preview import Preview
from pipeline.engine.messages import LabelText
from pipeline.images import label
from pipeline.images.mark_lifting import without_mark
from shop.catalog import FOLDER, Catalog, loader
from shop.labels.hidden import SourceType
from shop.records import Motion, Track

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "motion.md"
CUSTOMER = Path(__file__).parents[2] / "deploy" / "demo" / "customer" / "01-selfie.jpg"
README = Path(__file__).parents[2] / "docs" / "images" / "alive.webp"
README_SIDE = 320  # pixels of one of its two
SHOWN = (("golden-hour", "smile"), ("warm-film", "turn"))  # of equal length
LARGEST = 720
MEASURED = 512  # pixels of the longer side of the clips whose frames are looked at
PREVIEW = 272  # pixels of a preview's longer side: all together they stay below 2 MB
WITH_CAMERA = ("P006, selfie", "mini, P006")  # what camera moves are measured on
CAMERA = {Track.ZOOM, Track.PAN_X, Track.PAN_Y, Track.ORBIT}


def still(motion: Motion) -> bool:
    return CAMERA.isdisjoint(track for track, _ in motion.tracks)


def speed(picture: Path, motion: Motion) -> list[object]:
    """One row: of a picture enlarged to 720 x 720, CPU and wall seconds, and a process's memory."""
    pixels = sources.read(picture)
    square = cv2.resize(pixels, (LARGEST, LARGEST), interpolation=cv2.INTER_CUBIC)
    used, began = time.process_time(), time.perf_counter()
    frames = sum(1 for _ in animate(square, motion, LARGEST))
    alone = time.process_time() - used
    used, began = time.process_time(), time.perf_counter()
    clip = encode_clip(ahead(animate(square, motion, LARGEST)), motion.fps, LabelText())
    both, wall = time.process_time() - used, time.perf_counter() - began
    size = f"{len(clip.mp4) / 1000:.0f}"
    return [motion.id, frames, f"{alone:.1f}", f"{both:.1f}", f"{wall:.1f}", size]


def memory(picture: Path) -> float:
    """MiB that ``python -m pipeline.animate`` takes at most, decoder and encoder included."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "clip.mp4")
        command = [sys.executable, "-m", "pipeline.animate", str(picture), "smile", out]
        subprocess.run([*command, "--largest", "720"], check=True, capture_output=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def measured(folder: Path, motions: list[Motion]) -> dict[str, dict[str, ClipMeasure | str]]:
    """By the motion's and the source's name; a word where it is refused."""
    found: dict[str, dict[str, ClipMeasure | str]] = {one.id: {} for one in motions}
    for name, picture in sources.sources(folder):
        for motion in motions:
            if not still(motion) and name not in WITH_CAMERA:
                continue
            try:
                frames = list(animate(picture, motion, MEASURED))
            except CannotAnimate as refusal:
                found[motion.id][name] = refusal.reason.value
                continue
            measure = measures.measure(frames[0], frames, still=still(motion))
            found[motion.id][name] = measure
            print(motion.id, name, measure, flush=True)
    return found


def page(folder: Path) -> str:
    motions = [one.motion for one in Catalog.load().motions.values()]
    picture = folder / "openpeople" / "P001" / "studio_portrait.jpg"
    speeds = [speed(picture, motion) for motion in motions]
    used = memory(picture)
    found = measured(folder, motions)
    head = ["motion", "frames", "animator, CPU s", "with the encoder, CPU s", "wall s", "MP4, kB"]
    rows = []
    for id, by_name in found.items():
        kept = [one for one in by_name.values() if isinstance(one, ClipMeasure)]
        rows.append(
            [
                id, len(kept), f"{min(one.likeness for one in kept):.2f}",
                f"{np.mean([one.mean_likeness for one in kept]):.2f}",
                f"{max(one.background for one in kept):.1f}",
                max(one.border for one in kept), f"{max(one.jump for one in kept):.0f}",
            ]
        )  # fmt: skip
    names = list(next(iter(found.values())))
    people_rows = [
        [name, *(_cell(found[motion.id].get(name, "")) for motion in motions)] for name in names
    ]
    return f"""\
# Motion: the embedded animator, measured

`{pages.command("benchmarks.motion")}`, {pages.today()}, {hardware.machine()}. People who do not \
exist; P007 to P010 were not looked at.

## Speed
P001's studio portrait at 720 x 720 pixels, 25 frames a second. `python -m pipeline.animate` took \
at most {used:.0f} MiB.

{pages.table(head, speeds)}

## Likeness, stillness, smoothness
Over all sources, clips of {MEASURED} px. Likeness: SFace of every {measures.EVERY}th frame to \
the first, which is the photo as it was; the least, and the mean. Background: how far anything \
went that is more than {measures.AROUND:g} face widths away from every person (DIS flow, 99.9th \
percentile, pixels). Border: the most by which a pixel of the outermost two changed, in levels. \
Jump: the farthest that anything went from one frame to the next, in thousandths of the face's \
width. Where the camera moves, background and border move too, and are 0 here.

{pages.table(["motion", "clips", "least likeness", "mean", "background", "border", "jump"], rows)}

## By source
Least and mean likeness.

{pages.table(["source", *(motion.id for motion in motions)], people_rows)}

![Smile, turn and surprise: P001, P005, a man with glasses](motion.jpg)
"""


def _cell(measure: ClipMeasure | str) -> str:
    if isinstance(measure, str):
        return measure
    return f"{measure.likeness:.2f}, {measure.mean_likeness:.2f}"


def previews() -> None:
    """Overwrite the catalogue's previews."""
    picture = sources.read(CUSTOMER)
    for path in sorted((FOLDER / "motions").glob("*.toml")):
        motion = loader.read_motion(path)
        clip = encode_clip(animate(picture, motion, PREVIEW), motion.fps, LabelText())
        preview = smaller(clip.preview)
        (path.parent / "previews" / f"{path.stem}.webp").write_bytes(preview)
        print(path.stem, len(preview))


def smaller(preview: bytes) -> bytes:
    """The same pictures and labels, encoded with more patience than a customer's time allows."""
    with Image.open(io.BytesIO(preview)) as moving:
        frames = [one.convert("RGB") for one in ImageSequence.Iterator(moving)]
        milliseconds, packet = moving.info["duration"], moving.info["xmp"]
    out = io.BytesIO()
    frames[0].save(
        out, "WEBP", save_all=True, append_images=frames[1:], duration=milliseconds, loop=0,
        quality=42, method=6, minimize_size=True, xmp=packet,
    )  # fmt: skip
    return out.getvalue()


def sheet(folder: Path) -> None:
    """Eight frames of each of three motions, of three sources."""
    wanted = ("smile", "turn", "surprise")
    motions = Catalog.load().motions
    rows = []
    for name, picture in sources.sources(folder):
        if name not in ("P001, studio", "P005, beard", "glasses"):
            continue
        for id in wanted:
            frames = list(animate(picture, motions[id].motion, LARGEST))
            side = min(frames[0].shape[:2])
            chosen = [frames[int(at)][:side, :side] for at in np.linspace(0, len(frames) - 1, 10)]
            small = [cv2.resize(one, (150, 150), interpolation=cv2.INTER_AREA) for one in chosen]
            rows.append(np.hstack(small[1:-1]))
    labelled = label.labelled_jpeg(np.vstack(rows), LabelText(), label.new_content_id(), 85)
    PAGE.with_suffix(".jpg").write_bytes(labelled)


def readme() -> None:
    """Portraits of the catalogue's two people, which mini painted, side by side and alive."""
    motions, text = Catalog.load().motions, LabelText()
    moved = []
    for name, id in SHOWN:
        portrait = sources.read(FOLDER / "previews" / f"{name}.jpg")
        moved.append(animate(without_mark(portrait, text.mark), motions[id].motion, README_SIDE))
    size = (2 * README_SIDE, README_SIDE)
    preview = Preview(size, motions[SHOWN[0][1]].motion.fps, text.mark, max(size))
    for pair in zip(*moved, strict=True):
        preview.add(np.asarray(np.hstack(pair), np.uint8))
    code = label.new_content_id()
    README.write_bytes(smaller(preview.encode(text.producer, code, SourceType.RETOUCHED)))
    print(README, README.stat().st_size)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.motion", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("measure", "previews", "sheet", "readme"))
    parser.add_argument("--people", type=Path, default=people.PEOPLE)
    given = parser.parse_args()
    if given.what == "previews":
        previews()
    elif given.what == "readme":
        readme()
    elif given.what == "sheet":
        sheet(given.people)
    else:
        text = page(given.people)
        pages.write(PAGE, text)
        print(text)


if __name__ == "__main__":
    main()
