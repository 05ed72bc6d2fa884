"""What a process cannot begin without ends it with one sentence, and no secret of an address."""

import asyncio
import base64
import json
import os
import random
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command as alembic
from alembic.migration import MigrationContext

from bot.__main__ import main
from bot.container import open_container
from bot.demo.environment import free_port
from bot.process_supervisor import ROOT, ProcessSpec, supervise
from pipeline.engine.engine import LicenceRefused
from pipeline.worker import app
from shop.adapters import wake_up_arq
from shop.adapters.database.engine import open_engine
from shop.adapters.database.schema_contract import migration_config
from shop.records import Installation
from shop.settings import Settings

GONE = "127.0.0.1:1"
AT_MOST = "a port is at most 65535"
MODULES = {
    "serve": ("bot", "serve"),
    "poll": ("bot", "poll"),
    "courier": ("bot", "courier"),
    "reconcile": ("bot", "reconcile"),
    "worker": ("pipeline.worker", "check"),
}


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    """With a token, for ``poll`` to have something to poll."""
    return env | {"EIDER_TELEGRAM_TOKEN": "42:" + "a" * 35, "EIDER_LOG_FORMAT": "console"}


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is asked five times, as ever, but not a second apart."""

    monkeypatch.setattr(wake_up_arq, "START_PAUSES", (0.0,) * len(wake_up_arq.START_PAUSES))


def run(command: str, env: dict[str, str], monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    """The process within this one; its exit status."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    module, *arguments = MODULES[command]
    if module == "bot":
        return main([*arguments, *more])
    monkeypatch.setattr(sys, "argv", ["worker", *arguments])
    return app.main()


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    """Of what went to the terminal; no traceback, and nothing secret in it."""
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    assert "s3cret" not in told.out + told.err
    return told.err.splitlines()[-1]


@pytest.mark.parametrize("command", ["serve", "poll", "courier", "worker"])
def test_without_redis(env, monkeypatch, capsys, command):
    gone = {"EIDER_REDIS_URL": f"redis://eider:s3cret@{GONE}"}
    assert run(command, env | gone, monkeypatch) == 1
    told = capsys.readouterr()
    sentence = f"EIDER_REDIS_URL: no Redis answers at {GONE}: Connection refused"
    assert about_redis(told.out + told.err) == [sentence]


def test_a_socket_of_redis_is_named(env, monkeypatch, capsys):
    """Not the host that it would be without one."""
    gone = {"EIDER_REDIS_URL": "unix:///nowhere/valkey.sock"}
    assert run("courier", env | gone, monkeypatch) == 1
    told = capsys.readouterr()
    (sentence,) = about_redis(told.out + told.err)
    assert sentence.startswith("EIDER_REDIS_URL: no Redis answers at /nowhere/valkey.sock: ")


def about_redis(told: str) -> list[str]:
    """The lines that name it: no library's beside our sentence."""
    return [line for line in told.splitlines() if "redis" in line.lower()]


@pytest.mark.parametrize("command", ["serve", "poll", "courier"])
@pytest.mark.parametrize("wrong", ["EIDER_DATA", "EIDER_MASTER_KEY"])
def test_with_what_is_another_databases(env, monkeypatch, capsys, tmp_path, command, wrong):
    """Another folder, such as that of a disk that is not mounted, or another key."""

    async def begin_long_ago() -> None:
        async with (
            open_container(Settings.from_env(env)) as container,
            container.database.begin() as tx,
        ):
            (known,) = await tx.find(Installation)
            await tx.put(replace(known, at=known.at - timedelta(days=1)))

    asyncio.run(begin_long_ago())
    other = {
        "EIDER_DATA": str(tmp_path / "other"),
        "EIDER_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
    }
    # A disk may be mounted yet: the units try again. No restart mends a key.
    status = 2 if wrong == "EIDER_MASTER_KEY" else 1
    assert run(command, env | {wrong: other[wrong]}, monkeypatch) == status
    said = last_line(capsys)
    assert said.startswith(f"{wrong}: ")
    assert other["EIDER_MASTER_KEY"] not in said


@pytest.mark.parametrize("command", ["courier", "reconcile", "worker", "serve together"])
def test_another_shops_database_is_left_as_it_is(env, monkeypatch, capsys, command):
    """A typing error in its address, or in the key: an earlier version's tables stay so."""

    async def first_version() -> None:
        async with open_container(Settings.from_env(env)):
            pass

    def go_back(connection) -> None:
        config = migration_config()
        config.attributes["connection"] = connection
        alembic.downgrade(config, "0011")

    async def of_engine(ask):
        engine = open_engine(env["EIDER_DATABASE_URL"])
        async with engine.begin() as connection:
            found = await connection.run_sync(ask)
        await engine.dispose()
        return found

    asyncio.run(first_version())
    asyncio.run(of_engine(go_back))
    wrong = env | {"EIDER_MASTER_KEY": base64.b64encode(os.urandom(32)).decode()}
    if command == "serve together":
        command, wrong = "serve", wrong | {"EIDER_REDIS_URL": ""}
    assert run(command, wrong, monkeypatch) == 2
    assert last_line(capsys).startswith("EIDER_MASTER_KEY: ")
    found = asyncio.run(of_engine(lambda it: MigrationContext.configure(it).get_current_revision()))
    assert found == "0011"


@pytest.mark.parametrize("command", MODULES)
def test_without_the_database(env, monkeypatch, capsys, command):
    gone = {"EIDER_DATABASE_URL": f"postgresql://eider:s3cret@{GONE}/shop"}
    assert run(command, env | gone, monkeypatch) == 1
    why = "cannot be used: Connection refused"
    assert last_line(capsys) == f"EIDER_DATABASE_URL: {GONE}/shop {why}"


def test_a_database_file_that_is_none(env, monkeypatch, capsys, tmp_path):
    """Neither one that another program wrote, nor one in a folder that is a file."""
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam, " * 100)
    for name in ("letter.txt", "letter.txt/eider.sqlite"):
        given = {"EIDER_DATABASE_URL": f"sqlite:///{tmp_path}/{name}"}
        assert run("courier", env | given, monkeypatch) == 1
        assert f"{tmp_path}/{name} cannot be used" in last_line(capsys)


@pytest.mark.postgres
def test_a_database_that_does_not_know_us(env, monkeypatch, capsys, postgres_server):
    other = postgres_server.replace("/postgres?", "/nobodys?")
    assert run("courier", env | {"EIDER_DATABASE_URL": other}, monkeypatch) == 1
    assert last_line(capsys).endswith(" nobodys cannot be used: there is no such database")


@pytest.mark.parametrize("more", [(), ("--alone",)], ids=["named", "alone"])
def test_a_port_that_is_taken(env, monkeypatch, capsys, taken_port, more):
    busy = {"EIDER_PORT": str(taken_port)}
    assert run("serve", env | busy, monkeypatch, *more) == 1
    where = f"EIDER_HOST, EIDER_PORT: cannot listen on 127.0.0.1:{taken_port}"
    assert last_line(capsys) == f"{where}: Address already in use"


def test_a_port_that_is_taken_before_the_whole_is_started(env, monkeypatch, capsys, taken_port):
    """Without a Redis of its own ``serve`` starts all the processes: it says so in their stead."""
    busy = {"EIDER_PORT": str(taken_port), "EIDER_REDIS_URL": ""}
    assert run("serve", env | busy, monkeypatch) == 1
    assert last_line(capsys).endswith("Address already in use")


@contextmanager
def neighbours() -> Iterator[list[socket.socket]]:
    """Five that listen at ports one after the other, below those that the system hands out: nobody
    who asks for a free one gets a neighbour of theirs."""
    for first in random.sample(range(15_000, 30_000, 5), 500):
        with ExitStack() as stack:
            try:
                servers = [
                    stack.enter_context(socket.create_server(("127.0.0.1", port)))
                    for port in range(first, first + 5)
                ]
            except OSError:
                continue
            yield servers
            return
    raise AssertionError("no five free ports")


HEALTH = "EIDER_HEALTH_HOST, EIDER_HEALTH_PORT"


@pytest.mark.parametrize("command", ["serve", "poll", "courier", "worker"])
def test_a_health_port_that_is_taken(env, monkeypatch, capsys, taken_port, command):
    busy = {"EIDER_HEALTH_PORT": str(taken_port)}
    assert run(command, env | busy, monkeypatch) == 1
    where = f"{HEALTH}: cannot listen on 127.0.0.1:{taken_port}"
    assert last_line(capsys) == f"{where}: Address already in use"


@pytest.mark.parametrize("offset", [0, 2, 4], ids=["web", "courier", "studio"])
def test_a_health_port_of_any_process_is_looked_at_before_the_whole_is_started(
    env, monkeypatch, capsys, offset
):
    with neighbours() as servers:
        first, taken = (servers[number].getsockname()[1] for number in (0, offset))
        for number, server in enumerate(servers):
            if number != offset:
                server.close()
        busy = {"EIDER_HEALTH_PORT": str(first), "EIDER_REDIS_URL": ""}
        busy |= {"EIDER_PORT": str(free_port(0))}
        assert run("serve", env | busy, monkeypatch) == 1
    where = f"{HEALTH}: cannot listen on 127.0.0.1:{taken}"
    assert last_line(capsys) == f"{where}: Address already in use"


def test_health_ports_that_there_are_not(env, monkeypatch, capsys):
    beyond = {"EIDER_HEALTH_PORT": "65533", "EIDER_REDIS_URL": "", "EIDER_PORT": str(free_port(0))}
    assert run("serve", env | beyond, monkeypatch) == 1
    assert last_line(capsys) == f"{HEALTH}: cannot listen on 127.0.0.1:65536: {AT_MOST}"


@pytest.mark.parametrize("command", MODULES)
def test_settings_that_are_wrong(env, monkeypatch, capsys, command):
    wrong = {"EIDER_BASE": "mina", "EIDER_DEVICE": "gpu", "EIDER_STARS_AVATR": "125"}
    assert run(command, env | wrong, monkeypatch) == 2
    told = capsys.readouterr().err
    for choice in ("mini", "sdxl", "qwen-image", "cuda:N", "did you mean EIDER_STARS_AVATAR?"):
        assert choice in told
    assert len(told.splitlines()) == 4


@pytest.mark.parametrize("command", MODULES)
@pytest.mark.parametrize(
    ("wrong", "status", "names"),
    [
        ({"EIDER_PORT": "x", "EIDER_DEVICE": "gpu"}, 2, ["EIDER_DEVICE", "EIDER_PORT"]),
        ({"EIDER_DATABASE_URL": f"postgresql://eider:s3cret@{GONE}/x"}, 1, ["EIDER_DATABASE_URL"]),
    ],
)
def test_a_refusal_to_start_is_one_line_of_json(
    env, monkeypatch, capsys, command, wrong, status, names
):
    assert run(command, env | wrong | {"EIDER_LOG_FORMAT": "json"}, monkeypatch) == status
    told = json.loads(last_line(capsys))
    assert (told["event"], told["level"], told["status"]) == (
        "refused_to_start",
        "critical",
        status,
    )
    assert sorted(one.split(":")[0] for one in told["problems"]) == names


@pytest.mark.parametrize("command", MODULES)
def test_nothing_starts_without_a_key_and_none_is_written(
    env, monkeypatch, capsys, tmp_path, command
):
    without = {"EIDER_MASTER_KEY": "", "EIDER_REDIS_URL": ""}
    assert run(command, env | without, monkeypatch) == 2
    assert "EIDER_MASTER_KEY: is missing; make one with: openssl rand" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*key*")] == []


def test_the_demo_takes_no_unknown_base_either(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("bot.demo.show.fresh_folder", lambda: tmp_path)
    monkeypatch.setenv("EIDER_BASE", "mina")
    assert main(["demo", "--once"]) == 2
    assert "EIDER_BASE: must be one of: mini" in capsys.readouterr().err


def told_as_json(capsys):
    out, err = capsys.readouterr()
    return json.loads(out.splitlines()[-1]), err


def test_a_demo_that_does_not_start_says_so_in_words_and_as_json(
    monkeypatch, capsys, tmp_path, taken_port
):
    """Such as where another program took the port after it was found free."""
    monkeypatch.setattr("bot.demo.show.fresh_folder", lambda: tmp_path)
    monkeypatch.setattr("bot.demo.show.free_port", lambda: taken_port)
    assert main(["demo", "--once", "--json"]) == 1
    told, err = told_as_json(capsys)
    assert told["error"] == "cannot_start"
    assert str(taken_port) in told["why"]
    assert told["why"] in err
    assert main(["demo", "--once", "--json", "--photos", str(tmp_path / "none")]) == 2
    assert told_as_json(capsys)[0]["error"] == "no_photos"


async def test_a_process_that_ends_by_itself_is_known_to_its_supervisor(tmp_path):
    async with supervise(os.environ, tmp_path) as supervisor:
        supervisor.start([ProcessSpec("gone", ("no_such_module",))])
        while not supervisor.unsteady:
            await asyncio.sleep(0.01)
        assert supervisor.unsteady == {"gone": 1}
    assert "no_such_module" in (tmp_path / "gone.log").read_text()


def test_systemd_leaves_wrong_settings_to_the_operator():
    """And starts again what lacked a database, Redis or a port."""
    units = {path.stem: path for path in (ROOT / "deploy" / "systemd").glob("*.service")}
    lines = {name: set(path.read_text("utf-8").splitlines()) for name, path in units.items()}
    backup = lines.pop("eider-backup")
    assert len(lines) == 3
    for unit in lines.values():
        assert {"Restart=always", "RestartPreventExitStatus=2"} <= unit
    assert "Type=oneshot" in backup, "its timer starts it again"
    assert units["eider-backup"].with_suffix(".timer").exists()


def test_systemd_hides_from_workers_what_chats_and_tills_alone_are_to_have():
    """They run as the same user; what a picture does to one of them must not reach the money."""
    folder = ROOT / "deploy" / "systemd"
    units = {path.stem: path.read_text("utf-8") for path in folder.glob("*.service")}
    read = {
        name: {Path(one) for one in re.findall(r"^EnvironmentFile=-?(\S+)$", unit, re.MULTILINE)}
        for name, unit in units.items()
    }
    chats = Path("/etc/eider/chat.env")
    assert {name for name, files in read.items() if chats in files} == {
        "eider-web", "eider-courier", "eider-backup"
    }  # fmt: skip
    worker = units["eider-worker@"]
    hidden = {
        Path(one.removeprefix("-"))
        for line in re.findall(r"^InaccessiblePaths=(.+)$", worker, re.MULTILINE)
        for one in line.split()
    }
    page = (ROOT / "docs" / "wechat.md").read_text("utf-8")
    keys = re.findall(r"EIDER_(?:WECHATPAY_PRIVATE_KEY|LABEL_KEYS)=(/\S+)", page)
    assert len(keys) == 2
    for secret in (chats, *map(Path, keys)):
        assert hidden & {secret, *secret.parents}, secret
    assert not hidden & read["eider-worker@"]


def test_a_base_whose_licence_is_refused_says_how_to_take_it(env, monkeypatch, capsys):
    def refused(name, **_):
        raise LicenceRefused(f"{name}.toml: FLUX-NC forbids commercial use")

    monkeypatch.setattr(app.recipe, "load", refused)
    assert run("worker", env, monkeypatch) == 2
    told = capsys.readouterr().err
    assert "EIDER_BASE: mini.toml: FLUX-NC forbids commercial use" in told
    assert "EIDER_ALLOW_NONCOMMERCIAL=yes" in told


@pytest.mark.parametrize("command", ["worker", "poll"])
def test_a_video_base_that_nobody_knows_is_named_with_those_there_are(
    env, monkeypatch, capsys, command
):
    assert run(command, env | {"EIDER_VIDEO_BASE": "sora"}, monkeypatch) == 2
    told = "".join(capsys.readouterr())
    assert "EIDER_VIDEO_BASE: must be one of: " in told
    assert "wan22-ti2v-5b" in told


@pytest.mark.parametrize(
    ("bases", "words"),
    [("mini,sdlx", "must be some of: "), ("sdxl,wan22-ti2v-5b", "lacks EIDER_BASE, which is mini")],
)
def test_a_worker_is_kept_to_bases_that_there_are_and_to_its_own(
    env, monkeypatch, capsys, bases, words
):
    assert run("worker", env | {"EIDER_STUDIO_BASES": bases}, monkeypatch) == 2
    assert f"EIDER_STUDIO_BASES: {words}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "why"),
    [("worker", "ltx-2.toml: LTX-2 Community License"), ("poll", "what ltx-2 makes")],
)
def test_a_video_base_behind_the_licence_switch_says_how_to_take_it(
    env, monkeypatch, capsys, command, why
):
    """Nothing is sold that no worker may make."""
    assert run(command, env | {"EIDER_VIDEO_BASE": "ltx-2"}, monkeypatch) == 2
    told = "".join(capsys.readouterr())
    assert f"EIDER_VIDEO_BASE: {why}" in told
    assert "EIDER_ALLOW_NONCOMMERCIAL=yes" in told


def test_a_pass_needs_a_playground(env, monkeypatch, capsys):
    shop = {"EIDER_PLAYGROUND": "", "EIDER_TILL": "", "EIDER_STARS_AVATAR": "125",
            "EIDER_ADMINS": "", "EIDER_LABEL_KEYS": "none"}  # fmt: skip
    for name, value in (env | shop).items():
        monkeypatch.setenv(name, value)
    assert main(["pass", "boss"]) == 2
    assert "EIDER_PLAYGROUND: is not yes" in capsys.readouterr().out
