"""Training of the shipped policies: pretraining of the backbones, behaviour cloning, DAgger."""
