"""Parts of a run that several machines do: fixed shards, and blocks that are claimed in a shared folder."""
