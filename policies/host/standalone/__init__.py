"""The process of a policy host: loads somebody's policy and answers the simulations that ask it.

This folder is all that the process needs of this project: its script ``start.py`` runs on Python 3.9 or later, with the
standard library and NumPy, in the environment, working folder and imports of whoever wrote the policy. So the modules
import each other relatively: there they belong to a package of another name.

A message is 4 bytes of length, big-endian, and a map in MessagePack; arrays are encoded as openpi does. A connection is
a session, with slots and episodes of its own. Its requests, by "endpoint":

- "open" {frames: path of a file of shared memory, or nil} -> {}
- "reset" {slots, instructions, seed: of the global generators, or nil} -> {}
- "act" {agent_pos, live, pixels: an array, or the shape of what lies in the shared memory, or nil; truth: nil, or
  {worlds: text, or nil for those of the last call, poses, progress: of each world's movers}} -> {actions}
- "infer" {observations: a map for each slot, nil where it isn't live} -> {actions}

The host sends {"began": true} when it begins to compute, since requests wait for each other, and then the answer, or
{"error": one line}; to all sessions {"loads": true} before it loads the policy again.

With {run: a module of this project, path: where to import it from} as the first message, the
process calls the module's main function with the connection and the message instead.

The weights of the policy are in memory once; each session has a copy of the rest.
"""
