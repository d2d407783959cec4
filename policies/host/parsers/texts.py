"""Texts in messages that may be paths of any bytes."""

from __future__ import annotations


def encode_text(text: str) -> bytes:
    """Encode a text that may be a path of any bytes."""
    return text.encode("utf-8", "surrogatepass")


def decode_text(data: bytes) -> str:
    """Decode what ``encode_text`` encoded."""
    return data.decode("utf-8", "surrogatepass")
