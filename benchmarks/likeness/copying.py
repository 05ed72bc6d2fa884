"""Whether portraits copy the photos that were trained on: the measures of MultiID-Bench.

Sim(GT), Sim(Ref) and the copy-paste rate as WithAnyone (arXiv 2510.14975, section 4) defines them
and its evaluation computes them (github.com/Doby-Xu/WithAnyone, commit 996d152,
MultiID-Bench/metrics/arcface_metric.py, `copy_geo`); the embedding is SFace instead of ArcFace. The
reference is a photo that training saw, the ground truth one that it never saw. There a picture
has one of each. Here it has all of them, and its figures are the means over all pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.likeness.albums import Album, Vectors

COPY_PASTE = 0.15  # at most
SAME = 1e-6  # radians: ground truth and reference are one picture, and nothing can be told


@dataclass(frozen=True, slots=True)
class CopyScore:
    """Means over a set of portraits; nan if there is none.

    sim_gt      cosine to the photos that training never saw
    sim_ref     cosine to the photos that it saw
    copy_paste  share of the angle between the two by which a portrait lies nearer to the
                latter, -1..1: 1 is the trained photo itself, -1 the other one, 0 as far from
                either
    nearest     the same against the one trained photo that each portrait is nearest to: no part of
                MultiID-Bench, but what a copy of a single photo would show in
    """

    sim_gt: float
    sim_ref: float
    copy_paste: float
    nearest: float


def score(portraits: Vectors, album: Album) -> CopyScore:
    """Of portraits (n, 128), unit vectors, against one person's photos."""
    if not len(portraits):
        return CopyScore(*[math.nan] * 4)
    refs, truths = album.trained_vectors, album.held_out_vectors
    rates = copy_paste_rates(portraits, truths, refs)
    to_refs = portraits @ refs.T
    nearest = np.take_along_axis(rates, to_refs.argmax(axis=1)[:, None, None], axis=2)
    return CopyScore(
        sim_gt=float((portraits @ truths.T).mean()),
        sim_ref=float(to_refs.mean()),
        copy_paste=float(rates.mean()),
        nearest=float(nearest.mean()),
    )


def of_new_photos(album: Album) -> CopyScore:
    """What photos that are no copies reach: each held-out one as a portrait, against the others."""
    made = [
        score(album.held_out_vectors[[one]], album.without_held_out(one))
        for one in range(len(album.held_out_vectors))
    ]
    fields = ("sim_gt", "sim_ref", "copy_paste", "nearest")
    return CopyScore(*(float(np.mean([getattr(one, field) for one in made])) for field in fields))


def copy_paste_rates(generated: Vectors, truths: Vectors, refs: Vectors) -> NDArray[np.float64]:
    """The rate of every triple, (generated, truths, refs).

    (angle to the truth - angle to the reference) / angle between these two; 0 where they are one.
    """
    to_truth, to_ref, apart = (
        _angles(generated, truths)[:, :, None],
        _angles(generated, refs)[:, None, :],
        _angles(truths, refs)[None],
    )
    told = apart >= SAME
    rates = (to_truth - to_ref) / np.where(told, apart, 1)
    return np.where(told, rates, 0.0)


def _angles(one: Vectors, other: Vectors) -> NDArray[np.float64]:
    """Radians, (len(one), len(other))."""
    cosines = one.astype(np.float64) @ other.astype(np.float64).T
    return np.asarray(np.arccos(np.clip(cosines, -1, 1)))
