"""Every loader that reads files or messages of others, with small valid ones to change."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random
from unittest import mock

import h5py
import numpy as np
import onnx
import onnx_files
import pyarrow as pa
import pyarrow.parquet as pq
from foreign import ForeignSet, write_published
from harness import Target
from mutations import mutate_bytes, mutate_json, mutate_lines, mutate_safetensors, mutate_text, mutate_value
from rows import MANIFEST, make_rows

from policies.blind.network import build_blind_network
from policies.dataset.episodes import EpisodeDataset, open_dataset
from policies.dataset.isolated.worker import open_reader
from policies.host.parsers import parser_process
from policies.host.standalone import messages
from policies.names.folders import load_folder
from policies.onnx.loading import load_onnx_policy
from policies.registry import CHECKPOINTS
from policies.remote.messages import MessageError, pack_message, unpack_message
from scenarios.files import scenario_file
from scenarios.registry import SCENARIOS
from sim.results.codec import to_json
from sim.results.row import EpisodeRow
from sim.results.run_files import iterate_rows, read_run

TEXT, JSON, BYTES = (mutate_text, mutate_bytes), (mutate_json, mutate_text, mutate_bytes), (mutate_bytes,)
SCENARIO = """\
# a comment
family: corridor
name: my-corridor
summary: drive through
ranges:
  width: [250 cm, 3.0]
"""
MAPPING = """\
camera: observation.images.front
colours: rgb
rate: 10
actions:
  feature: action
  columns: {vx: vx, vy: 1, wz: 2}
  units: [m/s, rad/s]
  signs: {wz: -1}
  scale: {vx: 1.5}
state: from actions
instruction: drive to the red ball
"""


def make_scenario(folder: Path) -> None:
    (folder / "my.yaml").write_text(SCENARIO)


def make_full_scenario(folder: Path) -> None:
    (folder / "my.yaml").write_text(scenario_file.format_scenario(SCENARIOS["clutter"]))


def load_scenario(folder: Path) -> object:
    scenario_file._scenario.cache_clear()
    return scenario_file.load_scenario(folder / "my.yaml")


def prepare_scenarios() -> None:
    scenario_file.TRIAL_WORLDS = 1  # twenty take most of the time


def make_lerobot(folder: Path) -> None:
    ForeignSet(lengths=(4, 3), size=(16, 16)).write(folder)


def make_mapped(folder: Path) -> None:
    make_lerobot(folder)
    (folder / "mapping.yaml").write_text(MAPPING)


def read_set(folder: Path) -> object:
    """Read all that a command reads of a set."""
    return _read_all(open_reader(folder))  # in this process, as starting one for each takes too long


def _read_all(dataset: EpisodeDataset) -> object:
    try:
        for number in range(min(len(dataset), 3)):
            dataset.info(number)
            dataset.signals(number)
            sum(int(frame[0, 0, 0]) for frame in dataset.frames(number))
    finally:
        dataset.close()
    return dataset


def read_apart(folder: Path) -> object:
    """Read all that a command reads of a set as commands do, but for the time that a parser which hangs is given."""
    with mock.patch.object(parser_process, "LONGEST_OPENING_S", 20.0):
        return _read_all(open_dataset(folder))


def make_hdf5(folder: Path) -> None:
    write_published(folder, attribute="text", instruction="drive to the red ball")
    with h5py.File(next(folder.iterdir()), "a") as file:
        small = np.ascontiguousarray(file["images"][:, :8, :8])
        del file["images"]
        file["images"] = small


def mutate_table(data: bytes, rng: Random) -> bytes:
    """Change values, types or columns of a Parquet table, which stays valid Parquet."""
    table = pq.read_table(pa.BufferReader(data))
    name = rng.choice(table.column_names)
    place, values = table.column_names.index(name), table[name].to_pylist()
    match rng.randrange(6):
        case 0:
            table = table.drop_columns([name])
        case 1:
            table = table.slice(rng.randrange(len(table)), rng.randrange(3))
        case 2:
            table = pa.concat_tables([table, table])
        case 3:
            table = table.rename_columns([each + "x" if each == name else each for each in table.column_names])
        case _:
            row = rng.randrange(len(values))
            values[row] = mutate_value(values[row], rng)
            same = [values[row]] * len(values) if rng.randrange(2) else values
            try:
                table = table.set_column(place, name, pa.array(same))
            except (pa.ArrowException, OverflowError, ValueError, TypeError):
                table = table.set_column(place, name, pa.nulls(len(values)))
    sink = pa.BufferOutputStream()
    try:
        pq.write_table(table, sink)
    except pa.ArrowException:  # a type that Parquet doesn't have
        return mutate_bytes(data, rng)
    return sink.getvalue().to_pybytes()


def mutate_hdf5(data: bytes, rng: Random) -> bytes:
    """Change shapes, types, names or attributes in an HDF5 file, which stays valid HDF5."""
    import io

    stream = io.BytesIO(data)
    with h5py.File(stream, "r+") as file:
        name, attribute = rng.choice(list(file)), rng.choice(list(file.attrs))
        value = file[name][()]
        match rng.randrange(7):
            case 0:
                del file[name]
            case 1:
                file.move(name, name + "x")
            case 2:
                del file.attrs[attribute]
            case 3 | 4:
                new = mutate_value(5.4, rng)
                try:
                    file.attrs[attribute] = "" if new is None else new
                except (TypeError, ValueError, OverflowError, OSError, RecursionError):
                    file.attrs[attribute] = np.float64("nan")
            case 5:
                del file[name]
                file[name] = value[: rng.randrange(len(value))] if rng.randrange(2) else value[None]
            case _:
                del file[name]
                kind = rng.choice(("f8", "i2", "S4", "?", "c8", "u8"))
                file[name] = np.zeros(value.shape[: rng.randrange(1, 4)], kind)
    return stream.getvalue()


def make_plans(folder: Path) -> None:
    shutil.copytree(CHECKPOINTS / "blind", folder, dirs_exist_ok=True)


def make_blind(folder: Path) -> None:
    build_blind_network(("left", "right"), 0).save_pretrained(folder)


def make_system(folder: Path) -> None:
    shutil.copytree(CHECKPOINTS / "mobile-vla", folder, dirs_exist_ok=True)


def make_hybrid(folder: Path) -> None:
    shutil.copytree(CHECKPOINTS / "hybrid", folder, dirs_exist_ok=True)


def load_checkpoint(folder: Path) -> object:
    return load_folder(folder, "fuzzed")


def make_onnx(folder: Path) -> None:
    onnx_files.save_camera_policy(folder / "policy.onnx")
    (folder / "policy.yaml").write_text("replan: 1\nobservation: {pixel_mean: [0.2, 0, 0], pixel_std: [0.1, 1, 0.5]}\n")


def mutate_onnx(data: bytes, rng: Random) -> bytes:
    """Change operators, attributes, shapes, types or weights of a model, which stays a valid message."""
    model = onnx.load_model_from_string(data)
    graph = model.graph
    node, value = rng.choice(graph.node), rng.choice([*graph.input, *graph.output])
    match rng.randrange(10):
        case 0:
            node.op_type = rng.choice(("Loop", "If", "Reshape", "Gemm", "Conv", "Tile", "Expand", "MyOp", "", "Cast"))
        case 1:
            node.domain = rng.choice(("com.microsoft", "ai.onnx", "é"))
        case 2 if node.attribute:
            attribute = rng.choice(node.attribute)
            attribute.i = rng.choice((-1, 2**62, 0, 99))
            attribute.ints[:] = [rng.choice((-(2**62), 2**31, 0, 7))] * rng.randrange(4)
        case 3:
            value.type.tensor_type.elem_type = rng.choice((0, 8, 11, 16, 99))
        case 4 | 5:
            size = rng.choice(value.type.tensor_type.shape.dim)
            size.dim_value = rng.choice((0, -1, 2**31, 2**62, 1, 5))
        case 6:
            graph.initializer[0].dims[:] = [rng.choice((-1, 0, 2**31, 2**62, 3))] * rng.randrange(4)
        case 7:
            graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL
            entry = graph.initializer[0].external_data.add()
            entry.key, entry.value = "location", rng.choice(("/etc/passwd", "../x", "w.bin"))
        case 8:
            model.opset_import[0].version = rng.choice((0, -1, 1, 9, 99, 2**60))
            model.ir_version = rng.choice((0, 3, 9, 99))
        case _:
            node.input[:] = rng.choice(([], ["nowhere"], [node.output[0]], list(node.input) * 3))
    return model.SerializeToString()


def load_onnx(folder: Path) -> object:
    return load_onnx_policy(folder / "policy.onnx", "fuzzed", None, folder)


def make_message(folder: Path) -> None:
    image = np.zeros((2, 3, 3), np.uint8)
    message = {"image": image, "state": np.zeros(6, np.float32), "prompt": "go", "live": [True, 1, 0.5, None]}
    (folder / "message.bin").write_bytes(pack_message(message))


def load_message(folder: Path) -> object:
    return unpack_message((folder / "message.bin").read_bytes())


def make_host_message(folder: Path) -> None:
    message = {"kind": "act", "actions": np.zeros((2, 3)), "error": None, "names": ["a", 1, True]}
    (folder / "message.bin").write_bytes(messages.pack_message(message))


def load_host_message(folder: Path) -> object:
    return messages.unpack_message((folder / "message.bin").read_bytes())


def make_run(folder: Path) -> None:
    stored = Path(__file__).parents[1] / "sim/results/run_0_1"
    shutil.copytree(stored, folder, dirs_exist_ok=True)
    lines = (folder / "episodes.jsonl").read_text().splitlines()[:4]
    (folder / "episodes.jsonl").write_text("\n".join(lines) + "\n")


def make_new_run(folder: Path) -> None:
    rows: list[EpisodeRow] = list(make_rows())[:4]
    (folder / "manifest.json").write_text(json.dumps(to_json(MANIFEST)))
    (folder / "episodes.jsonl").write_text("".join(json.dumps(to_json(row)) + "\n" for row in rows))
    assert list(iterate_rows(folder)) == rows


CONFIG = {"config.json": JSON, "tokenizer.json": JSON, "tokenizer_config.json": JSON}
TARGETS = (
    Target("scenario file", make_scenario, load_scenario, {".yaml": TEXT}, 6, prepare=prepare_scenarios),
    Target("long scenario file", make_full_scenario, load_scenario, {".yaml": TEXT}, 2, prepare=prepare_scenarios),
    Target("mapping file", make_mapped, read_set, {".yaml": TEXT}, 3, load_apart=read_apart),
    Target(
        "LeRobot set",
        make_lerobot,
        read_set,
        {".json": JSON, ".parquet": (mutate_table, mutate_table, mutate_bytes), ".mp4": BYTES},
        6,
        load_apart=read_apart,
    ),
    Target("HDF5 set", make_hdf5, read_set, {".h5": (mutate_bytes, mutate_hdf5)}, 6, load_apart=read_apart),
    Target("plans", make_plans, load_checkpoint, CONFIG, 3),
    Target("small checkpoint", make_blind, load_checkpoint, {**CONFIG, ".safetensors": (mutate_safetensors,)}, 6),
    Target("system", make_system, load_checkpoint, {**CONFIG, ".safetensors": (mutate_safetensors,)}, 2),
    Target("hybrid", make_hybrid, load_checkpoint, {**CONFIG, ".safetensors": (mutate_safetensors,)}, 1),
    Target("ONNX file", make_onnx, load_onnx, {".onnx": (mutate_onnx, mutate_onnx, mutate_bytes), ".yaml": TEXT}, 6),
    Target("message of a server", make_message, load_message, {".bin": BYTES}, 6, (MessageError,)),
    Target("message of a host", make_host_message, load_host_message, {".bin": BYTES}, 4, (ValueError,)),
    Target("run of 0.1", make_run, read_run, {".json": JSON, ".jsonl": (mutate_lines,)}, 3),
    Target("run", make_new_run, read_run, {".json": JSON, ".jsonl": (mutate_lines,)}, 3),
)
