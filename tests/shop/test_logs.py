"""What a log line may hold."""

import json
import logging

import pytest
import structlog

from shop import logs


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


def test_an_error_is_written_with_its_traceback(capsys):
    logs.configure("console")
    try:
        raise ValueError("why")
    except ValueError:
        structlog.get_logger().exception("job_broke")
    assert "ValueError: why" in capsys.readouterr().err


def test_libraries_speak_from_warning_up(capsys):
    logs.configure("json")
    logging.getLogger("httpx").info("GET https://api.telegram.org/bot123:token/getMe")
    assert "token" not in capsys.readouterr().err
