"""Reads of the dashboards, one file for each desk; nothing here writes."""
