#!/usr/bin/env python3
"""faulty: hosts that are no good, for tests of what connects to them.

    faulty.py KIND=ADDRESS:PORT ...

prints `ready` once all of them listen, and serves until it is ended by a signal. KIND is one of

    deaf      drops who wants to connect: its queue is full
    silent    accepts, and never speaks
    banner    sends the banner of an ssh server, and then nothing
    drip      sends a banner that never ends, a byte every 2.5 seconds: ssh waits for ever when one
              comes right as its time is over, so that a time-out should not be near a multiple of it
    close     closes at once
    reset     resets at once
    parting   sends the banner and closes
    http      is a web server
"""

import asyncio
import socket
import struct
import sys

BANNER = b"SSH-2.0-Faulty_1.0\r\n"
HTTP = b"HTTP/1.1 400 Bad Request\r\nServer: faulty\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


async def silent(reader, _writer):
    """Reads, so that it learns when the other side goes."""
    while await reader.read(65536):
        pass


async def banner(reader, writer):
    writer.write(BANNER)
    await silent(reader, writer)


async def drip(_reader, writer):
    letters = b"SSH-2.0-" + b"x" * 100000
    for letter in letters:
        writer.write(bytes([letter]))
        await writer.drain()
        await asyncio.sleep(2.5)


async def close(reader, writer):
    """Reads what has come, for what is closed with bytes unread is reset."""
    writer.write_eof()
    await silent(reader, writer)


async def reset(_reader, writer):
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def parting(reader, writer):
    writer.write(BANNER)
    await close(reader, writer)


async def http(reader, writer):
    await reader.readline()
    writer.write(HTTP)
    await writer.drain()


KINDS = {f.__name__: f for f in (silent, banner, drip, close, reset, parting, http)}


def serve(kind):
    """What asyncio calls for each connection: the kind, and the end of it."""

    async def connection(reader, writer):
        try:
            await KINDS[kind](reader, writer)
        except OSError:
            pass  # the other side has gone
        finally:
            writer.close()

    return connection


def deaf(address, port):
    """A listener whose queue is full of connections of our own; what is returned keeps it so."""
    listener = socket.create_server((address, port), backlog=0)
    queued = []
    for _ in range(4):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex((address, port))
        queued.append(s)
    return listener, queued


async def main(arguments):
    kept = []
    for argument in arguments:
        kind, place = argument.split("=")
        address, port = place.rsplit(":", 1)
        if kind == "deaf":
            kept.append(deaf(address, int(port)))
        else:
            kept.append(await asyncio.start_server(serve(kind), address, int(port), backlog=512))
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
