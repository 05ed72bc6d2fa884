"""What a log line may hold."""

import json
import logging
from pathlib import Path

import pytest
import structlog

from shop import logs
from shop.errors import Unavailable
from shop.logs import OncePerMinute
from shop.outages import told


@pytest.fixture(autouse=True)
def _restored():
    before = logging.getLogger().handlers
    yield
    logging.getLogger().handlers = before
    structlog.reset_defaults()


def test_a_line_of_json_carries_bound_ids(capsys):
    logs.configure("json")
    with structlog.contextvars.bound_contextvars(job="j1"):
        structlog.get_logger().info("job_begun", queue="train")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["job"], line["queue"]) == ("job_begun", "j1", "train")


def test_bytes_and_long_texts_never_reach_a_line(capsys):
    logs.configure("json")
    structlog.get_logger().info("odd", photo=b"\xff\xd8secret", text="a person wrote " * 40)
    err = capsys.readouterr().err
    assert "secret" not in err
    assert "a person wrote" not in err


@pytest.mark.parametrize("form", ["console", "json"])
def test_of_an_error_its_kind_and_place_are_written_and_not_what_it_quotes(capsys, form):
    logs.configure(form)
    quoted = "SECRET words"
    try:
        try:
            int(quoted)
        except ValueError as error:
            raise ExceptionGroup(quoted, [LookupError(quoted), error]) from error
    except ExceptionGroup:
        structlog.get_logger().exception("job_broke")
        logging.getLogger("library").exception("it broke")
    err = capsys.readouterr().err
    for kind in ("ValueError", "ExceptionGroup", "LookupError"):
        assert err.count(kind) >= 2
    assert "test_logs.py" in err
    assert "SECRET" not in err


def test_what_the_system_says_of_its_errors_is_kept(capsys):
    logs.configure("json")
    try:
        Path("/nowhere/at/all").read_text("utf-8")
    except OSError:
        structlog.get_logger().exception("job_broke")
    err = capsys.readouterr().err
    assert "FileNotFoundError: No such file or directory" in err
    assert "directory: '/nowhere" not in err


def test_a_task_that_nobody_awaited_is_told_without_its_error(capsys):
    logs.configure("json")
    logging.getLogger("asyncio").error("never retrieved\nfuture: <Task exception=X('words')>")
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "never retrieved"


def test_requests_that_aiohttp_could_not_read_are_not_quoted(capsys):
    logs.configure("json")
    logging.getLogger("aiohttp.server").error("Error handling request from 203.0.113.7")
    assert capsys.readouterr().err == ""


def test_libraries_speak_from_warning_up(capsys):
    logs.configure("json")
    logging.getLogger("httpx").info("GET https://api.telegram.org/bot123:token/getMe")
    assert "token" not in capsys.readouterr().err


def test_what_repeats_is_written_once_a_minute(capsys):
    """An outage that fifty requests a second run into is one line, and then one a minute."""
    now = 1000.0
    once = OncePerMinute(lambda: now)
    structlog.configure(processors=[once, structlog.processors.JSONRenderer()])
    log = structlog.get_logger()

    def written() -> list[dict[str, object]]:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    outage = told(Unavailable("redis does not answer"))
    for event in ("web_unavailable", "telegram_update_postponed") * 50:
        log.warning(event, **outage)
    log.warning("web_unavailable", **told(Unavailable("the database does not answer")))
    log.error("update_failed", **told(ValueError()))
    log.error("update_failed", **told(ValueError()))
    assert [(one["event"], one.get("why")) for one in written()] == [
        ("web_unavailable", "redis does not answer"),
        ("web_unavailable", "the database does not answer"),
        ("update_failed", None),
        ("update_failed", None),
    ]
    now += 60
    log.warning("flush_failed", **outage)
    (line,) = written()
    assert line == {
        "event": "flush_failed", "error": "Unavailable", "why": "redis does not answer",
        "left_out": 99,
    }  # fmt: skip


def test_the_processes_own_configuration_leaves_out_what_repeats(capsys):
    logs.configure("json")
    for _ in range(5):
        structlog.get_logger().warning("not_ready", **told(Unavailable("redis does not answer")))
    assert len(capsys.readouterr().err.splitlines()) == 1
