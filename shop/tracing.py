"""Traces, where the settings name a collector: from an update to the portrait that came of it.

A trace goes on in another process by what a job's and a message's row keep of it (``trace``, W3C's
traceparent). Attributes are ids and words of ours; of an error its kind alone is told.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_HEADER: Final = "traceparent"
_provider: Any = None  # OpenTelemetry's, which is imported by whoever configures it
_tracer: Any = None


def configure(url: str, role: str) -> None:
    """Send this process's spans to an OTLP collector by HTTP (``http://host:4318/v1/traces``), in
    the background; "" sends and loads nothing."""
    if not url:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    install(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)), role)


def install(processor: Any, role: str) -> None:
    """Give this process's spans to that span processor, as of the service ``eider-{role}``."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    global _provider, _tracer  # noqa: PLW0603 - one for a process, as logging is
    _provider = TracerProvider(resource=Resource.create({"service.name": f"eider-{role}"}))
    _provider.add_span_processor(processor)
    _tracer = _provider.get_tracer("eider")


def uninstall() -> None:
    """Send what is left, and make no more spans."""
    global _provider, _tracer  # noqa: PLW0603
    if _provider is not None:
        _provider.shutdown()
    _provider = _tracer = None


@contextmanager
def span(name: str, parent: str = "", **ids: str | int) -> Iterator[None]:
    """A span of that name for the block, within the present one, or of the trace ``parent`` (what
    :func:`current` gave where it came from)."""
    if _tracer is None:
        yield
        return
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = TraceContextTextMapPropagator().extract({_HEADER: parent}) if parent else None
    with _tracer.start_as_current_span(
        name, context=context, attributes=ids,
        record_exception=False, set_status_on_exception=False,
    ) as own:  # fmt: skip
        try:
            yield
        except BaseException as error:
            own.set_attribute("error.type", type(error).__name__)
            raise


def current() -> str:
    """The present trace and span, as another process goes on with them; "" where there is none."""
    if _tracer is None:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(_HEADER, "")
