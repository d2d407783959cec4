"""Offline error: the difference between a policy's actions on recorded frames and the expert's, without simulation.

The number means little by itself, so it always comes with the errors of baselines that ignore the frames, and with
checks of the data set for leaks. ``sim.offline.score.score_policy`` computes all of these.
"""
