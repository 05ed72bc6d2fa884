"""One trace from the update that paid to the portraits that were delivered, whoever did what."""

import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shop import tracing
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.records import Job, OutboxMessage, OutboxState, User
from tests.journeys.conftest import agree, is_set, pay, send_photos


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.install(SimpleSpanProcessor(exporter), "test")
    yield exporter
    tracing.uninstall()


async def test_from_the_press_that_paid_to_the_portraits(spans, studio) -> None:
    async with studio.enter() as chat:
        await agree(chat)
        await send_photos(chat)
        await pay(chat)
        await chat.wait(is_set)
        async with studio.container.database.snapshot() as tx:
            jobs = {job.kind: job for job in await tx.find(Job)}
            (user,) = await tx.find(User)
            done = await tx.find(OutboxMessage, state=OutboxState.DONE)
    finished = spans.get_finished_spans()
    named = {f"{one.context.trace_id:032x}": set() for one in finished}
    for one in finished:
        named[f"{one.context.trace_id:032x}"].add(one.name)
    trace = jobs[TRAIN.name].trace.split("-")[1]
    assert jobs[PAINT.name].trace.split("-")[1] == trace, "the first set is of the same trace"
    assert named[trace] >= {
        "update", "train.prepare", "train.run", "train.settle",
        "paint.prepare", "paint.run", "paint.settle", "notice",
    }  # fmt: skip
    ours = [one for one in finished if f"{one.context.trace_id:032x}" == trace]
    by_id = {one.context.span_id: one for one in ours}
    roots = [one.name for one in ours if one.parent is None]
    assert roots == ["update"]
    settled = next(one for one in ours if one.name == "train.settle")
    notices = [one for one in ours if one.name == "notice"]
    assert all(one.parent.span_id in by_id for one in ours if one.parent)
    assert settled.context.span_id in {
        one.parent.span_id for one in ours if one.name.startswith("paint.")
    }
    assert notices
    # Ids and words of ours alone: no address, no text, no message of an error.
    told = [(name, str(value)) for one in finished for name, value in one.attributes.items()]
    assert {name for name, _ in told} <= {
        "channel", "till", "message", "job", "kind", "ref", "attempt", "together", "error.type"
    }  # fmt: skip
    assert all(re.fullmatch(r"[A-Za-z0-9_]{1,40}", value) for _, value in told)
    assert not any(user.platform_id in value for _, value in told)
    assert not any(one.events for one in finished)
    assert {one.trace for one in done} == {""}, "what is done forgets where it came from"


def test_an_error_is_told_by_its_kind(spans) -> None:
    def fail() -> None:
        with tracing.span("update"):
            assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", tracing.current())
            raise ValueError("somebody's words")

    with pytest.raises(ValueError, match="somebody's words"):
        fail()
    (one,) = spans.get_finished_spans()
    assert dict(one.attributes) == {"error.type": "ValueError"}
    assert one.events == ()
    assert one.status.description is None


def test_nothing_is_traced_or_loaded_unless_it_is_set() -> None:
    code = (
        "import sys, bot.__main__, pipeline.worker.app\n"
        "from shop import tracing\n"
        "tracing.configure('', 'serve')\n"
        "with tracing.span('update'): assert tracing.current() == ''\n"
        "assert not [one for one in sys.modules if one.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_collector_is_sent_the_spans_by_http() -> None:
    got: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, zlib.decompress(body, 47) if _is_packed(self) else body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        tracing.configure(f"http://127.0.0.1:{server.server_port}/v1/traces", "courier")
        with tracing.span("notice", message="abc123"):
            pass
        tracing.uninstall()  # what is left goes out
        server.shutdown()
    ((path, body),) = got
    assert path == "/v1/traces"
    for part in (b"eider-courier", b"notice", b"abc123"):
        assert part in body


def _is_packed(request: BaseHTTPRequestHandler) -> bool:
    return request.headers.get("Content-Encoding") == "gzip"
