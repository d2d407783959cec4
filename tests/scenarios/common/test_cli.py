"""Laws of every command line."""

from __future__ import annotations

import pytest

from scenarios.common import cli as command
from scenarios.common.errors import InputError


def parser():
    flags = command.Parser(prog="prog", description="d")
    flags.add_argument("--count", type=command.bounded_int(1, 10))
    flags.add_argument("--rate", type=command.bounded_float(0.0, 1.0))
    flags.add_argument("--names", type=command.parse_name_list)
    flags.add_argument("--colour", type=command.known_name("colour", ("red", "green")))
    return flags


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
        (["--cuont", "1"], "--cuont"),
        (["--cou", "1"], "--cou"),
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

    with pytest.raises(RuntimeError):
        command.run_cli(main)


def test_help_shows_every_default_also_zero():
    flags = parser()
    flags.add_argument("--seed", type=int, default=0, help="seed")
    flags.add_argument("--quick", action="store_true", help="quickly")
    text = " ".join(flags.format_help().split())
    assert "seed (default: 0)" in text
    assert "quickly (default" not in text
