"""screen: runs a command on a terminal and says what its user sees.

    screen.py ROWSxCOLUMNS [STEP ARGUMENT]... -- COMMAND [ARG...]

Steps are taken one after the other, before the end is waited for:

    until REGEX    waits until a line of the screen matches
    key TEXT       types it
    size RxC       changes the size of the terminal
    run SCRIPT     runs it in a shell
    hangup x       takes the terminal away

At the end it prints the lines as they stand, those that have scrolled away as well, and exits with
the command's status, 128 and the number for a signal. Lines that are wider than the terminal wrap, and
wrap anew when its size changes. With SCREEN_RAW set every byte goes to that file too.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

LIMIT = 40  # seconds for each wait


class Screen:
    """Lines as they were written; rows are what the width makes of them."""

    def __init__(self, columns):
        self.lines = [""]
        self.line = self.at = 0  # the cursor
        self.columns = columns
        self.full = False  # the cursor stands behind the last column
        self.rest = ""

    def row_start(self):
        at = self.at - 1 if self.full else self.at
        return at - at % self.columns

    def put(self, char):
        text = self.lines[self.line].ljust(self.at)
        self.lines[self.line] = text[: self.at] + char + text[self.at + 1 :]
        self.at += 1
        self.full = self.at % self.columns == 0

    def down(self):
        start, column = self.row_start(), self.at - self.row_start()
        self.full = False
        if start + self.columns < len(self.lines[self.line]):
            self.at += self.columns
            return
        self.line, self.at = self.line + 1, column
        if self.line == len(self.lines):
            self.lines.append("")

    def erase_row(self):
        text, end = self.lines[self.line], self.row_start() + self.columns
        blank = " " * (min(end, len(text)) - self.at)
        self.lines[self.line] = text[: self.at] + blank + text[end:]

    def erase_below(self):
        self.lines[self.line] = self.lines[self.line][: self.at]
        del self.lines[self.line + 1 :]

    def sequence(self, parameter, final):
        if final == "K":
            self.erase_row()
        elif final == "J":
            self.erase_below()
        elif final == "A":
            self.line, self.at = max(0, self.line - int(parameter or 1)), 0
        elif final != "m":
            raise ValueError(f"unknown sequence {parameter}{final}")

    def write(self, text):
        self.rest += text
        while self.rest:
            if self.rest[0] == "\033":
                match = re.match(r"\033\[([0-9;]*)([A-Za-z])", self.rest)
                if not match:
                    return  # the end of the sequence is still to come
                self.sequence(match[1], match[2])
                self.rest = self.rest[match.end() :]
                continue
            char, self.rest = self.rest[0], self.rest[1:]
            if char == "\r":
                self.at, self.full = self.row_start(), False
            elif char == "\n":
                self.down()
            elif char >= " ":
                self.put(char)

    def text(self):
        return "\n".join(line.rstrip() for line in self.lines).rstrip("\n")


class Terminal:
    def __init__(self, size, command):
        self.master, slave = pty.openpty()
        rows, columns = size
        self.screen = Screen(columns)
        self.resize(rows, columns)
        environment = {**os.environ, "TERM": "xterm"}
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            preexec_fn=lambda: self.own(slave),
        )
        os.close(slave)

    @staticmethod
    def own(slave):
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])

    def resize(self, rows, columns):
        """The kernel sends SIGWINCH."""
        self.screen.columns = columns
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, timeout):
        """False at the end."""
        if self.master < 0 or not select.select([self.master], [], [], timeout)[0]:
            return self.master >= 0
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        if "SCREEN_RAW" in os.environ:
            with open(os.environ["SCREEN_RAW"], "ab") as raw:
                raw.write(data)
        self.screen.write(data.decode(errors="replace"))
        return bool(data)

    def until(self, pattern):
        end = time.monotonic() + LIMIT
        while not re.search(pattern, self.screen.text(), re.MULTILINE):
            if time.monotonic() > end or not self.read(0.1):
                sys.exit(f"in vain waited for: {pattern}\nthe screen:\n{self.screen.text()}")

    def hangup(self):
        os.close(self.master)
        self.master = -1

    def step(self, name, argument):
        if name == "until":
            self.until(argument)
        elif name == "key":
            os.write(self.master, argument.encode())
        elif name == "size":
            self.resize(*size_of(argument))
        elif name == "run":
            subprocess.run(argument, shell=True, check=True)
        elif name == "hangup":
            self.hangup()
        else:
            sys.exit(f"no step is called {name}")

    def finish(self):
        while self.read(LIMIT):
            pass
        status = self.process.wait(LIMIT)
        return status if status >= 0 else 128 - status


def size_of(text):
    rows, columns = text.split("x")
    return int(rows), int(columns)


def main(words):
    split = words.index("--")
    size, steps, command = words[0], words[1:split], words[split + 1 :]
    terminal = Terminal(size_of(size), command)
    for name, argument in zip(steps[::2], steps[1::2]):
        terminal.step(name, argument)
    status = terminal.finish()
    print(terminal.screen.text())
    return status


sys.exit(main(sys.argv[1:]))
