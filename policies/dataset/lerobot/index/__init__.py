"""Reading and checking of a LeRobot data set's metadata: features, tasks, files, and the location of each episode."""
