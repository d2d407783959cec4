"""``python -m policies.serve --policy NAME``: serve a policy by openpi's WebSocket protocol."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from policies.host.flags import add_hosting_flags, read_hosting_flags
from policies.host.parsers.probing import probe_files
from policies.host.sharing.broker import HostBroker
from policies.names.flags import (
    POLICY_HELP,
    add_policy_flags,
    add_runtime_flags,
    read_one_policy,
    read_runtime_flags,
)
from policies.registry import make_policy
from policies.remote.access import is_loopback, read_token
from policies.serve.heap import keep_heap
from scenarios.common import cli
from scenarios.common.errors import InputError

if TYPE_CHECKING:
    from policies.serve.server import PolicyServer


def make_parser() -> cli.Parser:
    """Make the command-line parser."""
    parser = cli.Parser(
        prog="python -m policies.serve",
        description="Serve a policy to robots and evaluations by openpi's WebSocket protocol.",
    )
    add = parser.add_argument_group("policy").add_argument
    add("--policy", required=True, metavar="POLICY", help=POLICY_HELP)
    add_policy_flags(add)
    add_hosting_flags(add)
    add_runtime_flags(add)
    add("--threads", type=cli.bounded_int(1, 1024), default=1, metavar="N", help="of its network; 1 as in evaluations")
    add("--batch", type=cli.bounded_int(1, 64), default=8, metavar="N", help="clients that one call answers")
    add = parser.add_argument_group("clients").add_argument
    add("--host", default="127.0.0.1", help="address to listen at; beyond this machine only with a token")
    add("--port", type=cli.bounded_int(0, 65535), default=8000, metavar="N", help="0 for any free one")
    add("--token-file", type=Path, metavar="FILE", help="file with the token that clients must send")
    add("--token-env", metavar="NAME", help="environment variable with the token (MOBILE_VLA_TOKEN if it is set)")
    add("--clients", type=cli.bounded_int(1, 1000), default=32, metavar="N", help="most connections at a time")
    add("--certificate", type=Path, metavar="FILE", help="certificate in PEM format, for wss")
    add("--key", type=Path, metavar="FILE", help="private key of the certificate")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command line."""
    options = make_parser().parse_args(arguments)
    token = read_token(options.token_file, options.token_env)
    if token is None and not is_loopback(options.host):
        raise InputError(
            f"--host {options.host} is reachable from other machines: give a token with --token-file or --token-env"
        )
    tls = load_certificate(options.certificate, options.key)
    reference = read_one_policy(options.policy, options, options.policy_python or "")
    probe_files([reference])
    os.environ["OMP_NUM_THREADS"] = str(options.threads)  # before torch or ONNX Runtime is loaded
    keep_heap()
    from policies.serve.server import PolicyServer, ServerOptions
    from policies.serve.source import PolicySource

    runtime = read_runtime_flags(options)
    served = ServerOptions(options.host, options.port, token, options.clients, options.batch, tls)
    with HostBroker() as broker:
        hosting = read_hosting_flags(options, broker.path, options.threads)
        source = PolicySource(lambda: make_policy(reference, runtime, hosting))
        if (torch := sys.modules.get("torch")) is not None:
            torch.set_num_threads(options.threads)
        _serve(PolicyServer(source, served), options, tls)
    return cli.DONE


def _serve(server: PolicyServer, options: argparse.Namespace, tls: ssl.SSLContext | None) -> None:
    """Serve until a signal ends it.

    Raises:
        InputError: The address can't be had.
    """

    def announce(port: int) -> None:
        name = f"[{options.host}]" if ":" in options.host else options.host
        print(f"serving '{options.policy}' at {'ws' if tls is None else 'wss'}://{name}:{port}", flush=True)

    async def serve_until_signal() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await server.run(announce, stop)

    try:
        asyncio.run(serve_until_signal())
    except OSError as error:
        raise InputError(f"can't serve at {options.host}:{options.port}: {error.strerror or error}") from error


def load_certificate(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Load the certificate of a server; None if there is none.

    Raises:
        InputError: It can't be read, or its key is missing.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise InputError("--certificate and --key belong together: give both or neither")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ssl.SSLError) as error:
        raise InputError(f"the certificate {certificate} and its key {key} can't be read: {error}") from error
    return context


if __name__ == "__main__":
    cli.run_cli(main)
