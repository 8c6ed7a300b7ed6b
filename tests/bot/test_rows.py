from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bot import rows
from bot.problems import WrongUse


def put(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


def test_rows_come_in_order_and_blank_lines_are_passed_over(tmp_path: Path) -> None:
    source = put(tmp_path / "in.jsonl", b'{"a": 1}\n\n  \n{"a": 2}')
    assert list(rows.read(source)) == [{"a": 1}, {"a": 2}]


def test_gzip_is_told_by_its_first_bytes_and_not_by_its_name(tmp_path: Path) -> None:
    source = put(tmp_path / "in.jsonl", gzip.compress(b'{"a": 1}\n'))
    assert list(rows.read(source)) == [{"a": 1}]


def test_gzip_of_several_members_is_read_whole(tmp_path: Path) -> None:
    content = gzip.compress(b'{"a": 1}\n') + gzip.compress(b'{"a": 2}\n')
    assert len(list(rows.read(put(tmp_path / "in.gz", content)))) == 2


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert list(rows.read(put(tmp_path / "in.jsonl.gz", b""))) == []


def test_a_byte_order_mark_is_no_part_of_the_first_row(tmp_path: Path) -> None:
    assert list(rows.read(put(tmp_path / "in.jsonl", b'\xef\xbb\xbf{"a": 1}\n'))) == [{"a": 1}]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{", "line 2: not JSON at column 2"),
        (b"[1]", "line 2: expected an object .* not a list"),
        (b"null", "not null"),
        (b"3", "not a number"),
        (b"true", "not a boolean"),
        (b'"x"', "not a text"),
        (b'{"p": NaN}', "line 2: not JSON: NaN is no number"),
        (b'{"p": -Infinity}', "-Infinity is no number"),
        (b'{"p": 1e999}', "line 2: the number 1e999 is out of range"),
        (b'{"code": "\xff"}', "line 2: not UTF-8 at byte 11"),
        (b"[" * 100_000, "line 2: nested too deeply"),
        (b'{"n": ' + b"1" * 5000 + b"}", "line 2: .*digits"),
    ],
)
def test_a_line_that_is_no_row_is_told_with_file_and_line(
    tmp_path: Path, line: bytes, words: str
) -> None:
    source = put(tmp_path / "in.jsonl", b'{"a": 1}\n' + line + b"\n")
    with pytest.raises(WrongUse, match=words) as refusal:
        list(rows.read(source))
    assert str(refusal.value).startswith(f"{source}, line 2: ")


def test_damaged_gzip_is_told(tmp_path: Path) -> None:
    whole = gzip.compress(b'{"a": 1}\n' * 1000)
    for name, content in (("short", whole[:-9]), ("bad", whole[:20] + b"\0" * 20 + whole[40:])):
        with pytest.raises(WrongUse, match="damaged or cut short"):
            list(rows.read(put(tmp_path / name, content)))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"cannot read .*nope: No such file"):
        list(rows.read(str(tmp_path / "nope")))
    with pytest.raises(WrongUse, match="Is a directory"):
        list(rows.read(str(tmp_path)))


@pytest.mark.parametrize("code", ["é漢", "\ud800", "\udfff\ud800 é", "\0", "a\u2028b\r\n", "😀"])
@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_every_text_comes_back_as_it_was(tmp_path: Path, code: str, name: str) -> None:
    target = str(tmp_path / name)
    with rows.writer(target) as write:
        write({"code": code, "keep": [1, None, {"x": 0.1}]})
        write({"n": 2})
    assert list(rows.read(target)) == [{"code": code, "keep": [1, None, {"x": 0.1}]}, {"n": 2}]


def test_gz_output_is_gzip_and_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one.gz", "two.gz"):
        with rows.writer(str(tmp_path / name)) as write:
            write({"a": 1})
    assert gzip.decompress((tmp_path / "one.gz").read_bytes()) == b'{"a": 1}\n'
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()


def test_what_fails_half_way_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("old")
    with pytest.raises(KeyError), rows.writer(str(target)) as write:
        write({"a": 1})
        raise KeyError
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_a_file_can_be_rewritten_in_place_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b'{"a": 1}\n')
    (tmp_path / "link").symlink_to("real")
    with rows.writer(str(tmp_path / "link")) as write:
        for row in rows.read(str(tmp_path / "link")):
            write({**row, "b": 2})
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b'{"a": 1, "b": 2}\n'


def test_a_device_is_written_to_and_not_replaced() -> None:
    with rows.writer("/dev/null") as write:
        write({"a": 1})
    assert not Path("/dev/null").is_file()


def test_a_target_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="it is a folder"), rows.writer(str(tmp_path)):
        pass
    missing = str(tmp_path / "no" / "out")
    with pytest.raises(WrongUse, match=r"cannot write .*No such file"), rows.writer(missing):
        pass


def test_not_a_number_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"), rows.writer(str(tmp_path / "out")) as write:
        write({"p": float("nan")})
