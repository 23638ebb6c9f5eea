"""A Postgres server of the machine's own programs, for as long as a test needs it."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

OWNER = "postgres"  # it does not run as root


@contextmanager
def running() -> Iterator[str]:
    """Its URL. Skips where the machine has none."""
    if not (shutil.which("initdb") and shutil.which("pg_ctl")):
        pytest.skip("Postgres is not installed: initdb and pg_ctl are not found (Debian: apt-get install postgresql)")
    pytest.importorskip("psycopg", reason="the extra postgres is not installed")
    root = os.geteuid() == 0
    if root and OWNER not in {one.pw_name for one in pwd.getpwall()}:
        pytest.skip(f"Postgres does not run as root, and there is no user {OWNER}")

    def run(*command: str) -> None:
        subprocess.run(command, user=OWNER if root else None, cwd="/", check=True, capture_output=True)

    with tempfile.TemporaryDirectory(dir="/tmp") as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        data = Path(folder) / "data"
        data.mkdir(mode=0o700)
        if root:
            Path(folder).chmod(0o755)
            shutil.chown(data, OWNER)
        free.close()
        run("initdb", "-D", str(data), "-U", "ada", "-A", "trust", "--no-sync")
        # Its output goes to a file: a server that kept ours would keep us waiting for its end.
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        run("pg_ctl", "start", "-w", "-D", str(data), "-l", str(data / "log"), "-o", options)
        try:
            yield f"postgresql://ada@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(data))


def made(server: str) -> str:
    """The URL of a new database there."""
    import psycopg

    name = f"of_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return server.replace("/postgres", f"/{name}")
