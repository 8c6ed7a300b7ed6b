"""The embedded Redis: which server, on what socket, and whose folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.redis_server import NoRedis, command, find_server, make_room


def test_the_server_of_the_wheel_is_found() -> None:
    assert os.access(find_server(), os.X_OK)


def test_the_server_opens_no_port_and_saves_nothing() -> None:
    words = command(Path("/r/redis-server"), Path("/s/redis.sock"))
    pairs = dict(zip(words[1::2], words[2::2], strict=True))
    assert pairs["--port"] == "0"
    assert pairs["--unixsocket"] == "/s/redis.sock"
    assert pairs["--unixsocketperm"] == "700"
    assert (pairs["--save"], pairs["--appendonly"]) == ("", "no")


def test_the_sockets_folder_is_for_this_user_alone(tmp_path: Path) -> None:
    socket = tmp_path / "run" / "redis.sock"
    make_room(socket)
    assert socket.parent.stat().st_mode & 0o777 == 0o700


def test_a_dead_socket_is_removed(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    socket = tmp_path / "redis.sock"
    socket.write_text("")
    make_room(socket)
    assert not socket.exists()


def test_a_folder_that_others_can_write_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(NoRedis, match="GAVEL_HOME or TMPDIR"):
        make_room(folder / "redis.sock")


def test_a_link_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "theirs")
    with pytest.raises(NoRedis):
        make_room(tmp_path / "run" / "redis.sock")
