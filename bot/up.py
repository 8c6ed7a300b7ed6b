"""Run the whole of Gavel on one machine: broker, receiver, workers, sweep. Acts."""

from __future__ import annotations

import errno
import fcntl
import http.client
import os
import socket as sockets
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from bot import programs, redis_server
from bot.interrupts import Interrupted, Interrupts
from bot.problems import CouldNotJudge, WrongUse
from bot.processes import Supervisor
from bot.programs import Place
from worker.settings import WorkerSettings, default_broker_url, socket_of
from worker.store import migrate

START_S = 90.0  # a busy machine may take long to import everything
LOOK_S = 0.25

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stack:
    """A running `gavel up`."""

    place: Place
    supervisor: Supervisor


def place_of(settings: WorkerSettings, *, host: str, port: int) -> Place:
    """Where `gavel up` works with these settings. The broker is embedded unless a URL says else."""
    home = settings.home.expanduser().absolute()
    is_embedded = settings.broker_url == default_broker_url(home)
    return Place(
        home=home,
        state=home,
        database_url=settings.database_url,
        broker_url=settings.broker_url,
        socket=socket_of(settings.broker_url) if is_embedded else None,
        host=host,
        port=port or free_port(host),
    )


def serve(place: Place, environ: Mapping[str, str], report: Report) -> None:
    """Run everything until a signal asks for the end."""
    with Interrupts() as interrupts, running(place, environ, report, interrupts) as stack:
        report(f"pages      {place.address}")
        report(f"deliveries {place.address}/webhooks/github, or /webhooks/gitlab")
        report("ready; stop with Ctrl-C")
        try:
            while True:
                interrupts.wait(LOOK_S)
                stack.supervisor.tend()
        except Interrupted:
            report("stopping")


@contextmanager
def running(
    place: Place, environ: Mapping[str, str], report: Report, interrupts: Interrupts
) -> Iterator[Stack]:
    """Everything started and ready; all of it is stopped at the end, however that comes.

    Raises WrongUse when it must not start, CouldNotJudge when something does not come up, and
    Interrupted.
    """
    place.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    supervisor = Supervisor(logs=place.logs, workdir=place.state, report=report)
    with _alone(place), supervisor:
        refuse_taken(place.host, place.port)
        report(f"logs       {place.logs}")
        if place.socket is not None:
            _start_redis(place.socket, environ, supervisor, interrupts)
            report(f"broker     embedded Redis on {place.socket}")
        else:
            report("broker     the one that GAVEL_BROKER_URL names")
        is_ours = migrate.upgrade_unless_newer(place.database_url)
        report(f"database   {'up to date' if is_ours else 'of a newer Gavel: used as it is'}")
        for program in programs.services(environ, place):
            supervisor.start(program)
            report(f"{program.name:<10} process {supervisor.pids()[program.name]}")
        _until(lambda: _answers(place), "the receiver", supervisor, interrupts)
        yield Stack(place, supervisor)


def free_port(host: str) -> int:
    """A TCP port that nobody listens on now."""
    with closing(_bound(host, 0)) as taken:
        return int(taken.getsockname()[1])


def refuse_taken(host: str, port: int) -> None:
    """Raise WrongUse, which names the remedy, where the receiver could not listen."""
    try:
        _bound(host, port).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise WrongUse(
                f"port {port} is in use: stop what listens there, or choose another with --port"
            ) from None
        raise WrongUse(f"{host}:{port} cannot be listened on: {error.strerror or error}") from None


def _bound(host: str, port: int) -> sockets.socket:
    family = sockets.AF_INET6 if ":" in host else sockets.AF_INET
    listener = sockets.socket(family, sockets.SOCK_STREAM)
    try:
        listener.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1)
    except OSError:
        listener.close()
        raise
    return listener


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Hold the lock of the state folder. The system lets go of it when the process ends."""
    path = place.state / "up.lock"
    with path.open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise WrongUse(
                f"`gavel up` runs in {place.state} already (process {lock.read(20).strip()}): "
                "stop it first, or set GAVEL_HOME to another folder"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _start_redis(
    socket: Path, environ: Mapping[str, str], supervisor: Supervisor, interrupts: Interrupts
) -> None:
    server = redis_server.find_server()
    redis_server.make_room(socket)
    supervisor.start(programs.redis(redis_server.command(server, socket), environ))
    with closing(redis.Redis(unix_socket_path=str(socket), socket_timeout=5)) as client:
        _until(lambda: _pongs(client), "the embedded Redis", supervisor, interrupts)


def _until(
    is_ready: Callable[[], bool], what: str, supervisor: Supervisor, interrupts: Interrupts
) -> None:
    """Wait for `is_ready`; nothing may die meanwhile."""
    left_s = START_S
    while not is_ready():
        supervisor.refuse_dead()
        if left_s <= 0:
            raise CouldNotJudge(
                f"{what} did not answer within {START_S:g} s: see the logs in "
                f"{supervisor.log_of('').parent}"
            )
        interrupts.wait(LOOK_S)
        left_s -= LOOK_S
    supervisor.refuse_dead()


def _pongs(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):
        return False


def _answers(place: Place) -> bool:
    connection = http.client.HTTPConnection(place.host, place.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
