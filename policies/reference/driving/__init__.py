"""How the reference drives: a map of what was seen, the way on it, and the commands that follow the way."""
