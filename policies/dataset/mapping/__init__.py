"""The mapping of what a data set contains to frames, actions, states and instructions: given by a file, or guessed."""
