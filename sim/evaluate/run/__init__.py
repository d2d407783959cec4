"""The parent process's side of a run: its plan, its checks, its jobs and its files."""
