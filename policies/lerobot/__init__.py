"""LeRobot policies, driven from LeRobot's own Python environment."""
