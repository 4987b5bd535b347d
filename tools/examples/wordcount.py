#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The most frequent words of files, taken apart in the kernel.

It shows how a Python program without any library uses the records of /dev/chanpat:
the ioctls, packing and unpacking, one poll() for both directions, a job for each
file and its cookie, byte strings that go in and come out, items that failed, and
what to do when an input is full. Nothing is built. Run it with what may open the
device:

    wordcount.py [-n MOST] [-s STAGES] FILE...

The lines of a file are pushed into the job "in | STAGES", and each byte string that
comes out is counted. STAGES are 'lower | split " "' unless others are given, MOST
is 10.

Exit status: 0 when all was counted; 1 when an item failed, a job did not end well,
a file cannot be read, there is no device, or a job is refused; 2 for wrong usage.
"""
import errno
import fcntl
import os
import select
import struct
import sys

DEVICE = '/dev/chanpat'

# include/uapi/linux/chanpat.h
FORMAT_RECORDS = 1
LINE, NUMBERS, BYTES, END, ERRORS, DONE = 1, 2, 3, 4, 6, 7
RECORD_MAX = 128 * 1024
BYTES_MAX = 65536
RECORD = struct.Struct('=IHHQII')  # size, type, flags, cookie, job, count
STRING = struct.Struct('=II')  # len, reserved, and the bytes
ERROR = struct.Struct('=QIHH')  # seq, err, stage, reserved
ENDED = struct.Struct('=QQQII')  # items, errors, time_ns, status, err
REJECT = struct.Struct('=QII160s')  # cookie, err, col, reason
STATUS = ('running', 'ok', 'cancelled', 'timeout', 'idle', 'failed')


def ioctl_number(direction, number, size):
    return direction << 30 | size << 16 | 0xc7 << 8 | number


IOC_FORMAT = ioctl_number(1, 0, 4)
IOC_REJECT = ioctl_number(2, 2, REJECT.size)


def padded(data):
    return data + bytes(-len(data) % 8)


def record(kind, cookie, count=0, body=b''):
    """A record, with what it needs after it to end at a multiple of 8."""
    return padded(RECORD.pack(RECORD.size + len(body), kind, 0, cookie, 0, count) + body)


def strings(cookie, lines):
    body = b''.join(STRING.pack(len(line), 0) + padded(line) for line in lines)
    return record(BYTES, cookie, len(lines), body)


def batches(lines, most_lines=256, most_bytes=BYTES_MAX):
    """Lists of lines, each small enough for a record."""
    batch, size = [], 0
    for line in lines:
        if batch and (len(batch) == most_lines or size + len(line) > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line)
    if batch:
        yield batch


class File:
    """What is known about the job of a file."""

    def __init__(self, path):
        self.path = path
        self.counts = {}
        self.takes_more = True
        self.ended = False

    def lines(self):
        with open(self.path, 'rb') as file:
            for line in file:
                line = line.rstrip(b'\n')
                # A longer line goes in pieces: a byte string has a limit.
                for pos in range(0, len(line) or 1, BYTES_MAX):
                    yield line[pos:pos + BYTES_MAX]

    def count(self, words):
        for word in words:
            if word:
                self.counts[word] = self.counts.get(word, 0) + 1

    def most(self, number):
        ranked = sorted(self.counts.items(), key=lambda pair: (-pair[1], pair[0]))
        return ranked[:number]


class Session:
    def __init__(self, stages, files):
        self.job = f'in | {stages}'
        # A cookie is any number but 0.
        self.files = dict(enumerate(files, 1))
        self.records = self.all_records()
        # The record that is to be written next.
        self.next = next(self.records)
        self.full = 0
        self.failed = False
        # Opened for both, it is a session of its own, and closing it ends its jobs.
        self.fd = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(self.fd, IOC_FORMAT, struct.pack('=I', FORMAT_RECORDS))

    def complain(self, text):
        print(f'wordcount.py: {text}', file=sys.stderr)
        self.failed = True

    def all_records(self):
        """What is written, made when it is needed."""
        for cookie, file in self.files.items():
            yield record(LINE, cookie, body=os.fsencode(self.job))
            for batch in batches(file.lines()):
                # The job may have ended by itself.
                if not file.takes_more:
                    break
                yield strings(cookie, batch)
            if file.takes_more:
                yield record(END, cookie)

    # Writing

    def write(self):
        """Writes a record. False when there is none, or no room for it now."""
        if self.next is None:
            return False
        try:
            os.write(self.fd, self.next)
        except BlockingIOError:
            self.full += 1
            return False
        except OSError as error:
            self.refused(error)
        self.next = next(self.records, None)
        return True

    def refused(self, error):
        _, kind, _, cookie, _, _ = RECORD.unpack_from(self.next)
        if kind != LINE and error.errno in (errno.EPIPE, errno.ESRCH):
            # Its end is to be read, or was.
            self.files[cookie].takes_more = False
            return
        why = bytearray(REJECT.size)
        fcntl.ioctl(self.fd, IOC_REJECT, why)
        _, _, col, reason = REJECT.unpack(why)
        reason = reason.split(b'\0')[0].decode()
        sys.exit(f'wordcount.py: "{self.job}" is refused at column {col}: {reason}'
                 if col else f'wordcount.py: {self.files[cookie].path}: {reason}')

    # Reading

    def read(self):
        """Reads what there is. False when that is nothing."""
        try:
            data = os.read(self.fd, RECORD_MAX)
        except BlockingIOError:
            return False
        pos = 0
        while pos < len(data):
            size, kind, _, cookie, _, count = RECORD.unpack_from(data, pos)
            self.take(kind, self.files[cookie], count, data[pos + RECORD.size:pos + size])
            pos += size
        return bool(data)

    def take(self, kind, file, count, body):
        if kind == BYTES:
            file.count(self.strings_of(body, count))
        elif kind == NUMBERS:
            file.count(b'%d' % number for number in struct.unpack(f'={count}q', body))
        elif kind == ERRORS:
            for seq, err, stage, _ in ERROR.iter_unpack(body):
                self.complain(f'{file.path}: item {seq} of stage {stage}: {os.strerror(err)}')
        elif kind == DONE:
            self.take_end(file, *ENDED.unpack(body))
        # What a later module may say is no concern of this program.

    @staticmethod
    def strings_of(body, count):
        pos = 0
        for _ in range(count):
            length, _ = STRING.unpack_from(body, pos)
            pos += STRING.size
            yield body[pos:pos + length]
            pos += length + -length % 8

    def take_end(self, file, _items, _errors, _time_ns, status, err):
        file.takes_more, file.ended = False, True
        if STATUS[status] != 'ok':
            why = f': {os.strerror(err)}' if err else ''
            self.complain(f'{file.path}: the job ended as {STATUS[status]}{why}')

    # Both

    def run(self):
        poll = select.poll()
        while self.next is not None or not all(f.ended for f in self.files.values()):
            wanted = select.POLLIN if self.next is None else select.POLLIN | select.POLLOUT
            poll.register(self.fd, wanted)
            poll.poll()
            self.write()
            self.read()


def usage():
    print('usage: wordcount.py [-n MOST] [-s STAGES] FILE...', file=sys.stderr)
    sys.exit(2)


def main(arguments):
    most, stages = 10, 'lower | split " "'
    while arguments and arguments[0] in ('-n', '-s'):
        if len(arguments) < 2:
            usage()
        option, value, *arguments = arguments
        if option == '-s':
            stages = value
        elif value.isdecimal():
            most = int(value)
        else:
            usage()
    if not arguments or arguments[0].startswith('-'):
        usage()
    try:
        session = Session(stages, [File(path) for path in arguments])
        session.run()
    except OSError as error:
        path = error.filename or DEVICE
        missing = path == DEVICE and error.errno == errno.ENOENT
        hint = ' (is the module loaded?)' if missing else ''
        sys.exit(f'wordcount.py: {path}: {error.strerror}{hint}')
    except KeyboardInterrupt:
        sys.exit(130)
    for file in session.files.values():
        for word, count in file.most(most):
            sys.stdout.buffer.write(b'%s: %d %s\n' % (os.fsencode(file.path), count, word))
    print(f'found no room {session.full} times', file=sys.stderr)
    return 1 if session.failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
