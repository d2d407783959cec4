"""How the shipped policies are made: pretraining of the backbones, cloning, DAgger."""
