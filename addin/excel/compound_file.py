"""A compound file: folders and streams in one file, as Office keeps VBA projects.

Written whole, version 3, with sectors of 512 bytes; streams below 4,096 bytes
lie in the mini stream, in sectors of 64. No dates and no ids, so that the same
streams give the same bytes.

Source: MS-CFB, Compound File Binary File Format, sections 2.2 to 2.7.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

SECTOR: Final = 512
MINI_SECTOR: Final = 64
MINI_CUTOFF: Final = 4096
FAT_IN_HEADER: Final = 109
LONGEST_NAME: Final = 31

FREE: Final = 0xFFFFFFFF
END: Final = 0xFFFFFFFE
IS_FAT: Final = 0xFFFFFFFD
NOBODY: Final = 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5
BLACK: Final = 1
RECORD: Final = 128
_NO_RECORD: Final = struct.pack("<68x3I48x", NOBODY, NOBODY, NOBODY)


@dataclass(eq=False)
class _Entry:
    """A folder or a stream, and where it stands among the others."""

    name: str
    kind: int
    content: bytes = b""
    inside: "list[_Entry]" = field(default_factory=list)
    left: int = NOBODY
    right: int = NOBODY
    child: int = NOBODY
    start: int = END
    size: int = 0


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """The bytes of a compound file.

    Args:
        streams: content by path, such as "VBA/dir".

    Raises:
        ValueError: a name is longer than 31 characters, or the file above 7 MB.
    """
    entries = _entries(streams)
    small = [each for each in entries if each.kind == STREAM and each.size < MINI_CUTOFF]
    large = [each for each in entries if each.kind == STREAM and each.size >= MINI_CUTOFF]
    mini_stream, mini_fat = _lay_out(small, MINI_SECTOR)
    root = entries[0]
    root.content, root.size = mini_stream, len(mini_stream)
    directory_sectors = _sectors(len(entries) * RECORD, SECTOR)
    mini_fat_sectors = _sectors(len(mini_fat) * 4, SECTOR)
    in_sectors = [root, *large]
    body, chains = _lay_out(in_sectors, SECTOR)
    fat_sectors = _fat_sectors(directory_sectors + mini_fat_sectors + len(chains))
    before = fat_sectors + directory_sectors + mini_fat_sectors
    for each in in_sectors:
        each.start += before if each.size else 0
    fat = [IS_FAT] * fat_sectors
    fat += _chain(fat_sectors, directory_sectors)
    fat += _chain(fat_sectors + directory_sectors, mini_fat_sectors)
    fat += [link if link == END else link + before for link in chains]
    header = _header(
        fat_sectors,
        directory=fat_sectors,
        mini_fat=fat_sectors + directory_sectors if mini_fat else END,
        mini_fat_sectors=mini_fat_sectors,
    )
    parts = (
        header,
        _numbers(fat),
        b"".join(_record(each) for each in entries),
        _NO_RECORD * (directory_sectors * SECTOR // RECORD - len(entries)),
        _numbers(mini_fat),
        body,
    )
    return b"".join(parts)


def _entries(streams: Mapping[str, bytes]) -> list[_Entry]:
    """The directory: root first, each folder's entries as a tree below it."""
    root = _Entry("Root Entry", ROOT)
    for path, content in streams.items():
        *folders, name = path.split("/")
        within = root
        for folder in folders:
            known = [each for each in within.inside if each.name == folder]
            if not known:
                known = [_Entry(folder, STORAGE)]
                within.inside += known
            within = known[0]
        within.inside.append(_Entry(name, STREAM, content, size=len(content)))
    found = list(_walk(root))
    number = {id(each): place for place, each in enumerate(found)}
    for each in found:
        if len(each.name) > LONGEST_NAME:
            raise ValueError(f"{each.name}: names have up to {LONGEST_NAME} characters.")
        each.child = _tree(sorted(each.inside, key=_order), number)
    return found


def _walk(entry: _Entry) -> Iterator[_Entry]:
    yield entry
    for each in entry.inside:
        yield from _walk(each)


def _order(entry: _Entry) -> tuple[int, str]:
    """Shorter names come first, then capitals decide (section 2.6.4)."""
    return len(entry.name), entry.name.upper()


def _tree(entries: Sequence[_Entry], number: Mapping[int, int]) -> int:
    """Makes a balanced search tree of a folder's entries and gives the number of its top.

    All nodes are black, which the format allows: the tree then is a plain one.
    """
    if not entries:
        return NOBODY
    middle = len(entries) // 2
    top = entries[middle]
    top.left = _tree(entries[:middle], number)
    top.right = _tree(entries[middle + 1 :], number)
    return number[id(top)]


def _lay_out(entries: Iterable[_Entry], size: int) -> tuple[bytes, list[int]]:
    """Puts contents one behind the other into sectors: the bytes, and the chain of each."""
    body: list[bytes] = []
    chains: list[int] = []
    for each in entries:
        count = _sectors(len(each.content), size)
        if count:
            each.start = len(chains)
            chains += _chain(len(chains), count)
            body.append(each.content.ljust(count * size, b"\0"))
    return b"".join(body), chains


def _chain(first: int, count: int) -> list[int]:
    """The links of sectors that follow each other."""
    return [*range(first + 1, first + count), END] if count else []


def _sectors(length: int, size: int) -> int:
    return -(-length // size)


def _fat_sectors(others: int) -> int:
    """How many sectors the table of links takes, itself included."""
    count = 1
    while count * SECTOR // 4 < others + count:
        count += 1
    if count > FAT_IN_HEADER:
        raise ValueError("a compound file of more than 7 MB is not supported.")
    return count


def _numbers(values: Sequence[int]) -> bytes:
    """A table of links, filled up to whole sectors."""
    room = _sectors(len(values) * 4, SECTOR) * SECTOR // 4
    filled = [*values, *[FREE] * (room - len(values))]
    return struct.pack(f"<{len(filled)}I", *filled)


def _header(fat_sectors: int, *, directory: int, mini_fat: int, mini_fat_sectors: int) -> bytes:
    fat = [*range(fat_sectors), *[FREE] * (FAT_IN_HEADER - fat_sectors)]
    return struct.pack(
        "<8s16x5H6x9I109I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x003E, 0x0003, 0xFFFE, 9, 6),
        *(0, fat_sectors, directory, 0, MINI_CUTOFF, mini_fat, mini_fat_sectors, END, 0),
        *fat,
    )


def _record(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBB3I16xI16xIQ",
        name,
        *(len(name), entry.kind, BLACK),
        *(entry.left, entry.right, entry.child),
        0,
        *(entry.start if entry.size else (0 if entry.kind == STORAGE else END), entry.size),
    )
