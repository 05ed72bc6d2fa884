"""Where an error happened, without what must not be logged."""

from __future__ import annotations

INNERMOST = 6  # frames that are logged


def where(error: BaseException) -> list[str]:
    """file:line of the innermost frames, outermost first; no values: those may be personal."""
    lines, trace = [], error.__traceback__
    while trace is not None:
        lines.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    return lines[-INNERMOST:]
