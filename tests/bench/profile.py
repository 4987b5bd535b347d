"""What tests/bench/profile does once the modules are built."""

import bisect
import collections
import os
import socket
import subprocess
import sys
import tempfile
import threading

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
TIMES = 200
REPEATS = 7  # BENCH_REPEATS

# QEMU's switch for it has had two names.
ONE_BY_ONE = ("singlestep", "one-insn-per-tb")

# The loop gives time to switch the trace on; waiting takes no time here.
GUEST = """
sleep 20
cat /proc/kallsyms
echo begin
i=0; while [ $i -lt 50000 ]; do i=$((i + 1)); done
cat /sys/kernel/debug/chanpat_bench
echo end
"""


def monitor_say(sock, command):
    sock.sendall(command.encode() + b"\n")
    answer = b""
    while answer.count(b"(qemu)") < 1:
        answer += sock.recv(65536)


def kernel_symbols(lines):
    """Addresses and names of the functions, sorted, and which are the bench's."""
    symbols = []
    for line in lines:
        address, kind, name, *module = line.split()
        if kind in "tTwW":
            symbols.append((int(address, 16), name,
                            "[chanpat_bench]" in module))
    symbols.sort()
    return tuple(zip(*symbols))


def of_the_case(symbols, pcs):
    """From the first instruction of the bench's module to the last."""
    mine = [i for i, pc in enumerate(pcs)
            if symbols[2][name_of(symbols, pc)[0]]]
    return pcs[mine[0]:mine[-1]] if mine else pcs


def follow(fifo, pcs):
    """The addresses of the kernel's instructions, in order."""
    with open(fifo, encoding="ascii", errors="replace") as log:
        for line in log:
            if not line.startswith("Trace"):
                continue
            pc = int(line.split("/", 2)[1], 16)
            if pc >> 63:
                pcs.append(pc)


class Tracer:
    """Switches the trace on and off, and collects the kernel's addresses."""

    def __init__(self, work):
        self.fifo = os.path.join(work, "log")
        self.path = os.path.join(work, "monitor")
        self.pcs = []
        self.reader = None
        os.mkfifo(self.fifo)

    def begin(self):
        self.reader = threading.Thread(target=follow,
                                       args=(self.fifo, self.pcs))
        self.reader.start()
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)
        monitor_say(self.sock, "stop")
        monitor_say(self.sock, "logfile " + self.fifo)
        for name in ONE_BY_ONE:
            monitor_say(self.sock, name + " on")
        monitor_say(self.sock, "log exec,nochain")
        monitor_say(self.sock, "cont")

    def end(self):
        monitor_say(self.sock, "log none")
        for name in ONE_BY_ONE:
            monitor_say(self.sock, name + " off")

    def finish(self):
        """When the machine is gone."""
        if self.reader:
            self.reader.join()


def run(case, kernel, tracer):
    """Runs the case; returns the lines of kallsyms, or None without such a case."""
    build = os.path.join(ROOT, "build", kernel)
    guest = subprocess.Popen(
        [os.path.join(ROOT, "tests/vm/run"), kernel, "--icount", "--mem", "2G",
         "--monitor", tracer.path,
         "--module", build + "/chanpat.ko",
         "--module", f"{build}/chanpat_bench.ko "
                     f"part=operations only={case}$ who=chanpat times={TIMES}",
         "--", "sh", "-c", GUEST],
        stdout=subprocess.PIPE, text=True)
    symbols, known = [], False
    for line in guest.stdout:
        if line == "begin\n":
            tracer.begin()
        elif line == "end\n":
            tracer.end()
        elif len(line.split()) >= 3 and len(line.split()[0]) == 16:
            symbols.append(line)
        else:
            known = known or line.startswith(f"chanpat {case} ")
            sys.stderr.write(line)
    guest.wait()
    tracer.finish()
    return symbols if known else None


def name_of(symbols, pc):
    starts, names, _ = symbols
    i = bisect.bisect_right(starts, pc) - 1
    return i, names[i] if i >= 0 else hex(pc)


def report(symbols, pcs):
    counts = collections.Counter(name_of(symbols, pc)[1] for pc in pcs)
    for name, count in counts.most_common(60):
        each = count / TIMES / REPEATS
        if each >= 0.5:
            print(f"{each:8.1f}  {name}")


def trace(symbols, pcs):
    """Two thousand instructions from the middle."""
    middle = len(pcs) // 2
    last, count = None, 0
    for pc in pcs[middle:middle + 2000]:
        i, name = name_of(symbols, pc)
        if i != last and last is not None:
            print(f"{count:6}  {symbols[1][last]}")
            count = 0
        last, count = i, count + 1


def main():
    case, kernel = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as work:
        tracer = Tracer(work)
        lines = run(case, kernel, tracer)
    if lines is None:
        sys.exit(f"profile: no such case, or it failed: {case}")
    symbols = kernel_symbols(lines)
    pcs = of_the_case(symbols, tracer.pcs)
    report(symbols, pcs)
    if "--trace" in sys.argv:
        trace(symbols, pcs)


main()
