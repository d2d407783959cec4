"""Laws of every command line."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.common import cli as command
from scenarios.common.errors import InputError

ROOT = Path(__file__).parents[3]
COMMAND = """
import os, signal, sys, time
from scenarios.common.cli import run_cli

def main(arguments):
    {body}

run_cli(main)
"""
TALKATIVE = "print('word\\n' * 50_000, '\\u00fc \\u2500 \\udcff'); print('note', file=sys.stderr); return 1"


def parser():
    flags = command.Parser(prog="prog", description="d")
    flags.add_argument("--count", type=command.bounded_int(1, 10))
    flags.add_argument("--rate", type=command.bounded_float(0.0, 1.0))
    flags.add_argument("--names", type=command.parse_name_list)
    flags.add_argument("--colour", type=command.known_name("colour", ("red", "green")))
    return flags


def test_an_unknown_flag_is_named_and_not_the_word_behind_it():
    named = parser()
    named.add_argument("names", nargs="*", type=command.known_name("claim", ("yaw",)))
    with pytest.raises(InputError, match="unknown flag --cuont: did you mean --count"):
        named.parse_args(["--cuont", "3"])
    assert named.parse_args(["yaw", "--colour=red"]).names == ["yaw"]
    with pytest.raises(InputError, match="unknown claim '--no-flag'"):
        named.parse_args(["--", "--no-flag"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--count", "0"], "between 1 and 10"),
        (["--count", "11"], "between 1 and 10"),
        (["--count", "2.5"], "is not a whole number"),
        (["--rate", "1.5"], "between 0 and 1"),
        (["--rate", "nan"], "out of range"),
        (["--names", "a,,b"], "empty name"),
        (["--names", "a,b,a"], "'a' appears twice"),
        (["--colour", "gren"], "did you mean 'green'"),
        (["--cuont", "1"], "unknown flag --cuont: did you mean --count? (see prog --help)"),
        (["--cou=1"], "unknown flag --cou: did you mean --count?"),
        (["--zzz", "1"], "unknown flag --zzz (see prog --help)"),
        (["--count"], "--count"),
    ],
)
def test_a_bad_value_is_one_sentence_that_names_flag_and_value(arguments, words):
    with pytest.raises(InputError) as raised:
        parser().parse_args(arguments)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_good_values_come_through():
    options = parser().parse_args(["--count", "3", "--rate", "0.5", "--names", "a, b", "--colour", "red"])
    assert (options.count, options.rate, options.names, options.colour) == (3, 0.5, ("a", "b"), "red")


def test_bad_input_leaves_with_2_and_one_line_on_stderr(capsys):
    def main(arguments):
        raise InputError("no such thing")

    with pytest.raises(SystemExit) as left:
        command.run_cli(main)
    assert left.value.code == 2
    assert capsys.readouterr() == ("", "error: no such thing\n")


def test_an_error_of_ours_is_not_dressed_up_as_bad_input():
    def main(arguments):
        raise RuntimeError("ours")

    with pytest.raises(RuntimeError, match="ours"):
        command.run_cli(main)
    ended = run("raise RuntimeError('ours')")
    assert ended.returncode == 3
    assert "RuntimeError: ours" in ended.stderr
    assert "not complete" in ended.stderr


def test_help_shows_every_default_also_zero():
    flags = parser()
    flags.add_argument("--seed", type=int, default=0, help="seed")
    flags.add_argument("--quick", action="store_true", help="quickly")
    text = " ".join(flags.format_help().split())
    assert "seed (default: 0)" in text
    assert "quickly (default" not in text


def run(body: str, redirection: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command line in a shell that redirects its output, and return what is left of it."""
    shell = f'"$0" -c "$1" {redirection}; exit ${{PIPESTATUS[0]}}'
    words = ["bash", "-c", shell, sys.executable, COMMAND.format(body=body)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(words, capture_output=True, text=True, timeout=120, env=environment, check=False)


@pytest.mark.parametrize(
    "redirection", ["| true", "| head -1", "2>&1 | true", ">&-", "2>&-", ">&- 2>&-", "<&-", "2>/dev/full", ">/dev/null"]
)
def test_the_exit_code_is_the_command_s_own_whatever_becomes_of_its_output(redirection):
    ended = run(TALKATIVE, redirection)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "Error" not in ended.stderr


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "utf-8:strict"},
    ],
)
def test_output_in_any_encoding_is_printed_with_question_marks_where_letters_are_missing(variables):
    ended = run(TALKATIVE, "| iconv -f latin1 -t utf8", **variables)
    assert ended.returncode == 1
    assert ended.stdout.splitlines()[-1].endswith("?")
    assert ended.stderr == "note\n"


def test_output_that_can_not_be_written_is_not_complete():
    ended = run("print('word'); return 0", ">/dev/full")
    assert (ended.returncode, ended.stderr) == (3, "not complete: 'standard output': No space left on device\n")


def test_no_file_takes_the_place_of_a_closed_stream(tmp_path):
    body = f"file = open({str(tmp_path / 'rows')!r}, 'w'); os.write(2, b'noise'); os.write(1, b'noise'); return 0"
    assert run(body, "<&- >&- 2>&-").returncode == 0
    assert (tmp_path / "rows").read_text() == ""


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (InputError("no such thing"), 2, "error: no such thing"),
        (ModuleNotFoundError("no torch", name="torch"), 2, "error: the package 'torch' is not installed"),
        (FileNotFoundError(errno.ENOENT, "No such file", "a.yaml"), 2, "error: 'a.yaml': No such file"),
        (PermissionError(errno.EACCES, "Permission denied", "runs"), 2, "error: 'runs': Permission denied"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "a"), 2, "error: 'a': File name too long"),
        (OSError(errno.ENOSPC, "No space left on device"), 3, "not complete: No space left on device"),
        (OSError(errno.EFBIG, "File too large", "rows"), 3, "not complete: 'rows': File too large"),
        (OSError("several\nlines"), 3, "not complete: several lines"),
        (OSError(), 3, "not complete: OSError"),
        (MemoryError(), 3, "not complete: out of memory"),
        (KeyboardInterrupt(), 3, "not complete: interrupted"),
        (SystemExit(1), 3, "not complete: something ended the command (1)"),
        (SystemExit("text"), 3, "not complete: something ended the command (text)"),
        (SystemExit(None), 0, ""),
    ],
)
def test_every_end_of_a_command_has_one_exit_code_and_at_most_one_line(error, code, line, capsys):
    def main(arguments):
        raise error

    with pytest.raises(SystemExit) as left:
        command.run_cli(main)
    said = capsys.readouterr().err
    assert left.value.code == code
    assert said.startswith(line)
    assert said.count("\n") == bool(line)


@pytest.fixture
def hangup_ends_programs():
    """As in a terminal; a test run that nohup started passes on that it is ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hangup_ends_programs")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_is_an_interruption(number):
    ended = run(
        f"signal.signal(signal.SIGINT, signal.default_int_handler); os.kill(os.getpid(), {number}); time.sleep(9)"
    )
    assert (ended.returncode, ended.stderr) == (3, "not complete: interrupted\n")


def test_nohup_still_keeps_a_command_alive():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what nohup does, and a child inherits
    try:
        assert run("os.kill(os.getpid(), signal.SIGHUP); return 0").returncode == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_limit_of_the_size_of_files_is_not_complete(tmp_path):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))"
    ended = run(f"{limit}; open({str(tmp_path / 'file')!r}, 'wb').write(bytes(99_999)); return 0")
    assert (ended.returncode, ended.stderr) == (3, "not complete: File too large\n")


def test_a_comma_in_the_path_of_a_file_that_exists_separates_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a,b.onnx", "run,1", "x,y,z.py", "plain.yaml"):
        Path(name).touch()
    typed = "straight,a,b.onnx,old=run,1, zero ,x,y,z.py:Mine,lerobot:run,1,plain.yaml,no,such.onnx"
    names = (
        "straight",
        "a,b.onnx",
        "old=run,1",
        "zero",
        "x,y,z.py:Mine",
        "lerobot:run,1",
        "plain.yaml",
        "no",
        "such.onnx",
    )
    assert command.parse_name_list(typed) == names
    assert command.parse_name_list(f"{tmp_path / 'a,b.onnx'},zero") == (str(tmp_path / "a,b.onnx"), "zero")
    with pytest.raises(Exception, match="empty name"):
        command.parse_name_list("a,,b")
