"""Houses of their own for stories that need real processes: a state folder and a copy of the tests' migrated database."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connection


class House:
    """A house that is prepared and empty, with the keys of all the others."""

    def __init__(self, folder):
        self.var, self.media = folder, folder / "media"
        self.media.mkdir(parents=True)
        self.url, self.name = "", f"house_{uuid4().hex[:12]}"
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            with closing(sqlite3.connect(folder / "zhikao.sqlite3")) as copy:
                connection.connection.backup(copy)
        else:
            given = connection.settings_dict
            connection.close()  # nobody may use what is copied
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'CREATE DATABASE {self.name} TEMPLATE "{given["NAME"]}"')
            self.url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/".format(**given) + self.name
        self.env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "VAR_DIR": str(folder),
            "DATABASE_URL": self.url,
            "SECRET_KEY": settings.SECRET_KEY,
            "FIELD_KEYS": json.dumps(settings.FIELD_KEYS),
            "DEMO": "0",
        }

    def close(self):
        """Take the database away; the folder goes with the test."""
        if self.url:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def begin(self, *arguments, **environment):
        """Start a process of this house: a command, or with -c a piece of Python."""
        if arguments[0] == "-c":
            arguments = ("-c", f"import django; django.setup()\n{arguments[1]}")
        else:
            arguments = ("manage.py", *arguments)
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=self.env | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments, **environment):
        """The same, to its end; gives (exit code, what it said)."""
        process = self.begin(*arguments, **environment)
        said = "".join(process.communicate(timeout=120))
        return process.returncode, said

    def manage(self, *arguments):
        """A command that must go well; gives what it said."""
        code, said = self.run(*arguments)
        assert code == 0, said
        return said

    def rows(self, statement):
        """Look into its database, or behind its back into it."""
        if self.url:
            with psycopg.connect(self.url) as database:
                done = database.execute(statement)
                return done.fetchall() if done.description else []
        with closing(sqlite3.connect(self.var / "zhikao.sqlite3", timeout=20)) as database, database:
            return database.execute(statement).fetchall()

    def tables(self):
        """The names of its tables."""
        if self.url:
            kept = self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        else:
            kept = self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        return sorted(name for (name,) in kept)
