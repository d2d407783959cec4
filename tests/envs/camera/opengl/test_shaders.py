from __future__ import annotations

import moderngl
import pytest

from envs.camera.opengl import shaders
from envs.camera.opengl.draw_batch import PASSES, SOURCES
from envs.camera.opengl.shaders import assemble_shader


def test_defines_come_after_the_version_and_before_all_code() -> None:
    lines = assemble_shader("void main() {}", "FLAT", "PLAIN").splitlines()
    assert lines[0] == "#version 430"  # GLSL demands that nothing comes before it
    assert lines[2:4] == ["#define FLAT", "#define PLAIN"]
    assert not any(line.startswith("#define") for line in lines[4:])
    assert lines[-1] == "void main() {}"


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kinds in PASSES.items() for kind in kinds])
def test_every_program_compiles_and_only_textured_ones_look_into_the_atlas(
    context: moderngl.Context, name: str, kind: tuple[str, ...]
) -> None:
    vertex, fragment = (assemble_shader(source, *kind) for source in SOURCES[name])
    program = context.program(vertex_shader=vertex, fragment_shader=fragment)
    assert {"in_position", "in_place", "in_turn", "in_scale", "in_ids", "Poses"} <= set(program)
    assert ("in_rect" in program) == (name not in ("section", "shadow") and "PLAIN" not in kind)
    program.release()


@pytest.mark.parametrize("define", ["", "MORE", "HIGH_QUALITY"])
def test_the_background_is_a_program_for_every_kind_of_picture(context: moderngl.Context, define: str) -> None:
    defines = [define] if define else []
    program = context.program(
        vertex_shader=assemble_shader(shaders.BACKGROUND_VERTEX, *defines),
        fragment_shader=assemble_shader(shaders.BACKGROUND_FRAGMENT, *defines),
    )
    assert ("slope" in program) == (define == "HIGH_QUALITY")
    program.release()
