"""This process as whoever takes a batch in hand to change it."""

import os
import socket

from smtptui.batch import Holder
from smtptui.cli.batch.opened import shared_path

ENDED = "Batch {name} was paused, and the process that waited with it has ended."
"""What is said if a paused batch was changed while its process waited."""


def holder() -> Holder:
    """This process, as whoever takes a batch in hand."""
    return Holder(shared_path(), os.getpid(), socket.gethostname())
