from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from policies.names.parsing import parse_policies
from policies.names.shipped import POLICIES
from policies.registry import check_name, make_policy
from policies.scripted.plans import Plan, save_plans
from scenarios.common.errors import InputError

from .onnx.foreign.onnx_files import save_camera_policy

MINE = """
from policies.policy import PolicySpec
class Still:
    spec = PolicySpec(name="still", image_size=None, period_s=0.1, hold_action=(0.0, 0.0, 0.0))
    def reset(self, slots, instructions): ...
    def act(self, batch): ...
class Chunks(Still):
    spec = PolicySpec(name="chunks", image_size=None, period_s=0.1, hold_action=(0.0, 0.0, 0.0), chunk=8)
class Tuned(Still):
    def __init__(self, gain, bias=0.0):
        self.gain, self.bias = gain, bias
class Declared(Still):
    spec = {"image_size": None, "rate_hz": 5, "hold_action": [0, 0, 0], "action": {"columns": ["vx", "wz"]}}
class Undeclared(Still):
    spec = {"image_sise": None}
class Odd(Still):
    spec = 3
class Raising(Still):
    def __init__(self): raise RuntimeError("no weights here")
class Mute:
    spec = Still.spec
def make(): return Still()
NUMBER = 1
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as users have one."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "mine.py").write_text(MINE)
    (folder / "broken.py").write_text("class Mine(:\n")
    plans = {name: Plan(((1.0, 0.0),), 0.5, 3, 4) for name in ("corridor", "park")}
    for run in ("runs/a", "runs/b"):
        for step in (2, 10):
            save_plans(plans, folder / run / f"checkpoint-{step}")
    save_plans(plans, folder / "lr=0.1")
    save_plans(plans, folder / "hybrid")
    configs = {"foreign": '{"model_type": "bert"}', "coded": '{"model_type": "bert", "auto_map": {"AutoModel": "m.M"}}'}
    configs |= {"nothing": '{"weights": 3}', "bad": "{", "alone": '{"model_type": "backbones"}'}
    for name, config in configs.items():
        (folder / name).mkdir()
        (folder / name / "config.json").write_text(config)
    (folder / "empty").mkdir()
    for name in ("weights.pt", "part.safetensors", "notes.txt"):
        (folder / name).write_bytes(b"")
    save_camera_policy(folder / "three.onnx")
    save_camera_policy(folder / "Two.ONNX", columns=2)
    (folder / "two.yaml").write_text("action: {columns: [vx, wz]}\n")
    (folder / "gain.yaml").write_text("gain: 2\nbias: 0.5\n")
    (folder / "list.yaml").write_text("- 1\n")
    return folder


@pytest.fixture
def there(workspace, monkeypatch) -> Path:
    monkeypatch.chdir(workspace)
    return workspace


MADE = [  # typed, --policy-args, (label, name in the spec) of each policy
    ("zero", (), [("zero", "zero")]),
    ("zero,expert", (), [("zero", "zero"), ("expert", "expert")]),
    ("a=zero", (), [("a", "zero")]),
    ("./hybrid", (), [("./hybrid", "hybrid")]),
    ("lr=0.1", (), [("lr=0.1", "lr=0.1")]),
    ("runs/a/checkpoint-2", (), [("runs/a/checkpoint-2", "checkpoint-2")]),
    ("best=runs/a/checkpoint-2", (), [("best", "best")]),
    ("a=runs/a/checkpoint-2,b=runs/b/checkpoint-2", (), [("a", "a"), ("b", "b")]),
    (
        "runs/a/checkpoint-*",
        (),
        [("runs/a/checkpoint-2", "checkpoint-2"), ("runs/a/checkpoint-10", "checkpoint-10")],
    ),
    (
        "new=runs/*/checkpoint-10",
        (),
        [("new/a/checkpoint-10", "new/a/checkpoint-10"), ("new/b/checkpoint-10", "new/b/checkpoint-10")],
    ),
    ("runs/a/checkpoint-2,runs/a/checkpoint-[2]", (), [("runs/a/checkpoint-2", "checkpoint-2")]),
    ("mine.py:Still", (), [("mine.py:Still", "still")]),
    ("mine.py:make", (), [("mine.py:make", "still")]),
    ("x=mine.py:Still", (), [("x", "still")]),
    ("policies.scripted.baselines:make_zero_policy", (), [("policies.scripted.baselines:make_zero_policy", "zero")]),
    ("mine.py:Tuned", ('{"gain": 1}',), [("mine.py:Tuned", "still")]),
    ("mine.py:Tuned", ("gain.yaml",), [("mine.py:Tuned", "still")]),
    ("t=mine.py:Tuned,zero", ('t={"gain": 1}',), [("t", "still"), ("zero", "zero")]),
    ("t=mine.py:Tuned,zero", ("gain.yaml",), [("t", "still"), ("zero", "zero")]),
    ("mine.py:Declared", (), [("mine.py:Declared", "Declared")]),
    ("three.onnx", (), [("three.onnx", "three")]),
    ("cam=three.onnx", (), [("cam", "cam")]),
    ("Two.ONNX", ("two.yaml",), [("Two.ONNX", "Two")]),
    ("Two.ONNX", ('{"action": {"columns": ["vx", "vy"]}}',), [("Two.ONNX", "Two")]),
]

REFUSED = [  # typed, --policy-args, the sentence
    ("hybird", (), "unknown policy 'hybird': did you mean 'hybrid'? known are"),
    ("corridor", (), "'corridor' is a scenario, not a policy: give it after --scenario"),
    ("MobileVLA/Corridor-v1", (), "is a scenario, not a policy"),
    ("zero,a=expert,a=random", (), "two policies have the label 'a', 'expert' and 'random'"),
    ("hybrid=runs/a/checkpoint-2", (), "'hybrid' is the name of a shipped policy: choose another label"),
    ("a=", (), "names no policy after 'a='"),
    ("a b=zero", (), "a label consists of letters, digits"),
    ("all=published", (), "'published' means several policies, which can't have one label"),
    ("runs/*/best", (), "no file or folder matches 'runs/*/best'"),
    ("runs/a/checkpoint-3", (), "did you mean 'runs/a/checkpoint-2'? give a policy's name"),
    ("openvla/openvla-7b", (), "a repository of the hub is named hf://openvla/openvla-7b"),
    ("hf://openvla", (), "give hf://USER/REPOSITORY"),
    ("hf://../secret@main", (), "give hf://USER/REPOSITORY"),
    ("http://localhost:8000", (), "a policy server has an address such as ws://HOST:PORT"),
    ("lerobot:outputs/act", (), "lives in LeRobot's own Python, which this command doesn't start"),
    ("mine.py", (), "'mine.py' is a file of Python: name a class or function in it, mine.py:NAME"),
    ("mine.py:", (), "'' can't be the name of a class or function"),
    ("mine.py:Stil", (), "unknown name in mine.py 'Stil': did you mean 'Still'?"),
    ("none.py:Still", (), "there is no file 'none.py'"),
    ("broken.py:Mine", (), "broken.py, line 1: invalid syntax"),
    ("no_such_module:Mine", (), "there is no module 'no_such_module'"),
    ("mine.py:NUMBER", (), "is a int: name a class, or a function that makes one"),
    ("mine.py:Mute", (), "is a Mute without reset, act"),
    ("mine.py:Raising", (), "can't be made: RuntimeError: no weights here (mine.py, line"),
    ("mine.py:Odd", (), "its spec is a int, not a policies.policy.PolicySpec or a dictionary"),
    ("mine.py:Undeclared", (), "unknown key of a spec 'image_sise': did you mean 'image_size'?"),
    ("mine.py:Tuned", (), "needs the argument 'gain': give it by --policy-args '{\"gain\": \"…\"}'"),
    ("mine.py:Tuned", ('{"gian": 1, "gain": 1}',), "unknown argument 'gian': did you mean 'gain'?"),
    ("mine.py:Still", ('{"gain": 1}',), "takes no arguments, and --policy-args gives 'gain'"),
    ("mine.py:Tuned", ('{"gain": }',), "--policy-args: not valid JSON: Expecting value at character 10"),
    ("mine.py:Tuned", ("gian.yaml",), "--policy-args 'gian.yaml': give JSON"),
    ("mine.py:Tuned", ("list.yaml",), "list.yaml, line 1: the arguments of a policy must be a mapping"),
    ("t=mine.py:Tuned", ('s={"gain": 1}',), "unknown label 's': known are t"),
    ("t=mine.py:Tuned", ('t={"gain": 1}', 't={"gain": 2}'), "--policy-args is given twice for 't'"),
    ("zero", ('{"gain": 1}',), "--policy-args is for classes of your own and ONNX files, and none is named: zero"),
    ("zero", ('zero={"gain": 1}',), "policy 'zero' is a shipped policy, and takes no --policy-args"),
    ("foreign", (), "'model_type' is 'bert', not 'hybrid' or 'system'"),
    ("coded", (), "asks for code of its own ('auto_map'), which isn't run: load it in a class of your own"),
    ("nothing", (), "has no 'model_type'"),
    ("bad", (), "must be JSON with a 'model_type'"),
    ("alone", (), "holds backbones alone, which don't drive"),
    ("empty", (), "no checkpoint in empty: it needs config.json and model.safetensors"),
    ("runs/a", (), "there is one in runs/a/checkpoint-10, and 'runs/a/*' names all of them"),
    ("weights.pt", (), "holds pickled weights without their network"),
    ("part.safetensors", (), "is a part of a checkpoint: name its folder, '.'"),
    ("notes.txt", (), "no policy at 'notes.txt': give a policy's name"),
    ("there.onnx", (), "no policy at 'there.onnx': did you mean 'three.onnx'?"),
    ("Two.ONNX", ('{"action": {"columns": ["vx", "wy"]}}',), "known are vx, vy, wz"),
]


@pytest.mark.parametrize(("typed", "arguments", "made"), MADE)
def test_what_is_typed_makes_these_policies_under_these_labels(typed, arguments, made, there) -> None:
    references = parse_policies(typed.split(","), arguments)
    assert [(each.label, make_policy(each).spec.name) for each in references] == made


@pytest.mark.parametrize(("typed", "arguments", "sentence"), REFUSED)
def test_what_can_be_no_policy_is_refused_in_one_sentence(typed, arguments, sentence, there) -> None:
    def make_all() -> None:
        for each in parse_policies(typed.split(","), arguments):
            make_policy(each)

    with pytest.raises(InputError) as caught:
        make_all()
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("published", "name one, such as 'hybrid'"), ("runs/*/checkpoint-2", "names 2 policies: name one")],
)
def test_one_policy_is_asked_for_where_only_one_can_be_made(typed, sentence, there) -> None:
    for ask in (check_name, make_policy):
        with pytest.raises(InputError, match=sentence):
            ask(typed)


def test_checking_a_name_loads_no_file(there) -> None:
    (there / "empty.onnx").write_bytes(b"")
    check_name("empty.onnx")


@pytest.mark.parametrize("name", POLICIES)
def test_every_name_of_the_table_is_one(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(("name", "replan"), [("mine.py:Chunks", 1), ("mine.py:Chunks", 8), ("mine.py:Still", 1)])
def test_the_replan_horizon_can_be_chosen_up_to_the_chunk(name, replan, there) -> None:
    (reference,) = parse_policies((name,), replan=replan)
    assert make_policy(reference).spec.replan == replan


@pytest.mark.parametrize(
    ("name", "replan", "sentence"),
    [
        ("mine.py:Chunks", 9, "answers with chunks of 8 actions: choose at most 8"),
        ("zero", 2, "answers with one action: choose at most 1"),
    ],
)
def test_a_replan_horizon_beyond_the_chunk_is_refused(name, replan, sentence, there) -> None:
    (reference,) = parse_policies((name,), replan=replan)
    with pytest.raises(InputError, match=f"--replan {replan}: .*{sentence}"):
        make_policy(reference)


def test_listing_and_checking_names_imports_neither_torch_nor_transformers_nor_the_hub(there) -> None:
    code = "import sys\nfrom policies.registry import check_name\n"
    code += "".join(f"check_name({name!r})\n" for name in ("hybrid", "mine.py:Still", "three.onnx", "hf://a/b@c"))
    code += "print(*({'torch', 'transformers', 'huggingface_hub', 'onnx', 'onnxruntime'} & set(sys.modules)))"
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{code}"]
    assert not subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
