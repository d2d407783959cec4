"""Laws of what the benchmarks share: robots stand in the free part of different worlds."""

from sim.benchmark.scenes import open_renderer, open_renderers, open_simulations


def test_each_robot_stands_inside_a_world_of_its_own_the_same_every_time():
    with open_simulations(6) as simulations:
        for simulation in simulations:
            x, y = simulation.snapshot()[:2]
            bounds = simulation.world.bounds_m
            assert bounds[0] < x < bounds[2]
            assert bounds[1] < y < bounds[3]
        assert len({simulation.world.start for simulation in simulations}) > 1
        poses = [tuple(simulation.snapshot()[:3]) for simulation in simulations]
    assert len(set(poses)) == 6
    with open_simulations(6) as again:
        assert [tuple(simulation.snapshot()[:3]) for simulation in again] == poses


def test_both_renderers_come_with_opengl_first():
    with open_renderers() as (gl, tiny), open_renderer() as default:
        assert (gl.name, tiny.name) == ("gl", "tiny")
        assert default.name in ("gl", "tiny")
