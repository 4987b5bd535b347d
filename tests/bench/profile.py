#!/usr/bin/env python3
"""Shows where the instructions of a case go: how many each function executes.

usage: tests/bench/profile CASE [KERNEL] [--trace]

Follows each instruction of the machine while the module runs CASE, and prints
the instructions for one operation by function, the most first. With --trace one
operation from the middle is printed as it went: each function entered, with the
instructions until the next. The modules are built before, with CHANPAT_BENCH=y.
"""

import bisect
import collections
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
TIMES = 200
REPEATS = 7  # BENCH_REPEATS

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


def run(case, kernel, work):
    """Runs the case; returns the lines of kallsyms and the addresses."""
    fifo, sock_path = os.path.join(work, "log"), os.path.join(work, "monitor")
    os.mkfifo(fifo)
    pcs = []
    reader = threading.Thread(target=follow, args=(fifo, pcs))
    reader.start()
    build = os.path.join(ROOT, "build", kernel)
    guest = subprocess.Popen(
        [os.path.join(ROOT, "tests/vm/run"), kernel, "--icount", "--mem", "2G",
         "--monitor", sock_path,
         "--module", build + "/chanpat.ko",
         "--module", f"{build}/chanpat_bench.ko only={case}$ who=chanpat times={TIMES}",
         "--", "sh", "-c", GUEST],
        stdout=subprocess.PIPE, text=True)
    symbols = []
    for line in guest.stdout:
        if line == "begin\n":
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(sock_path)
            monitor_say(sock, "stop")
            monitor_say(sock, "logfile " + fifo)
            monitor_say(sock, "singlestep on")
            monitor_say(sock, "log exec,nochain")
            monitor_say(sock, "cont")
        elif line == "end\n":
            monitor_say(sock, "log none")
            monitor_say(sock, "singlestep off")
        elif len(line.split()) >= 3 and len(line.split()[0]) == 16:
            symbols.append(line)
        else:
            sys.stderr.write(line)
    guest.wait()
    reader.join()
    return symbols, pcs


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
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    if not words or "--help" in sys.argv:
        print(__doc__)
        return
    kernel = words[1] if len(words) > 1 else "debian-6.12"
    with tempfile.TemporaryDirectory() as work:
        lines, pcs = run(words[0], kernel, work)
    symbols = kernel_symbols(lines)
    pcs = of_the_case(symbols, pcs)
    report(symbols, pcs)
    if "--trace" in sys.argv:
        trace(symbols, pcs)


main()
