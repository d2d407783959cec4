"""``mobile-vla-sim COMMAND``: run a command of this project, the same as its ``python -m`` form.

The console script doesn't put the current folder on the import path, so it also works in a repository with its own
folders ``sim``, ``envs``, ``policies`` or ``scenarios``.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from scenarios.common.cli import DONE, run_cli, version_text
from scenarios.common.errors import unknown_name

COMMANDS = {
    "evaluate": ("sim.evaluate", "drive policies through scenarios: success, offline error, films, report"),
    "merge": ("sim.merge", "join the folders of a run that several machines made, and drive a sample of it again"),
    "report": ("sim.report", "print the table of a run, and write its report anew"),
    "offline": ("sim.offline", "compute the offline error of policies on recorded frames"),
    "agreement": ("sim.agreement", "judge offline metrics by the success of a population of policies"),
    "claims": ("sim.claims", "answer published claims, audit a table of offline errors"),
    "record": ("sim.record", "record demonstrations as a data set"),
    "replay": ("sim.replay", "drive recorded demonstrations again and compare"),
    "scenarios": ("sim.scenarios", "list scenario families, write their files, draw their episodes"),
    "benchmark": ("sim.benchmark", "measure speed, memory and the agreement of both renderers"),
    "train": ("policies.train", "train policies"),
    "export": ("policies.export", "write a policy as one ONNX file"),
    "check": ("policies.check", "check that a policy keeps its contract and fits a data set"),
    "serve": ("policies.serve", "serve a policy to robots and evaluations over a network"),
    "systems": ("policies.systems", "list the published systems"),
}
HELP = "\n".join(
    (
        "usage: mobile-vla-sim COMMAND [OPTIONS]",
        "",
        "Evaluate vision-language-action policies of mobile robots in closed-loop simulation.",
        "",
        "commands:",
        *(f"  {name:<12}{text} (python -m {module})" for name, (module, text) in COMMANDS.items()),
        "",
        "mobile-vla-sim COMMAND --help lists the options of a command; --version prints the version.",
    )
)


def main(arguments: Sequence[str]) -> int:
    """Run one of ``COMMANDS`` with the rest of the arguments; return its exit code."""
    name, *rest = arguments or ["--help"]
    if name in ("-h", "--help", "--version"):
        print(version_text() if name == "--version" else HELP)
        return DONE
    if name not in COMMANDS:
        raise unknown_name("command", name, tuple(COMMANDS))
    module, _ = COMMANDS[name]
    home = importlib.import_module(module)
    command = home if hasattr(home, "main") else importlib.import_module(f"{module}.__main__")
    code: int = command.main(rest)
    return code


def run() -> None:
    """Run the console script."""
    run_cli(main)


if __name__ == "__main__":
    sys.argv[0] = "mobile-vla-sim"
    run()
