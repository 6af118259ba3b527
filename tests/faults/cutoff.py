"""cutoff: each command, cut off from the supervisor after each frame in turn, both ways.

    cutoff.py [--share N/OF] [--kill | --again] [--list] [CASE...]

A proxy stands at the supervisor's socket, passes whole frames, and after the nth of one direction
closes the connection, or with --kill kills the supervisor. The command, which reaches the supervisor
again or starts another, must end within CUTOFF_LIMIT seconds with the status, the output and the effects
that it has uncut. With --again what it then sends or receives is cut off once more, after as many frames.
A case runs once uncut, which tells how many frames there are. --share 2/5 runs the second of every five
cuts. Prints TAP, a test for each case; needs drover in PATH.
"""

import argparse
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

LIMIT = int(os.environ.get("CUTOFF_LIMIT", "60"))
HEADER = struct.Struct("<IIHHI")
UP, DOWN = "to the supervisor", "from it"


class Wrong(Exception):
    """What a case finds amiss."""


def short(value):
    text = repr(value)
    return text if len(text) < 200 else f"{text[:90]} ... {text[-90:]} ({len(text)} characters)"


def same(want, got, what):
    if want != got:
        raise Wrong(f"{what}: wanted {short(want)}, got {short(got)}")


# ---- the home and the proxy at its socket


def listens(path):
    with socket.socket(socket.AF_UNIX) as s:
        return s.connect_ex(path) == 0


class Connection:
    """A command's connection and the one to the supervisor that goes with it."""

    def __init__(self, command, supervisor):
        self.sockets = {UP: command, DOWN: supervisor}  # by the direction of what is read there
        self.pending = {UP: b"", DOWN: b""}

    def close(self):
        for s in self.sockets.values():
            s.close()

    def other(self, direction):
        return self.sockets[DOWN if direction == UP else UP]

    def frames(self, direction):
        """The whole frames that are there now; None at the end."""
        data = self.sockets[direction].recv(1 << 20)
        if not data:
            return None
        data = self.pending[direction] + data
        frames, at = [], 0
        while len(data) - at >= HEADER.size:
            end = at + HEADER.size + HEADER.unpack_from(data, at)[0]
            if end > len(data):
                break
            frames.append(data[at:end])
            at = end
        self.pending[direction] = data[at:]
        return frames


class Proxy(threading.Thread):
    """Passes frames, counts them, and cuts: behind `after` frames of `direction`. In the direction
    from the supervisor the cut comes when it has sent one more, which the command never sees."""

    def __init__(self, home, direction=None, after=0, last=False, kill=False, times=1):
        super().__init__(daemon=True)
        self.home, self.direction, self.after, self.last, self.kill = home, direction, after, last, kill
        self.count = {UP: 0, DOWN: 0}
        self.times = times  # that it still cuts
        self.path, self.real = f"{home.path}/run/supervisor", f"{home.path}/run/behind"
        os.rename(self.path, self.real)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        self.quit, self.waker = socket.socketpair()
        self.connections = []
        self.start()

    def run(self):
        import select

        while True:
            readable = [self.quit] + [s for c in self.connections for s in c.sockets.values()]
            if self.listener:
                readable.append(self.listener)
            ready = select.select(readable, [], [])[0]
            if self.quit in ready:
                return
            if self.listener in ready:
                self.accept()
            for connection in list(self.connections):
                for direction in (UP, DOWN):
                    if connection.sockets[direction] in ready and connection in self.connections:
                        self.move(connection, direction)

    def accept(self):
        command = self.listener.accept()[0]
        supervisor = socket.socket(socket.AF_UNIX)
        if supervisor.connect_ex(self.real):  # it has gone: let the command find out
            command.close()
            self.leave()
            return
        self.connections.append(Connection(command, supervisor))
        if self.direction == UP and self.after == 0 and self.times:
            self.sever(self.connections[-1])

    def move(self, connection, direction):
        try:
            frames = connection.frames(direction)
            for frame in frames or []:
                if self.is_due(direction, DOWN):
                    self.sever(connection)
                    return
                connection.other(direction).sendall(frame)
                self.count[direction] += 1
                if self.is_due(direction, UP) or (self.last and self.is_due(direction, DOWN)):
                    self.sever(connection)
                    return
        except OSError:
            frames = None
        if frames is None:
            connection.close()
            self.connections.remove(connection)

    def is_due(self, direction, which):
        return self.times and direction == self.direction == which and self.count[direction] == self.after

    def sever(self, connection):
        self.times -= 1
        self.count = {UP: 0, DOWN: 0}
        if self.kill:
            peer = connection.sockets[DOWN].getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            self.leave()
            os.kill(struct.unpack("iII", peer)[0], signal.SIGKILL)
        connection.close()
        self.connections.remove(connection)

    def leave(self):
        """Stands at the socket no longer: whoever comes is refused and starts a supervisor, which takes
        the name. It is not removed here, since it may be that supervisor's already."""
        self.listener.close()
        self.listener = None

    def end(self):
        """Gives the socket back where the supervisor behind it lives."""
        self.waker.send(b"x")
        self.join()
        for connection in self.connections:
            connection.close()
        if self.listener:
            self.leave()
        if listens(self.real):
            os.rename(self.real, self.path)


class Home:
    """A home of its own; commands run in its directory."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="drover-cutoff.")
        self.path = self.dir + "/home"
        self.environment = dict(os.environ, DROVER_HOME=self.path, LC_ALL="C.UTF-8")
        self.drover("get")

    def run(self, *args, stdin=b"", limit=LIMIT):
        process = subprocess.Popen(["drover", *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, cwd=self.dir, env=self.environment)
        try:
            out, err = process.communicate(stdin, limit)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise Wrong(f"drover {' '.join(args)}: waits for ever") from None
        return process.returncode, out.decode(), err.decode()

    def watch(self, *args):
        """A command that tells of changes until it is ended."""
        process = subprocess.Popen(["drover", *args], stdout=subprocess.PIPE, text=True, cwd=self.dir,
                                   env=self.environment)
        ended = threading.Event()

        def work():
            while not ended.wait(0.02):
                self.finished("true")

        worker = threading.Thread(target=work)
        killer = threading.Timer(LIMIT, process.kill)
        killer.start()
        worker.start()
        try:
            told = sum(1 for _ in zip(range(3), (line for line in process.stdout if '"Completed"' in line)))
        finally:
            ended.set()
            worker.join()
            killer.cancel()
            process.kill()
            process.communicate()
        if told < 3:
            raise Wrong("changes are no longer told")

    def drover(self, *args, stdin=b""):
        """What a command prints that must succeed."""
        status, out, err = self.run(*args, stdin=stdin)
        if status != 0:
            raise Wrong(f"drover {' '.join(args)}: status {status}: {err}")
        return out

    def field(self, names, *jobs):
        return self.drover("get", "--format", names, *jobs).strip()

    def start(self, script, *options):
        return self.drover("start", *options, "-c", script).strip()

    def finished(self, script, *options):
        job = self.start(script, *options)
        self.run("wait", job)
        return job

    def batch(self, script, items, *options):
        job = self.drover("each", "--as-job", *options, "-c", script, ":::", *map(str, items)).strip()
        self.run("wait", job)
        return job

    def until(self, condition, why=lambda: "something does not happen in time"):
        deadline = time.time() + LIMIT
        while not condition():
            if time.time() > deadline:
                raise Wrong(why())
            time.sleep(0.02)

    def jobs(self):
        return self.field("id").split()

    def lines(self, name):
        """What jobs wrote to a file, which is then gone."""
        path = f"{self.dir}/{name}"
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        os.unlink(path)
        return lines

    def left(self):
        """The processes of this home, and of its jobs."""
        mark, left = f"\0DROVER_HOME={self.path}\0".encode(), []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    if mark in b"\0" + file.read():
                        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as line:
                            left.append(f"{pid} ({line.read().replace(chr(0), ' ').strip()})")
            except OSError:
                pass  # it has gone
        return left

    def end(self):
        try:
            self.drover("get")  # jobs whose supervisor was killed are known to the next one
            self.drover("supervisor", "--stop", "--force")
            self.until(lambda: not self.left(), lambda: f"left behind: {', '.join(self.left())}")
        finally:
            shutil.rmtree(self.dir, ignore_errors=True)


# ---- the cases: each makes what the command works on, and gives the command, its input, and a check

CASES = {}
NUMBERS = "".join(f"{n}\n" for n in range(1, 60001))  # more than one frame of output or input


def case(function):
    CASES[function.__name__.replace("_", " ")] = function
    return function


def ends(status, out, err=None):
    """A check: the command has ended so."""

    def check(got):
        same((status, out), got[:2], f"status and output ({got[2].strip()})")
        if err is not None:
            same(err, got[2], "standard error")

    return check


def starts(home, command, want, stdin=b""):
    """A command that prints the id of the one job it starts, which then has that output."""
    before = home.jobs()

    def check(got):
        same(0, got[0], f"status ({got[2].strip()})")
        new = [job for job in home.jobs() if job not in before]
        same([got[1].strip()], new, "jobs that were started")
        home.run("wait", *new)
        same(want, home.drover("receive", *new), "what the job printed")
        home.drover("remove", *new)

    return command, stdin, check


@case
def start(home):
    def once(got):
        check(got)
        same(["once"], home.lines("ran"), "how often it ran")

    command, stdin, check = starts(home, ["start", "-c", "echo once >>ran; echo $1", "fine"], "fine\n")
    return command, stdin, once


@case
def start_with_input(home):
    return starts(home, ["start", "-i", "-", "--", "cat"], NUMBERS, NUMBERS.encode())


@case
def start_unique(home):
    home.run("remove", "--force", *home.jobs())
    job = home.start("sleep 600", "--unique", "key")
    return ["start", "--unique", "key", "--", "true"], b"", ends(0, job + "\n")


@case
def run(home):
    return ["run", "-c", "seq 60000; echo error >&2; exit 3"], b"", ends(3, NUMBERS, "error\n")


@case
def get(home):
    if len(home.jobs()) < 20:
        for _ in range(20):
            home.finished("true")
    return ["get", "--format", "id,state"], b"", ends(0, home.drover("get", "--format", "id,state"))


@case
def get_missing(home):
    return ["get", "99999"], b"", ends(3, "", "drover: 99999: no such job\n")


@case
def get_children(home):
    job = home.batch("exit {}", range(3))
    want = home.drover("get", "--children", "--format", "id,state,exit_code", job)
    return ["get", "--children", "--format", "id,state,exit_code", job], b"", ends(0, want)


def received(home, command, want, err=""):
    """Output comes once: what was received is not there another time."""

    def check(got):
        ends(0, want, err)(got)
        same("", home.drover("receive", command[-1]), "what is received once more")
        same("False", home.field("has_more_data", command[-1]), "has more data")
        home.drover("remove", command[-1])

    return command, b"", check


@case
def receive(home):
    return received(home, ["receive", home.finished("seq 60000; echo error >&2")], NUMBERS, "error\n")


@case
def receive_one_stream(home):
    job = home.finished("seq 60000; echo error >&2")

    def check(got):
        ends(0, NUMBERS, "")(got)
        same((0, "", "error\n"), home.run("receive", job), "the other stream")

    return ["receive", "--stream", "out", job], b"", check


@case
def receive_keep(home):
    job = home.finished("seq 60000")

    def check(got):
        ends(0, NUMBERS)(got)
        same(NUMBERS, home.drover("receive", job), "what is received then")

    return ["receive", "--keep", job], b"", check


@case
def receive_attempt(home):
    job = home.finished("echo $DROVER_ATTEMPT; exit 1", "--retries", "1", "--backoff", "1ms")

    def check(got):
        ends(0, "2\n")(got)
        same("1\n2\n", home.drover("receive", job), "what is received then")

    return ["receive", "--attempt", "2", job], b"", check


@case
def receive_wait(home):
    job = home.start("for i in 1 2 3 4 5 6; do echo $i; sleep 0.03; done")
    return received(home, ["receive", "--wait", job], "1\n2\n3\n4\n5\n6\n")


@case
def receive_follow(home):
    job = home.start("(for i in 1 2 3; do echo $i; sleep 0.03; done) & exit 0")
    return received(home, ["receive", "--follow", job], "1\n2\n3\n")


@case
def receive_several(home):
    first, second = home.start("sleep 0.05; seq 100"), home.start("sleep 0.05; seq 101 200")

    def check(got):
        same((0, list(map(str, range(1, 201)))), (got[0], sorted(got[1].split(), key=int)), got[2])
        same("", home.drover("receive", first, second), "what is received once more")

    return ["receive", "--wait", first, second], b"", check


@case
def receive_batch(home):
    job = home.batch("echo {}", range(80))
    return received(home, ["receive", job], "".join(f"{n}\n" for n in range(80)))


@case
def receive_batch_wait(home):
    job = home.drover("each", "--as-job", "-j", "1", "-c", "echo {}; sleep 0.02", ":::", *"12345").strip()
    return received(home, ["receive", "--wait", job], "1\n2\n3\n4\n5\n")


@case
def gather(home):
    job = home.batch("echo same", range(3))
    return ["receive", "--gather", job], b"", ends(0, "---- [0-2] (3) ----\nsame\n")


def waited(status, job):
    """A check: that job alone is in the table."""

    def check(got):
        same((status, [job]), (got[0], [line.split()[0] for line in got[1].splitlines()[2:]]), got[2].strip())

    return check


@case
def wait(home):
    job = home.start("sleep 0.1; exit 1")
    return ["wait", job], b"", waited(1, job)


@case
def wait_any(home):
    job = home.start("sleep 0.1")
    other = home.start("sleep 600")

    def check(got):
        waited(0, job)(got)
        home.drover("stop", other)

    return ["wait", "--any", job, other], b"", check


@case
def wait_timeout(home):
    job = home.start("sleep 600")

    def check(got):
        same(124, got[0], f"status ({got[2].strip()})")
        home.drover("stop", job)

    return ["wait", "--timeout", "100ms", job], b"", check


def ran_each(home, command, items, stdin=b"", status=0):
    """A command whose children write their items to the file `ran` and print them."""
    items = [str(item) for item in items]

    def check(got):
        same((status, items), (got[0], sorted(got[1].split(), key=int)), f"status and output ({got[2].strip()})")
        same(items, sorted(home.lines("ran"), key=int), "what ran")

    return command, stdin, check


CHILD = "echo {} >>ran; echo {}"


@case
def each(home):
    return ran_each(home, ["each", "-c", CHILD, ":::", *map(str, range(12))], range(12))


@case
def each_from_standard_input(home):
    items = range(700)
    return ran_each(home, ["each", "-n", "100", "-c", "printf '%s\\n' {} >>ran; printf '%s\\n' {}"], items,
                    "".join(f"{n}\n" for n in items).encode())


@case
def each_of_a_pipe(home):
    def check(got):
        same((0, 60000), (got[0], sum(map(int, got[1].split()))), f"status and lines ({got[2].strip()})")

    return ["each", "--pipe", "--block", "100k", "wc", "-l"], NUMBERS.encode(), check


@case
def each_as_job(home):
    before = home.jobs()

    def check(got):
        same(0, got[0], f"status ({got[2].strip()})")
        same([got[1].strip()], [job for job in home.jobs() if job not in before], "batches that were made")
        home.run("wait", got[1].strip())
        same(["1", "2", "3"], sorted(home.lines("ran")), "what ran")
        same("True", str("input cut off" not in home.field("reason", got[1].strip())), "input is whole")

    return ["each", "--as-job", "-c", CHILD, ":::", "1", "2", "3"], b"", check


@case
def each_resumed_into(home):
    job = home.batch(CHILD, range(3))
    home.lines("ran")
    home.drover("receive", job)
    return ran_each(home, ["each", "--resume-into", job, "-c", CHILD, ":::", *map(str, range(6))], range(3, 6))


@case
def retry(home):
    job = home.batch("echo {} >>ran; exit {}", [0, 1, 2])
    home.lines("ran")

    def check(got):
        same(1, got[0], f"status ({got[2].strip()})")
        same(["1", "2"], sorted(home.lines("ran")), "what ran again")

    return ["retry", "--no-bar", job], b"", check


@case
def resume_suspended(home):
    job = home.start("sleep 600", "--delay", "10m")
    home.drover("suspend", job)

    def check(got):
        ends(0, "", "")(got)
        same("NotStarted", home.field("state", job), "state")
        home.drover("stop", job)

    return ["resume", job], b"", check


@case
def resume_stopped(home):
    job = home.drover("each", "--as-job", "-j", "1", "-c", "echo {} >>ran; test {} = 0 || test -e go || sleep 600",
                      ":::", "0", "1", "2").strip()
    home.until(lambda: home.field("state", job + ".2") == "Running")
    home.drover("stop", job)
    home.lines("ran")
    with open(home.dir + "/go", "w", encoding="utf-8"):
        pass

    def check(got):
        ends(0, "", "")(got)
        home.run("wait", job)
        os.unlink(home.dir + "/go")
        same(["1", "2"], sorted(home.lines("ran")), "what ran again")

    return ["resume", job], b"", check


@case
def suspend(home):
    job = home.start("sleep 600")
    home.until(lambda: home.field("pid", job) != "")

    def check(got):
        ends(0, "", "")(got)
        same("Suspended", home.field("state", job), "state")
        home.drover("stop", job)

    return ["suspend", job], b"", check


@case
def stop(home):
    job = home.start("sleep 600")

    def check(got):
        ends(0, "", "")(got)
        same("Stopped", home.field("state", job), "state")

    return ["stop", job], b"", check


@case
def remove(home):
    job = home.finished("true")

    def check(got):
        ends(0, "", "")(got)
        same(3, home.run("get", job)[0], "status of get")

    return ["remove", job], b"", check


@case
def remove_by_force(home):
    job = home.start("sleep 600")

    def check(got):
        ends(0, "", "")(got)
        same(3, home.run("get", job)[0], "status of get")

    return ["remove", "--force", job], b"", check


@case
def throttle(home):
    job = home.drover("each", "--as-job", "-j", "1", "sleep", ":::", "600", "600").strip()

    def check(got):
        ends(0, "", "")(got)
        home.until(lambda: home.field("state", job + ".2") == "Running")
        home.drover("remove", "--force", job)

    return ["throttle", job, "2"], b"", check


@case
def queue(home):
    name = f"q{time.time_ns()}"

    def check(got):
        same(0, got[0], f"status ({got[2].strip()})")
        same(1, len(re.findall(rf"^{name} +3 ", home.drover("queue"), re.MULTILINE)), "queues of that name")

    return ["queue", name, "--throttle", "3"], b"", check


@case
def throttle_of_a_queue(home):
    home.drover("queue", "two", "--throttle", "2")

    def check(got):
        ends(0, "", "")(got)
        same(1, len(re.findall("^two +4 ", home.drover("queue"), re.MULTILINE)), "queues of that throttle")

    return ["throttle", "queue:two", "4"], b"", check


@case
def progress(home):
    command, stdin, check = ran_each(home, ["each", "--bar", "-j", "1", "-c", CHILD + "; sleep 0.1", ":::", *"12345"],
                                     [1, 2, 3, 4, 5])

    def with_bar(got):
        check(got)
        same(True, "5" in got[2], "the bar")

    return command, stdin, with_bar


@case
def events(home):
    return ["events"], b"", None


@case
def queues(home):
    home.drover("queue", "one", "--throttle", "2")
    return ["queue"], b"", ends(0, home.drover("queue"))


@case
def status(home):
    def check(got):
        if "no supervisor runs" not in got[2]:  # it was killed: that is what there is to say
            same((0, True), (got[0], '"pid"' in got[1]), f"status ({got[2].strip()})")

    return ["supervisor", "--status", "--json"], b"", check


@case
def restart(home):
    job = home.start("sleep 600")

    def check(got):
        same(0, got[0], f"status ({got[2].strip()})")
        same("Running", home.field("state", job), "state of what ran")
        home.drover("stop", job)

    return ["supervisor", "--restart"], b"", check


@case
def shutdown(home):
    def check(got):
        same(0, got[0], f"status ({got[2].strip()})")
        same(4, home.run("supervisor", "--status")[0], "status of --status")
        home.drover("get")

    return ["supervisor", "--stop", "--force"], b"", check


# ---- running them


class Run:
    """Runs one case, cut in every way that is asked for."""

    def __init__(self, options):
        self.options = options
        self.number = 0

    def once(self, function, home, **cut):
        command, stdin, check = function(home)
        home.drover("get")
        proxy = Proxy(home, **cut)
        try:
            if check:
                check(home.run(*command, stdin=stdin))
            else:
                home.watch(*command)
        finally:
            proxy.end()
        return proxy

    def cuts(self, counts):
        for direction in (UP, DOWN):
            for after in range(counts[direction] + 1):
                self.number += 1
                if self.number % self.options.of == self.options.number % self.options.of:
                    yield {"direction": direction, "after": after, "last": after == counts[direction],
                           "kill": self.options.kill, "times": 1 + self.options.again}

    def case(self, function):
        """What is wrong, a line each."""
        home, wrong = Home(), []
        try:
            counts = self.once(function, home).count
            for cut in self.cuts(counts):
                try:
                    self.once(function, home, **cut)
                except Wrong as what:
                    how = "killed" if cut["kill"] else "cut" if cut["times"] == 1 else "cut twice"
                    wrong.append(f"{how} after {cut['after']} of {counts[cut['direction']]} {cut['direction']}: {what}")
        except Wrong as what:
            wrong.append(f"uncut: {what}")
        try:
            home.end()
        except Wrong as what:
            wrong.append(f"at the end: {what}")
        return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", default="1/1")
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    options.number, options.of = map(int, options.share.split("/"))
    names = options.cases or list(CASES)
    if options.list:
        print("\n".join(names))
        return 0
    run_all, failed = Run(options), 0
    print(f"1..{len(names)}")
    for i, name in enumerate(names):
        wrong = run_all.case(CASES[name])
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {i + 1} {name}")
        for line in wrong:
            print("# " + line.replace("\n", "\n# "))
        sys.stdout.flush()
    return failed > 0


if __name__ == "__main__":
    raise SystemExit(main())
