"""A mirror of the Hugging Face hub on this machine, which answers what huggingface_hub asks for a download."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
BRANCHES = ("main", "v1", COMMIT)
INFO = re.compile(r"/api/models/([\w.-]+/[\w.-]+)/revision/([^/]+)")
TREE = re.compile(r"/api/models/([\w.-]+/[\w.-]+)/tree/([^/]+)")
FILE = re.compile(r"/([\w.-]+/[\w.-]+)/resolve/([^/]+)/(.+)")


class Mirror(ThreadingHTTPServer):
    """Serves folders as repositories.

    Attributes:
        repositories: Name -> folder.
        asked: Paths of the files that were downloaded.
    """

    daemon_threads = True

    def __init__(self, repositories: dict[str, Path]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repositories = repositories
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Mirror

    def log_message(self, *_: object) -> None: ...

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, with_body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        if found := INFO.fullmatch(path):
            self._send_info(*found.groups(), with_body)
        elif found := TREE.fullmatch(path):
            self._send_tree(*found.groups(), with_body)
        elif found := FILE.fullmatch(path):
            self._send_file(*found.groups(), with_body)
        else:
            self._send_error("EntryNotFound", with_body)

    def _folder(self, repository: str, revision: str, with_body: bool) -> Path | None:
        if repository not in self.server.repositories:
            self._send_error("RepoNotFound", with_body)
        elif revision not in BRANCHES:
            self._send_error("RevisionNotFound", with_body)
        else:
            return self.server.repositories[repository]
        return None

    def _send_info(self, repository: str, revision: str, with_body: bool) -> None:
        folder = self._folder(repository, revision, with_body)
        if folder is not None:
            files = _list_files(folder)
            info = {"id": repository, "sha": COMMIT, "siblings": [{"rfilename": name} for name in files]}
            self._send(json.dumps({**info, "private": False, "tags": []}).encode(), {}, with_body)

    def _send_tree(self, repository: str, revision: str, with_body: bool) -> None:
        folder = self._folder(repository, revision, with_body)
        if folder is not None:
            sizes = {name: (folder / name).stat().st_size for name in _list_files(folder)}
            entries = [{"type": "file", "oid": "0" * 40, "path": name, "size": size} for name, size in sizes.items()]
            self._send(json.dumps(entries).encode(), {}, with_body)

    def _send_file(self, repository: str, revision: str, name: str, with_body: bool) -> None:
        folder = self._folder(repository, revision, with_body)
        if folder is None:
            return
        if not (folder / name).is_file():
            self._send_error("EntryNotFound", with_body)
            return
        content = (folder / name).read_bytes()
        if with_body:
            self.server.asked.append(name)
        tag = hashlib.sha256(content).hexdigest()
        self._send(content, {"ETag": f'"{tag}"', "X-Repo-Commit": COMMIT}, with_body)

    def _send(self, content: bytes, headers: dict[str, str], with_body: bool) -> None:
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(content)

    def _send_error(self, code: str, with_body: bool) -> None:
        self.send_response(404)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _list_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@contextmanager
def serve(repositories: dict[str, Path]) -> Iterator[Mirror]:
    """Serve folders as repositories until the end of the context."""
    with Mirror(repositories) as mirror:
        thread = threading.Thread(target=mirror.serve_forever, daemon=True)
        thread.start()
        try:
            yield mirror
        finally:
            mirror.shutdown()
            thread.join()
