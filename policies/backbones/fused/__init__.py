"""The published backbones, CLIP and Kosmos-2, at two scales (compact and full) with one code path."""
