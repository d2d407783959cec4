"""Search for ways to drive without a camera, in a model of the scenes that is geometry alone."""
