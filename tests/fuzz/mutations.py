"""Changes of valid files: of bytes, of words in a text, of values in JSON; each is drawn by a generator of its own."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from random import Random
from typing import Any

Mutation = Callable[[bytes, Random], bytes]

NUMBERS = (
    *("0", "-1", "1", "2", "-0.0", "1e308", "-1e308", "1e999", "nan", ".nan", "NaN", "Infinity", "-Infinity", ".inf"),
    *("4294967296", "9223372036854775807", "-9223372036854775809", "1" + "0" * 400, "1e-320", "0x10", "1_000"),
)
WORDS = (
    *("null", "true", "", "~", "''", '""', "[]", "{}", "..", "../../etc/passwd", "/etc/passwd", "\\ud800", "\u202e"),
    *("é" * 300, "a" * 10_000, "%s%n", "{0.__class__}", "${HOME}", "*a", "&a", "!!python/object:os.system", "<<"),
    *("\x00", "\n", "\t", "- ", ": ", "#", "|", ">", "{{", "hf://a/b", "http://localhost:1", "file:///etc/passwd"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf")),
    *(
        "",
        "a",
        "../x",
        "/etc/passwd",
        "\ud800",
        "\x00",
        "é" * 300,
        "a/b",
        "nan",
        "1",
        [],
        [[]],
        {},
        {"a": {}},
        [0] * 50,
    ),
    *([None], [1, 2, 3], {"": ""}, {"__class__": 1}, [[0.5, 0.5]], ["a"] * 3, "x" * 10_000),
)
_TOKEN = re.compile(rb"[A-Za-z_][\w.-]*|-?\d+(?:\.\d+)?")


def mutate_bytes(data: bytes, rng: Random) -> bytes:
    """Change some bytes, as a damaged disk, a broken download or an attacker would."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        _change_once(out, rng)
    return bytes(out)


def _change_once(out: bytearray, rng: Random) -> None:
    at = rng.randrange(len(out) + 1)
    length = rng.choice((1, 2, 4, 8, 64, 1024))
    match rng.randrange(9):
        case 0 if at < len(out):
            out[at] ^= 1 << rng.randrange(8)
        case 1 if at < len(out):
            out[at] = rng.randrange(256)
        case 2:
            del out[at:]
        case 3:
            del out[at : at + length]
        case 4:
            out[at:at] = rng.randbytes(length)
        case 5:
            out[at : at + length] = bytes(min(length, len(out) - at))
        case 6:
            other = rng.randrange(len(out) + 1)
            out[at:at] = out[other : other + length]
        case 7:
            extreme = rng.choice((0, 1, 0x7F, 0xFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1))
            packed = struct.pack(rng.choice("<>") + "Q", extreme)
            out[at : at + 8] = packed if rng.randrange(2) else packed[:4]
        case _:
            out += rng.randbytes(length)


def mutate_text(data: bytes, rng: Random) -> bytes:
    """Replace words and numbers of a text, double or drop lines, nest, or indent otherwise."""
    text = data
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        text = _rewrite_once(text, rng)
    return text


def _rewrite_once(text: bytes, rng: Random) -> bytes:
    tokens = list(_TOKEN.finditer(text))
    lines = text.split(b"\n")
    line = rng.randrange(len(lines))
    match rng.randrange(8):
        case 0 | 1 | 2 if tokens:
            token = rng.choice(tokens)
            new = rng.choice(NUMBERS if rng.randrange(2) else WORDS).encode("utf-8", "surrogatepass")
            return text[: token.start()] + new + text[token.end() :]
        case 3 if len(tokens) > 1:
            one, other = rng.choice(tokens), rng.choice(tokens)
            return text[: one.start()] + other[0] + text[one.end() :]
        case 4:
            lines.insert(rng.randrange(len(lines)), lines[line])
        case 5:
            del lines[line]
        case 6:
            at, depth = rng.randrange(len(text) + 1), rng.choice((1, 30, 200, 5000))
            return text[:at] + rng.choice((b"[", b"{", b"- ", b"(")) * depth + text[at:]
        case _:
            lines[line] = b" " * rng.randrange(5) + lines[line].strip()
    return b"\n".join(lines)


def mutate_json(data: bytes, rng: Random) -> bytes:
    """Replace, drop, double or rename values of a JSON text; what isn't JSON is changed as a text."""
    try:
        value = json.loads(data)
    except ValueError:
        return mutate_text(data, rng)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        value = mutate_value(value, rng)
    return json.dumps(value).encode()


def mutate_value(value: Any, rng: Random) -> Any:
    """Change one value somewhere in nested lists and objects."""
    if isinstance(value, dict | list) and value and rng.random() < 0.85:
        key = rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
        changed = value.copy()
        match rng.randrange(8):
            case 0:
                del changed[key]
            case 1 if isinstance(changed, dict):
                changed[rng.choice(("", "é", "extra", str(key) + "x", *map(str, changed)))] = changed.pop(key)
            case 2 if isinstance(changed, list):
                changed.insert(key, changed[key])
            case _:
                changed[key] = mutate_value(value[key], rng)
        return changed
    if isinstance(value, int | float) and rng.randrange(2):
        return rng.choice(
            (
                value + 1,
                -value,
                value * 1000,
                value * 0.3 if abs(value) < 1e300 else 0.5,
                value * 10**12,
                [value],
                str(value),
            )
        )
    if rng.randrange(20) == 0:
        for _ in range(rng.choice((3, 100, 600))):
            value = [value]
        return value
    return rng.choice(VALUES)


def mutate_safetensors(data: bytes, rng: Random) -> bytes:
    """Change the header of a file of tensors, whose length then fits again; or bytes of it."""
    if rng.randrange(2):
        return mutate_bytes(data, rng)
    (length,) = struct.unpack("<Q", data[:8])
    header = mutate_json(data[8 : 8 + length], rng)
    return struct.pack("<Q", len(header)) + header + data[8 + length :]


def mutate_lines(data: bytes, rng: Random) -> bytes:
    """Change one line of a file of JSON lines as JSON, or the text of it."""
    if rng.randrange(3) == 0:
        return mutate_text(data, rng)
    lines = data.split(b"\n")
    line = rng.randrange(max(1, len(lines) - 1))
    lines[line] = mutate_json(lines[line], rng)
    return b"\n".join(lines)
