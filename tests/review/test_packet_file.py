"""A packet is data: read in memory, checked before it is believed, and refused in one sentence where anything is odd."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packet_material import answer, begin, cast, members, opened, owner, standing

from curator.errors import InputError
from curator.review.packets import file as packet_file
from curator.review.packets.content import read_packet
from curator.review.packets.exchange import merge_packet, write_packet
from curator.review.packets.file import HEAD, ITEMS, SIGNATURE, is_packet, read_members
from curator.review.packets.project import open_packet
from curator.store import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with owner(tmp_path) as made:
        yield made


@pytest.fixture
def packet(project: Project, tmp_path: Path) -> Path:
    (tmp_path / "mail").mkdir()
    return write_packet(project, begin(project), "Ann", tmp_path / "mail" / "ann.packet").path


def zipped(path: Path, files: list[tuple[str | zipfile.ZipInfo, bytes]], **options: int) -> Path:
    with zipfile.ZipFile(path, "w", **options) as archive:  # type: ignore[arg-type]
        for name, data in files:
            archive.writestr(name, data)
    return path


def refused(path: Path, sentence: str, read: Callable[[Path], object] = read_packet) -> None:
    """`path` is refused in one sentence that names it, and nothing is written beside it."""
    around = sorted(path.parent.iterdir())
    with pytest.raises(InputError, match=sentence) as error:
        read(path)
    said = str(error.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    assert len(said) < 400 + len(str(path))
    assert sorted(path.parent.iterdir()) == around


def test_a_packet_is_known_by_its_content(packet: Path, tmp_path: Path) -> None:
    unnamed = packet.rename(tmp_path / "download")
    assert is_packet(unnamed)
    named = tmp_path / "not.packet"
    named.write_text("text,label\na,b\n")
    sheet = zipped(tmp_path / "sheet.xlsx", [("[Content_Types].xml", b"<Types/>")])
    empty = tmp_path / "empty.packet"
    empty.touch()
    assert not any(map(is_packet, (named, sheet, empty, tmp_path, tmp_path / "nowhere")))


def test_a_packet_cut_off_anywhere_is_refused(packet: Path) -> None:
    whole = packet.read_bytes()
    cuts = sorted({*range(0, len(whole), max(1, len(whole) // 150)), *range(40), *range(len(whole) - 40, len(whole))})
    for cut in cuts:
        packet.write_bytes(whole[:cut])
        refused(packet, "was damaged or changed|is not a packet of Curator")


def test_a_packet_with_any_byte_changed_is_refused_or_says_the_same(packet: Path) -> None:
    whole, meant = packet.read_bytes(), read_packet(packet)
    dice, same = random.Random(5), 0
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= dice.randrange(1, 256)
        packet.write_bytes(changed)
        try:
            read = read_packet(packet)
        except InputError:
            continue
        assert read == meant, at
        same += 1
    assert same < len(whole) / 4  # dates, rights and the like, of which nothing is taken


def test_an_answer_with_any_byte_changed_brings_the_same_votes_or_none(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0, "thanks")
        cast(local, 1, "question")
        file = answer(local)
    whole, log = file.read_bytes(), project.log(None)
    key = packet_file.key_of(project.identity().secret, "x")
    meant = read_members(file)
    taken = []
    for at in range(0, len(whole), 3):
        changed = bytearray(whole)
        changed[at] ^= 0xFF
        file.write_bytes(changed)
        try:
            got = read_members(file)
        except InputError:
            continue
        if {**got, SIGNATURE: b""} == {**meant, SIGNATURE: b""}:
            taken.append(at)
            continue
        refused(file, ".", lambda path: merge_packet(project, path))
    assert project.log(None) == log
    file.write_bytes(whole)
    with pytest.raises(InputError, match="damaged"):
        packet_file.check_signature(meant, key, file)
    merge_packet(project, file)
    assert len(standing(project, round)) == 2


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "..\\evil", "C:\\evil", "a/b", "packet.json\0evil", "notes.txt", "é", "\x1b[2J"]
)
def test_a_packet_with_any_other_file_in_it_is_refused(packet: Path, name: str) -> None:
    with zipfile.ZipFile(packet, "a") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = info.orig_filename = name
        archive.writestr(info, b"evil")
    refused(packet, "which no packet does")
    with pytest.raises(InputError):
        open_packet(packet)
    assert [p.name for p in packet.parent.iterdir()] == ["ann.packet"]


def test_a_file_twice_in_it_is_refused(packet: Path) -> None:
    with zipfile.ZipFile(packet, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(ITEMS, b"{}\n")
    refused(packet, "a file twice")


def test_what_a_packet_lacks_is_missed(packet: Path) -> None:
    whole = members(packet)
    for name in whole:
        zipped(packet, [(other, data) for other, data in whole.items() if other != name])
        refused(packet, "is not a packet of Curator" if name == HEAD else "was damaged or changed")


def test_a_bomb_is_refused_before_it_unpacks(packet: Path) -> None:
    whole = members(packet)
    whole[ITEMS] = b"0" * (40 << 20)
    zipped(packet, list(whole.items()), compression=zipfile.ZIP_DEFLATED)
    assert packet.stat().st_size < 1 << 20
    refused(packet, "would unpack to far more")


def test_a_bomb_that_lies_about_its_size_does_not_unpack(packet: Path) -> None:
    whole = members(packet)
    whole[ITEMS] = b"0" * (40 << 20)
    zipped(packet, list(whole.items()), compression=zipfile.ZIP_DEFLATED)
    data = packet.read_bytes().replace(struct.pack("<L", 40 << 20), struct.pack("<L", 1000))
    packet.write_bytes(data)
    refused(packet, "was damaged or changed")


def test_an_encrypted_or_oddly_packed_one_is_refused(packet: Path) -> None:
    whole = list(members(packet).items())
    zipped(packet, whole, compression=zipfile.ZIP_BZIP2)
    refused(packet, "packed in a way that no packet is")
    zipped(packet, whole)
    data = bytearray(packet.read_bytes())
    at = data.index(b"PK\1\2")
    data[at + 8] |= 1
    packet.write_bytes(data)
    refused(packet, "is encrypted")


def test_hundreds_of_files_are_not_looked_at(packet: Path) -> None:
    zipped(packet, [(f"f{n}", b"") for n in range(500)])
    refused(packet, "far too many")


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        ('"curator/packet/2"', r"packet format 2, this one knows 1\); update Curator"),
        ('"curator/findings/1"', "is not a packet of Curator"),
        ('"curator/packet/evil"', "is not a packet of Curator"),
        ("7", "is not a packet of Curator"),
        ("[" * 50_000, "was damaged or changed"),
    ],
)
def test_another_schema_is_refused(packet: Path, schema: str, sentence: str) -> None:
    zipped(packet, [(HEAD, f'{{"schema": {schema}}}'.encode()), ("future.jsonl", b"")])
    refused(packet, sentence)


@pytest.mark.parametrize("signature", [b"", b"null", b"[]", b'{"signature": 1}', '{"signature": "é"}'.encode()])
def test_a_packet_without_a_proper_signature_is_refused(packet: Path, signature: bytes) -> None:
    zipped(packet, list({**members(packet), SIGNATURE: signature}.items()))
    refused(packet, "was damaged or changed")


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"PK\5\6" + bytes(18), random.Random(1).randbytes(5000), b"{}", b"PK\3\4" * 100]
)
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.packet"
    path.write_bytes(content)
    refused(path, "not a packet|damaged")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no such file"):
        read_packet(tmp_path / "x.packet")
    with pytest.raises(InputError, match="is a folder"):
        read_packet(tmp_path)


def test_an_oversized_packet_is_neither_read_nor_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packet_file, "MAX_FILE", 10_000)
    path = tmp_path / "x.packet"
    path.write_bytes(bytes(10_001))
    refused(path, "is larger than")
    with pytest.raises(InputError, match="share the items among more"):
        packet_file.write_members(path, {ITEMS: random.Random(1).randbytes(20_000)}, b"key")
    assert path.read_bytes() == bytes(10_001)


def test_texts_that_pack_very_well_are_no_bomb(tmp_path: Path) -> None:
    path = tmp_path / "x.packet"
    head = b'{"schema": "curator/packet/1"}'
    packet_file.write_members(path, {HEAD: head, "slots.jsonl": b"", ITEMS: b"the same again\n" * 300_000}, b"key")
    assert read_members(path)[ITEMS] == b"the same again\n" * 300_000


def test_what_is_written_can_be_read_by_any_zip_program(packet: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(packet.read_bytes())) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
