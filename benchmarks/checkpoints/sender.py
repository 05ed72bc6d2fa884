"""Stands for a training child: sends checkpoints of a given size, and says how long each took it.

Reads one frame {"body": [bytes, count, folder]}; beside each checkpoint it writes one as a plain
file into the folder, as the training itself did before issue 10.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

from pipeline.engine.answers import ProgressMessage
from pipeline.engine.messages import CheckpointFile, EngineStage, Progress
from pipeline.engine.wire import pack, pieces, read


def main() -> None:
    request, out = read(sys.stdin.buffer), sys.stdout.buffer
    assert request is not None
    size, count, folder = request.body
    data, sent, written = os.urandom(size), [], []
    for step in range(count):
        began = time.perf_counter()
        files = (CheckpointFile("state", data),)
        progress = Progress(EngineStage.TRAINING, step, count, checkpoint=files)
        out.writelines(pieces(pack("progress", ProgressMessage(0, progress), request.id)))
        out.flush()
        sent.append(time.perf_counter() - began)
        time.sleep(4 * sent[-1] + 0.5)  # the next ten steps, in which the worker keeps it
        began, draft = time.perf_counter(), Path(folder, "new")
        draft.write_bytes(data)
        draft.replace(Path(folder, "plain"))
        written.append(time.perf_counter() - began)
    answer = [statistics.median(sent), statistics.median(written)]
    out.writelines(pieces(pack("sent", answer, request.id)))
    out.flush()
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
