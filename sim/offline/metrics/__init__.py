"""A contest of offline metrics: what can be said of a policy without driving whole episodes, one registry row each.

``registry.py`` lists them, ``measure.py`` computes them for a policy on a data set. A metric has one value per episode;
its figure is their mean. Formulas are pure functions: of actions in ``actions/``, of scenes in ``scenes/``.
"""
