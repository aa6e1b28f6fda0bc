"""Carries out the wall's steps. Which steps, in which order and with which numbers is decided in Rust and arrives as
a flat list of system calls; here they are only made. One that fails ends the worker."""

from __future__ import annotations

import base64
import ctypes
import os
from typing import Any

_LIBRARY = ctypes.CDLL(None, use_errno=True)
_SYSCALL = _LIBRARY.syscall
_SYSCALL.restype = ctypes.c_long


class Filter(ctypes.Structure):
    """`struct sock_fprog`: a seccomp program by its length in instructions of eight bytes, and its address."""

    _fields_ = (("length", ctypes.c_ushort), ("address", ctypes.c_void_p))


class StepFailed(Exception):
    """A step of the wall that the kernel refused, by its name and reason."""


def apply(steps: list[dict[str, Any]]) -> None:
    """Makes the calls in order; `result` stands for the last descriptor that a step returned."""
    result = 0
    for step in steps:
        keep: list[Any] = []
        arguments = [_argument(argument, result, keep) for argument in step["arguments"]]
        made = _SYSCALL(ctypes.c_long(step["number"]), *arguments)
        if made < 0:
            raise StepFailed(f"{step['name']}: {os.strerror(ctypes.get_errno())}")
        result = made or result


def attempt(steps: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """The self-test: makes each call and tells its error number, 0 for one that succeeded."""
    outcome = []
    own = os.getpid()
    for step in steps:
        keep: list[Any] = []
        arguments = [_argument(argument, 0, keep) for argument in step["arguments"]]
        made = _SYSCALL(ctypes.c_long(step["number"]), *arguments)
        if made == 0 and os.getpid() != own:
            # A fork that should have been impossible: its child says nothing and ends.
            os._exit(0)
        outcome.append((step["name"], ctypes.get_errno() if made < 0 else 0))
    return outcome


def _argument(argument: Any, result: int, keep: list[Any]) -> Any:
    """A number, the step before's result, bytes by address, or a seccomp program by address."""
    if isinstance(argument, int):
        return ctypes.c_long(argument)
    if argument == "result":
        return ctypes.c_long(result)
    kind, data = argument
    raw = base64.b64decode(data)
    buffer = ctypes.create_string_buffer(raw, len(raw))
    keep.append(buffer)
    if kind == "filter":
        program = Filter(len(raw) // 8, ctypes.addressof(buffer))
        keep.append(program)
        return ctypes.byref(program)
    return buffer
