"""Is a VBA project what Office reads: its streams, its compression, its properties?

The readers are other people's: olefile for the compound file, oletools for VBA.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import olefile
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oletools.olevba import VBA_Parser, decompress_stream

from accountplan.addin.excel.compound_file import compound_file
from accountplan.addin.excel.vba_compression import compressed
from accountplan.addin.excel.vba_project import (
    Module,
    class_module,
    encrypted,
    sheet_modules,
    standard_module,
    vba_project,
    workbook_module,
)

GREETING = 'Attribute VB_Name = "Greeting"\nPublic Function Hello() As String\nEnd Function\n'
THING = (
    "VERSION 1.0 CLASS\nBEGIN\n  MultiUse = -1  'True\nEND\n"
    'Attribute VB_Name = "Thing"\nAttribute VB_GlobalNameSpace = False\n'
    "Attribute VB_Creatable = False\nAttribute VB_PredeclaredId = False\n"
    "Attribute VB_Exposed = True\nPublic Size As Long\n"
)


def modules() -> list[Module]:
    return [
        workbook_module("Private Sub Workbook_Open()\nEnd Sub"),
        standard_module(GREETING),
        class_module(THING),
        *sheet_modules(2),
    ]


# --- The compound file --------------------------------------------------------------


@pytest.mark.parametrize(
    "sizes",
    [(0,), (1,), (63, 64, 65), (4095, 4096, 4097), (5, 200_000), tuple(range(40)), (600_000,)],
)
def test_streams_of_all_sizes_come_back(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    streams = {f"Folder/s{at}": bytes([at + 1]) * size for at, size in enumerate(sizes)}
    streams["top"] = b"on top"
    path = tmp_path / "made.bin"
    path.write_bytes(compound_file(streams))
    with olefile.OleFileIO(path, raise_defects=olefile.DEFECT_UNSURE) as opened:
        assert opened.parsing_issues == []
        found = {"/".join(name): opened.openstream(name).read() for name in opened.listdir()}
    assert found == streams


def test_entries_of_a_folder_are_a_search_tree_by_length_then_capitals() -> None:
    # MS-CFB 2.6.4: "VBA/b" < "VBA/BB" < "VBA/aaa"; a reader that searches must find each.
    names = ["aaa", "b", "BB", "a", "Bc", "ba", "zz", "LongerName"]
    path = compound_file({f"VBA/{name}": b"x" for name in names})
    with olefile.OleFileIO(path) as opened:
        folder = next(each for each in opened.root.kids if each.name == "VBA")
        entries = opened.direntries
        order: list[str] = []

        def walk(number: int) -> None:
            if number == olefile.NOSTREAM:
                return
            walk(entries[number].sid_left)
            order.append(entries[number].name)
            walk(entries[number].sid_right)

        walk(folder.sid_child)
    assert order == ["a", "b", "ba", "BB", "Bc", "zz", "aaa", "LongerName"]


def test_a_name_of_more_than_31_characters_is_refused() -> None:
    with pytest.raises(ValueError, match="31 characters"):
        compound_file({"n" * 32: b""})


# --- The compression ----------------------------------------------------------------


@given(st.lists(st.sampled_from([b"If x Then\r\n", b"a", b"\0" * 30, b"End Sub"]), min_size=1))
def test_compressed_text_reads_back(parts: list[bytes]) -> None:
    data = b"".join(parts) * 7
    assert bytes(decompress_stream(bytearray(compressed(data)))) == data


@pytest.mark.parametrize("length", [1, 2, 3, 4095, 4096, 4097, 8192, 50_000])
def test_runs_longer_than_a_chunk_read_back(length: int) -> None:
    data = b"z" * length
    packed = compressed(data)
    assert bytes(decompress_stream(bytearray(packed))) == data
    assert len(packed) < 20 + length // 100


def test_a_chunk_that_cannot_be_packed_is_kept_as_it_is() -> None:
    data = random.Random(7).randbytes(8192)
    assert bytes(decompress_stream(bytearray(compressed(data)))) == data


def test_compression_matches_the_published_examples() -> None:
    # MS-OVBA, section 3.2: "no compression", "normal compression" and "maximum compression".
    plain = compressed(b"abcdefghijklmnopqrstuv.")
    assert plain.hex() == "0119b000616263646566676800696a6b6c6d6e6f70007172737475762e"
    # Where a run stood several times before, the nearest is as good as the one Office took.
    text = b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"
    published = bytes.fromhex(
        "012fb000236161616263646582660070616768696a013808616b6c00306d6e6f70067102700410"
        "7273747576107778797a003c"
    )
    assert bytes(decompress_stream(bytearray(published))) == text
    assert len(compressed(text)) == len(published)
    most = compressed(b"a" * 73)
    assert most.hex() == "0103b002614500"


# --- The project --------------------------------------------------------------------


def test_olevba_reads_every_module_back_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "vbaProject.bin"
    path.write_bytes(vba_project("Sample", modules()))
    parser = VBA_Parser(str(path))
    found = {name.rpartition("/")[2]: text for _, _, name, text in parser.extract_all_macros()}
    parser.close()
    expected = {
        f"{module.name}{'.bas' if module.kind.value == 'Module' else '.cls'}": module.source
        for module in modules()
    }
    assert {name: text.encode("cp1252") for name, text in found.items()} == expected


def test_a_class_has_the_attributes_that_excel_gives_it() -> None:
    # As in quickstart_addin_ribbon.xlam of xlwings 0.37, which Excel saved.
    assert class_module(THING).text.splitlines()[:8] == [
        'Attribute VB_Name = "Thing"',
        'Attribute VB_Base = "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}"',
        "Attribute VB_GlobalNameSpace = False",
        "Attribute VB_Creatable = False",
        "Attribute VB_PredeclaredId = False",
        "Attribute VB_Exposed = True",
        "Attribute VB_TemplateDerived = False",
        "Attribute VB_Customizable = False",
    ]


def test_the_project_lists_its_modules_and_says_that_nothing_is_compiled() -> None:
    with olefile.OleFileIO(vba_project("Sample", modules())) as opened:
        project = opened.openstream("PROJECT").read().decode("cp1252").split("\r\n")
        names = opened.openstream("PROJECTwm").read()
        version = opened.openstream("VBA/_VBA_PROJECT").read()
    assert project[1:6] == [
        "Document=ThisWorkbook/&H00000000",
        "Module=Greeting",
        "Class=Thing",
        "Document=Sheet1/&H00000000",
        "Document=Sheet2/&H00000000",
    ]
    assert b"Greeting\0G\0r\0e\0e\0t\0i\0n\0g\0\0\0" in names
    assert version == bytes.fromhex("cc61ffff000000")


def decrypted(text: str, project_id: str) -> bytes:
    """MS-OVBA 2.4.3.3, written anew: what a disguised property says."""
    data = bytes.fromhex(text)
    seed, version_hidden, key_hidden = data[:3]
    assert seed ^ version_hidden == 2
    key = seed ^ key_hidden
    assert key == sum(project_id.encode()) & 0xFF
    plain, before, last, out = key, version_hidden, key_hidden, bytearray()
    for hidden in data[3:]:
        byte = hidden ^ ((before + plain) & 0xFF)
        plain, before, last = byte, last, hidden
        out.append(byte)
    told = bytes(out[(seed & 6) // 2 :])
    assert int.from_bytes(told[:4], "little") == len(told) - 4
    return told[4:]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5D5F8AADDAA8DEA8DEA8DEA8DE", bytes(4)),
        ("5D5F8AADDAADDBADDBAD", bytes(1)),
        ("5D5F8AADDAADDBADDB52", b"\xff"),
    ],
)
def test_disguised_properties_are_those_of_a_project_that_excel_saved(
    text: str, expected: bytes
) -> None:
    # CMG, DPB and GC of quickstart_addin_ribbon.xlam of xlwings 0.37: not locked, no password.
    project_id = "{318BEE36-5BE1-492A-826D-473DB19B0F30}"
    assert decrypted(text, project_id) == expected
    assert decrypted(encrypted(expected, project_id, seed=0x5D), project_id) == expected


def test_the_project_is_open_and_without_password() -> None:
    with olefile.OleFileIO(vba_project("Sample", modules())) as opened:
        project = opened.openstream("PROJECT").read().decode("cp1252")
    (project_id,) = re.findall(r'^ID="(.*?)"', project)
    states = {key: re.search(rf'{key}="(.*?)"', project) for key in ("CMG", "DPB", "GC")}
    told = {key: decrypted(found[1], project_id) for key, found in states.items() if found}
    assert told == {"CMG": bytes(4), "DPB": bytes(1), "GC": b"\xff"}


def test_the_same_modules_give_the_same_bytes() -> None:
    assert vba_project("Sample", modules()) == vba_project("Sample", modules())
