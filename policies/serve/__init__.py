"""Command that serves a policy to robots and evaluations by openpi's WebSocket protocol."""
