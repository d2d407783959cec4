"""The training loop shared by all networks, with its checkpoints, logs and run folders."""
