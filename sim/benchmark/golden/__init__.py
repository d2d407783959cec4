"""Golden runs: what a small suite computed when it was last right, stage by stage, and what differs from it now."""
