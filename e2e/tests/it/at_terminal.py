"""Runs a command at a terminal of its own, and does there what it is told: `at_terminal.py PLAN COMMAND...`.

The plan is a list of steps in JSON: {"wait": TEXT}, {"send": TEXT}, {"size": [ROWS, COLUMNS]}. What the command showed
is printed, and its exit code is ours.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 120


def main():
    plan, command = json.loads(sys.argv[1]), sys.argv[2:]
    child, terminal = pty.fork()
    if child == 0:
        # The size is there before anybody looks.
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        os.execvp(command[0], command)
    shown, seen = b"", 0
    deadline = time.monotonic() + PATIENCE

    def more():
        nonlocal shown
        ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            sys.stdout.buffer.write(shown)
            sys.stdout.flush()
            os.kill(child, signal.SIGKILL)
            raise SystemExit("\nit took too long")
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            piece = b""
        shown += piece
        return bool(piece)

    for step in plan:
        if "wait" in step:
            wanted = step["wait"].encode()
            while wanted not in shown[seen:]:
                if not more():
                    sys.stdout.buffer.write(shown)
                    raise SystemExit(f"\nit ended before {step['wait']!r}")
            seen = shown.index(wanted, seen) + len(wanted)
        if "send" in step:
            os.write(terminal, step["send"].encode())
        if "size" in step:
            rows, columns = step["size"]
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    while more():
        pass
    _, status = os.waitpid(child, 0)
    sys.stdout.buffer.write(shown)
    sys.stdout.flush()
    sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)


main()
