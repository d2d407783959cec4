"""Training data: frame stores, splits, sampling, augmentation, cached features."""
