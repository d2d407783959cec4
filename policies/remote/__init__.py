"""Policies that answer over a network: openpi's WebSocket protocol, and the client that makes a server a policy."""
