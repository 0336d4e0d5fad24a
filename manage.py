#!/usr/bin/env python
"""The command line of 质考."""

import os
import sys

# What needs one connection for longer than a transaction: migrations and their lock, a copy of everything.
PAST_THE_POOLER = {"prepare", "migrate", "backup", "restore"}


def main():
    """Run one management command under the project's settings."""
    direct = os.environ.get("DIRECT_DATABASE_URL")
    if direct and PAST_THE_POOLER.intersection(sys.argv[1:2]):
        os.environ |= {"DATABASE_URL": direct, "BEHIND_POOLER": "0"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
