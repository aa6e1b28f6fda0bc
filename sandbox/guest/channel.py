"""The bounded channel between a worker and the program: one byte of kind, four of length, then the bytes."""

from __future__ import annotations

import array
import json
import os
import select
import socket
import struct
from typing import Any

# The descriptor a worker answers on; the system call filter allows writing to this one alone.
JOB_DESCRIPTOR = 3
READY, TEXT, FIGURE, ERROR = b"R", b"T", b"F", b"E"


def send(kind: bytes, payload: bytes) -> None:
    """Writes one message; a program that has gone away ends the worker."""
    data = memoryview(kind + struct.pack("<I", len(payload)) + payload)
    while data:
        data = data[os.write(JOB_DESCRIPTOR, data) :]


def job_comes(seconds: float) -> bool:
    """Waits so long at most for a job, or for the program's end, without taking it."""
    return bool(select.select([JOB_DESCRIPTOR], [], [], seconds)[0])


def receive_job() -> tuple[dict[str, Any], int]:
    """The job's header and the frame's descriptor. Runs before the filter is in place."""
    connection = socket.socket(fileno=JOB_DESCRIPTOR)
    first, control, _flags, _address = connection.recvmsg(4, socket.CMSG_SPACE(4))
    if not first:
        os._exit(0)
    while len(first) < 4:
        first += connection.recv(4 - len(first))
    (length,) = struct.unpack("<I", first)
    body = bytearray()
    while len(body) < length:
        part = connection.recv(min(65536, length - len(body)))
        if not part:
            os._exit(0)
        body += part
    connection.detach()
    frame = -1
    for level, kind, data in control:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            frame = array.array("i", data)[0]
    return json.loads(bytes(body)), frame
