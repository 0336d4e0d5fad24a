#!/usr/bin/env python
"""The command line of 质考."""

import os
import sys


def main():
    """Run one management command under the project's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
