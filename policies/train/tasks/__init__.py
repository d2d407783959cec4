"""Training tasks: the batches, losses and validation of each network."""
