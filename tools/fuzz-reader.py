#!/usr/bin/env python3
"""Feeds damaged models to surgeon until the time is up.

    python3 tools/fuzz-reader.py [SECONDS] [SEED]

Whatever the bytes, `surgeon show` must end by itself with status 0 or 2 and one message. What breaks
that rule is kept in fuzz-failures/. The mutations know protobuf: they flip bits, change lengths, cut,
repeat and swap whole fields of the exotic fixture and of other small models.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SURGEON = Path(os.environ.get("SURGEON", ROOT / ".build/release/surgeon"))
# The crash handler of Swift would print a trace of a minute's length.
ENVIRONMENT = {**os.environ, "SWIFT_BACKTRACE": "enable=no"}


def varint(data, position):
    value = shift = 0
    while position < len(data) and shift < 70:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
    raise ValueError


def encoded(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def fields(data):
    """The fields of a message as (tag, payload) with payload None for a number; None if it is none."""
    result, position = [], 0
    try:
        while position < len(data):
            start = position
            tag, position = varint(data, position)
            if tag & 7 == 2:
                size, position = varint(data, position)
                if size > len(data) - position:
                    return None
                result.append((tag, data[position : position + size]))
                position += size
                continue
            if tag & 7 == 0:
                _, position = varint(data, position)
            elif tag & 7 in (1, 5):
                position += 8 if tag & 7 == 1 else 4
            else:
                return None
            if position > len(data):
                return None
            result.append((None, data[start:position]))
    except ValueError:
        return None
    return result


def joined(parts):
    return b"".join(p if t is None else encoded(t) + encoded(len(p)) + p for t, p in parts)


def mutate(data, rng, depth=0):
    parts = fields(data)
    nested = [i for i, (tag, p) in enumerate(parts or []) if tag is not None and p]
    if nested and rng.random() < 0.85 and depth < 12:
        index = rng.choice(nested)
        tag, payload = parts[index]
        parts[index] = (tag, mutate(payload, rng, depth + 1))
        return joined(parts)
    kind = rng.randrange(8)
    if parts and kind < 3:
        index = rng.randrange(len(parts))
        if kind == 0:
            del parts[index]
        elif kind == 1:
            parts[index:index] = [parts[index]] * rng.choice([1, 2, 50])
        else:
            other = rng.randrange(len(parts))
            parts[index], parts[other] = parts[other], parts[index]
        return joined(parts)
    if parts and kind == 3:
        tag, payload = rng.choice(parts)
        size = rng.choice([0, len(payload) + 1, 2**31, 2**32, 2**63, 2**64 - 1])
        return joined(parts) + encoded(tag or 10) + encoded(size) + payload
    if not data:
        return rng.randbytes(rng.randrange(1, 9))
    if kind == 4:
        return data[: rng.randrange(len(data))]
    if kind == 5:
        position = rng.randrange(len(data))
        return data[:position] + rng.randbytes(rng.randrange(1, 9)) + data[position:]
    damaged = bytearray(data)
    for _ in range(rng.choice([1, 1, 4])):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    rng = random.Random(seed)
    seeds = [path.read_bytes() for path in sorted((ROOT / "fixtures").rglob("*.onnx"))]
    seeds = [data for data in seeds if len(data) < 100_000]
    failures, runs, accepted = 0, 0, 0
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzzed.onnx"
        while time.monotonic() < end:
            data = rng.choice(seeds)
            for _ in range(rng.choice([1, 1, 2, 5])):
                data = mutate(data, rng)
            path.write_bytes(data)
            try:
                done = subprocess.run(
                    [SURGEON, "show", path], capture_output=True, timeout=20, env=ENVIRONMENT
                )
                code, message = done.returncode, done.stderr
            except subprocess.TimeoutExpired:
                code, message = "no end after 20 s", b""
            runs += 1
            accepted += code == 0
            if code not in (0, 2) or code == 2 and not message.startswith(b"error: "):
                failures += 1
                kept = Path("fuzz-failures") / f"{seed}-{runs}.onnx"
                kept.parent.mkdir(exist_ok=True)
                kept.write_bytes(data)
                print(f"{kept}: {code}\n{message.decode(errors='replace')[:500]}")
    print(f"{runs} damaged models, {accepted} of them readable, {failures} failures (seed {seed})")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
