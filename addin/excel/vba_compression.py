"""How VBA keeps text: runs that came before are told by distance and length.

Source: MS-OVBA, Office VBA File Format Structure, section 2.4.1.
"""

from collections import defaultdict
from functools import lru_cache
from typing import Final

CHUNK: Final = 4096
SHORTEST_RUN: Final = 3
SIGNATURE: Final = 1
_PACKED, _RAW = 0xB000, 0x3000


@lru_cache(maxsize=64)
def compressed(data: bytes) -> bytes:
    """Data as a compressed container."""
    chunks = (data[start : start + CHUNK] for start in range(0, len(data), CHUNK))
    return bytes([SIGNATURE]) + b"".join(_chunk(chunk) for chunk in chunks)


def _chunk(chunk: bytes) -> bytes:
    packed = _packed(chunk)
    if len(packed) > CHUNK:
        return _sized(_RAW, chunk.ljust(CHUNK, b"\0"))
    return _sized(_PACKED, packed)


def _sized(kind: int, content: bytes) -> bytes:
    """A chunk behind its header: the kind, and the length less one."""
    return (kind | len(content) - 1).to_bytes(2, "little") + content


def _packed(chunk: bytes) -> bytes:
    """Tokens in groups of eight, each group behind a byte that says which of them are runs."""
    out = bytearray()
    seen: defaultdict[bytes, list[int]] = defaultdict(list)
    place = noted = 0
    while place < len(chunk):
        flags, group = 0, bytearray()
        for bit in range(8):
            if place >= len(chunk):
                break
            for each in range(noted, place):
                seen[chunk[each : each + SHORTEST_RUN]].append(each)
            noted = place
            start, length = _run(chunk, place, seen)
            if length < SHORTEST_RUN:
                group.append(chunk[place])
                place += 1
            else:
                flags |= 1 << bit
                group += _token(place, place - start, length)
                place += length
        out.append(flags)
        out += group
    return bytes(out)


def _run(chunk: bytes, place: int, seen: defaultdict[bytes, list[int]]) -> tuple[int, int]:
    """Where the longest run that begins at a place stood before, and how long it is."""
    most = min(len(chunk) - place, (0xFFFF >> _distance_bits(place)) + SHORTEST_RUN)
    best, longest = 0, 0
    if most < SHORTEST_RUN:
        return best, longest
    for start in reversed(seen.get(chunk[place : place + SHORTEST_RUN], ())):
        if chunk[start + longest] != chunk[place + longest]:
            continue
        length = SHORTEST_RUN
        while length < most and chunk[start + length] == chunk[place + length]:
            length += 1
        if length > longest:
            best, longest = start, length
            if longest == most:
                break
    return best, longest


def _distance_bits(place: int) -> int:
    """How many of a token's 16 bits tell the distance: enough to reach the chunk's start."""
    return max((place - 1).bit_length(), 4) if place else 4


def _token(place: int, distance: int, length: int) -> bytes:
    bits = _distance_bits(place)
    return ((distance - 1) << (16 - bits) | length - SHORTEST_RUN).to_bytes(2, "little")
