"""Teaches the classifier of typed questions: ``python -m benchmarks.questions.teach``.

Ridge regression of every class on TF-IDF features, solved exactly, of the tuning set alone: the
same examples make the same weights.
"""

import gzip
import json
import math
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.questions.sets import TUNING, utterances
from handlers.questions.classifier import WEIGHTS, Classifier, features, vector

RIDGE = 0.5


def teach(examples: Iterable[tuple[str, str]]) -> Classifier:
    """Of texts and the question each asks."""
    told = [(features(typed), meant) for typed, meant in examples]
    classes = sorted({meant for _, meant in told})
    spread = Counter(one for seen, _ in told for one in seen)
    rarity = {
        one: round(math.log(1 + len(told) / count), 2) for one, count in sorted(spread.items())
    }
    column = {one: at for at, one in enumerate(rarity)}
    entries = [
        (value, row, column[one])
        for row, (seen, _) in enumerate(told)
        for one, value in vector(seen, rarity).items()
    ]
    values, rows, columns = zip(*entries, strict=True)
    texts = csr_matrix((values, (rows, columns)), (len(told), len(rarity)))
    meant = np.array([[name == one for one in classes] for _, name in told], dtype=float)
    bias = meant.mean(axis=0)
    alike = (texts @ texts.T).toarray() + RIDGE * np.eye(len(told))
    weights = texts.T @ np.linalg.solve(alike, meant - bias)
    scale = float(np.abs(weights).max()) / 127
    small = np.round(weights / scale).astype(np.int8)
    return Classifier(
        tuple(classes),
        rarity,
        {one: memoryview(small[at].tobytes()).cast("b") for one, at in column.items()},
        tuple(round(float(one), 6) for one in bias),
        scale,
    )


def digest(examples: Path) -> str:
    """By which a test sees that the weights were taught by the examples as they are."""
    return sha256(examples.read_bytes()).hexdigest()


def write(taught: Classifier, examples: Path, out: Path) -> None:
    """As ``handlers.questions`` reads it."""
    kept = {
        "taught_by": digest(examples),
        "classes": taught.classes,
        "rarity": taught.rarity,
        "weights": b64encode(b"".join(taught.weights.values())).decode(),
        "bias": taught.bias,
        "scale": taught.scale,
    }
    out.write_bytes(gzip.compress(json.dumps(kept, ensure_ascii=False).encode(), mtime=0))


if __name__ == "__main__":
    taught = teach((typed, meant) for _, meant, typed in utterances(TUNING))
    write(taught, TUNING, Path(str(WEIGHTS)))
