"""Where an error happened, in words that a log may hold."""

from __future__ import annotations

INNERMOST = 6  # frames that are told


def where(error: BaseException) -> list[str]:
    """file:line of the innermost frames; no source lines, no values: those may be personal."""
    lines, trace = [], error.__traceback__
    while trace is not None:
        lines.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    return lines[-INNERMOST:]
