"""A recurrent network that takes words and odometry, and no image: a reference that every policy should beat."""
