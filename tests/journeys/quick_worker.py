"""A worker process as ``python -m pipeline.worker``, with the quick engine inside.

``QUICK_PAUSE`` is how many seconds a training or a set of portraits takes.
"""

import os
import sys

from pipeline.worker import app
from shop.settings import Settings
from tests.doubles import QuickEngine


def quick(_: Settings) -> QuickEngine:
    return QuickEngine(pause=float(os.environ.get("QUICK_PAUSE", "0")))


if __name__ == "__main__":
    app.engine_of = quick  # type: ignore[assignment]
    sys.exit(app.main())
