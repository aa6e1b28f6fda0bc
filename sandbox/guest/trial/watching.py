"""A worker that tells which modules were loaded while a script ran: each is one that the warm-up has missed, and that
a worker behind the kernel's wall could not have loaded. Only trials without that wall use it; `product_worker` is the
worker as it is in the product, and everything but the report is its own."""

from __future__ import annotations

import json
import sys
from typing import Any

import product_worker
from product_worker import channel, main  # noqa: F401

# Rust knows these two as well: what marks the report in the text, and the room for it beyond the text's limit.
MARK = "\x1elate imports "
ROOM = 8192

_receive_job = channel.receive_job
_send = channel.send
_before: set[str] = set()


def receive_job() -> tuple[dict[str, Any], int]:
    """The job, and what was loaded until then."""
    job, descriptor = _receive_job()
    job["text_bytes_max"] -= ROOM
    _before.update(sys.modules)
    return job, descriptor


def send(kind: bytes, payload: bytes) -> None:
    """The report goes ahead of the run's end."""
    if kind in (channel.FIGURE, channel.ERROR) and _before:
        late = sorted(set(sys.modules) - _before)
        if late:
            _send(channel.TEXT, (MARK + json.dumps(late)).encode()[:ROOM])
    _send(kind, payload)


channel.receive_job = receive_job
channel.send = send
