"""Offline error: how far a policy's actions on recorded frames are from the expert's, without driving anything.

A number of it means little by itself, so it always comes with what actions that look at nothing would score on the very
same frames, and with whatever in the data would flatter it. ``sim.offline.score.score_policy`` gives all of it at once.
"""
