"""Hear that a result was released, and issue what it earns."""
