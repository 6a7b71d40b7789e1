"""Put on PYTHONPATH of a child process: notes every use of pickle and every way to the network in the file WATCH_LOG.

``pickle``'s functions and classes are replaced before anything can import them, and ``sys.addaudithook`` tells of
connections and name look-ups, also of those made by C code. What calls ``_pickle`` past the module ``pickle`` is caught
by the audit event ``pickle.find_class`` when it reads an object of a class.
"""

import os
import pickle
import sys
import traceback

_LOG = os.open(os.environ["WATCH_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
_WATCHED = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "pickle.find_class"}
)


def _note(what, detail):
    stack = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(traceback.extract_stack()[:-2]))
    os.write(_LOG, f"{what}\t{detail}\t{stack}\n".encode("utf-8", "replace"))


def _hook(event, arguments):
    if event in _WATCHED:
        _note(event, repr(arguments[1:] if event in {"socket.connect", "socket.sendto"} else arguments))


def _watched(name, function):
    def inner(*arguments, **named):
        _note(f"pickle.{name}", "")
        return function(*arguments, **named)

    return inner


for _name in ("dump", "dumps", "load", "loads"):
    setattr(pickle, _name, _watched(_name, getattr(pickle, _name)))
for _name in ("Pickler", "Unpickler"):
    _class = getattr(pickle, _name)
    setattr(pickle, _name, type(_name, (_class,), {"__init__": _watched(_name, _class.__init__)}))
sys.addaudithook(_hook)
