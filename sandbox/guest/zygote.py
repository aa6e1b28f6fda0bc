"""The process that has everything loaded and warm, holds no secret, and forks a worker whenever it is told to."""

from __future__ import annotations

import array
import gc
import json
import os
import platform
import select
import signal
import socket
import sys
import warnings
from typing import Any


def main(control_descriptor: int, bundle: dict[str, Any]) -> None:
    """Loads, warms, reports, then serves until the program closes the control socket."""
    control = socket.socket(fileno=control_descriptor)
    # Linear algebra on one thread: a worker has one processor's worth of time, and threads do not survive a fork.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        import warmup
        import worker

        warmup.everything(bundle["warm"])
        os.environ.clear()
        # A library asked for the machine's name on the way; no worker is to find it in memory.
        platform._uname_cache = None  # type: ignore[attr-defined]
        platform._platform_cache.clear()  # type: ignore[attr-defined]
        gc.collect()
        gc.freeze()
        tell(control, {"event": "ready", "python": python()})
        serve(control, dict(bundle["plan"], zygote=os.getpid()), worker, warmup)
    except BaseException as error:
        tell(control, {"event": "failed", "message": f"{type(error).__name__}: {error}"[:1000]})
        os._exit(1)


def python() -> str:
    """`3.11.2 (pandas 3.1.1, ...)` for the status page."""
    import numpy
    import pandas
    import plotly

    version = ".".join(str(part) for part in sys.version_info[:3])
    return f"{version} (pandas {pandas.__version__}, numpy {numpy.__version__}, plotly {plotly.__version__})"


def tell(control: socket.socket, event: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
    """One datagram, with descriptors when it announces a worker."""
    ancillary = []
    if descriptors:
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
    control.sendmsg([json.dumps(event).encode()], ancillary)


def serve(control: socket.socket, plan: dict[str, Any], worker: Any, warmup: Any) -> None:
    """One word a datagram: `fork`. Ended workers are noticed by their process descriptor and reported."""
    poll = select.poll()
    poll.register(control.fileno(), select.POLLIN)
    living: dict[int, int] = {}
    while True:
        for descriptor, _events in poll.poll():
            if descriptor in living:
                pid = living.pop(descriptor)
                poll.unregister(descriptor)
                os.close(descriptor)
                _pid, status = os.waitpid(pid, 0)
                tell(control, {"event": "exit", "pid": pid, "status": status})
            elif descriptor == control.fileno():
                if control.recv(64) != b"fork":
                    os._exit(0)
                pid, process = fork(control, plan, worker, warmup)
                living[process] = pid
                poll.register(process, select.POLLIN)


def fork(control: socket.socket, plan: dict[str, Any], worker: Any, warmup: Any) -> tuple[int, int]:
    """A new worker: its socket and process descriptor go to the program, the zygote keeps only the latter."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    pid = os.fork()
    if pid == 0:
        # The worker's socket becomes the one descriptor it keeps.
        os.dup2(theirs.fileno(), worker.channel.JOB_DESCRIPTOR)
        worker.main(plan, warmup.AGAIN)
    theirs.close()
    process = os.pidfd_open(pid)
    tell(control, {"event": "worker", "pid": pid}, (ours.fileno(), process))
    ours.close()
    return pid, process
