"""Loaded before the settings are read: tests keep their state apart from a product that may be running beside them."""

import gc
import os
import tempfile
from pathlib import Path

if "VAR_DIR" not in os.environ:
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="zhikao-test-")
os.environ.setdefault("LOG_LEVEL", "WARNING")
(Path(os.environ["VAR_DIR"]) / "static").mkdir(parents=True, exist_ok=True)

# As the web's processes do (config/gunicorn.py): garbage is looked for less often, which takes a sixth off a run.
gc.freeze()
gc.set_threshold(50_000, 20, 100)
