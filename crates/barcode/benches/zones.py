#!/usr/bin/env python3
"""How Tesseract reads the pictures of zones that the matcher is tried on.

    mkdir /tmp/zones
    YANMA_ZONE_KEPT=/tmp/zones cargo nextest run -p yanma-barcode spoilt_pages
    python crates/barcode/benches/zones.py /tmp/zones

Needs Debian's tesseract-ocr and tesseract-ocr-eng. Each picture is given whole, as the matcher
gets it, and cut to its zone, which the matcher is not; only the letters of a zone are allowed.
A picture counts as read when its lines are there, in their order, exactly.
"""

import pathlib
import subprocess
import sys
import time

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"


def read(picture, *options):
    command = ["tesseract", picture, "-", "-l", "eng", *options, "-c", f"tessedit_char_whitelist={LETTERS}"]
    begun = time.monotonic()
    said = subprocess.run(command, capture_output=True, text=True, env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin"})
    lines = [line.replace(" ", "") for line in said.stdout.splitlines()]
    return [line for line in lines if line], time.monotonic() - begun


def there(lines, wanted):
    return any(lines[at : at + len(wanted)] == wanted for at in range(len(lines)))


def main():
    folder = pathlib.Path(sys.argv[1])
    pictures = sorted(folder.glob("*.pgm"))
    lower = folder / "lower.pgm"
    for name, whole, mode in [("whole", True, "11"), ("whole", True, "6"), ("lower half", False, "6")]:
        count, spent = 0, 0.0
        for picture in pictures:
            source = picture
            if not whole:
                width, height = 1280, 720
                grey = picture.read_bytes()[-width * height :]
                lower.write_bytes(b"P5\n1280 360\n255\n" + grey[width * 360 :])
                source = lower
            lines, took = read(source, "--psm", mode)
            spent += took
            count += there(lines, picture.with_suffix(".txt").read_text().split("\n"))
        print(f"{name}, --psm {mode}: {count} of {len(pictures)} in {1000 * spent / len(pictures):.0f} ms each")


main()
