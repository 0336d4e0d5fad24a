"""The pure part of examining: no framework, no database, no clock and no chance of its own."""
