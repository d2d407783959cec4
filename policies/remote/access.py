"""Addresses of policy servers, and the tokens that they ask for. A token is never part of an address or a command."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from scenarios.common.errors import InputError

SCHEMES = ("ws://", "wss://")
TOKEN_VARIABLE = "MOBILE_VLA_TOKEN"  # noqa: S105  the name of a variable, not a token
VLLM_PATH = "/v1/realtime/robot/openpi"
"""Path of vLLM-Omni's flavour of the protocol."""


def is_server_address(name: str) -> bool:
    """Return whether a policy's name is the address of a server."""
    return name.startswith(SCHEMES)


def check_address(url: str) -> None:
    """Check the address of a server without contacting it.

    Raises:
        InputError: It isn't one, or it contains a password.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(f"'{url}' isn't the address of a server: {error}") from error
    if not is_server_address(url) or not host or parts.query or parts.fragment:
        raise InputError(f"'{url}' isn't the address of a server: give ws://HOST:PORT or wss://HOST:PORT")
    if parts.username is not None or parts.password is not None:
        raise InputError(f"the address of a server must not contain a password: set {TOKEN_VARIABLE} to its token")


def speaks_vllm(url: str) -> bool:
    """Return whether an address is that of vLLM-Omni's flavour of the protocol."""
    return urlsplit(url).path.rstrip("/") == VLLM_PATH


def is_loopback(host: str) -> bool:
    """Return whether a host's every address is reachable from this machine alone."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise InputError(f"'{host}' isn't the address or name of a host: {error.strerror}") from error
    return all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in found)


def names_this_machine(host: str) -> bool:
    """Return whether a host of an address is this machine by its text alone; nothing is looked up."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_token(file: Path | None = None, variable: str | None = None) -> str | None:
    """Read a server's token from a file or an environment variable; None if neither is named nor set.

    Args:
        file: A file whose first line is the token.
        variable: Name of a variable; without both, ``TOKEN_VARIABLE`` counts if it is set.

    Raises:
        InputError: What is named isn't there, or isn't a token.
    """
    if file is not None and variable is not None:
        raise InputError("a token comes from a file or from a variable: name one of them")
    if file is not None:
        try:
            return _check_token(file.read_text(encoding="utf-8").partition("\n")[0].strip(), f"the file {file}")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error  # strerror doesn't repeat the path
            raise InputError(f"the token's file {file} can't be read: {reason}") from error
    if variable is not None and variable not in os.environ:
        raise InputError(f"the token's variable {variable} isn't set")
    name = variable or TOKEN_VARIABLE
    return _check_token(os.environ[name], f"the variable {name}") if name in os.environ else None


def _check_token(token: str, where: str) -> str:
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise InputError(f"{where} must contain a token: ASCII characters without spaces")
    return token
