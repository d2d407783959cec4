"""What a world contains, what the task is, and how both vary: data and geometry, no physics and no networks."""
