#!/usr/bin/env python3
"""Draws the shapes that zones in pictures are compared with, and pages to try it on.

    pictures.py                    the shapes, and the pages of the test
    pictures.py OCRBL FOLDER       the pages alone, in another cut, such as the light one

Needs Pillow and Debian's fonts-ocr-b: OCR-B of Matthew Skala (public domain) after Norbert
Schwarz ("you may freely use, modify and/or distribute"). The people are the synthetic ones
of zones.json.
"""

import json
import pathlib
import random
import sys

from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = pathlib.Path(__file__).parent
CUT, FOLDER = (sys.argv[1], pathlib.Path(sys.argv[2])) if sys.argv[1:] else ("OCRB", HERE / "pictures")
FONT = f"/usr/share/fonts/opentype/ocr-b/{CUT}.otf"
SHAPES = HERE.parents[2] / "crates" / "barcode" / "src" / "mrz" / "ocr-b.pgm"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
ADVANCE = 0.723  # of an em, for every letter
TIMES = 16  # drawn so much larger, then averaged


def shapes():
    wide, high, foot = 16, 22, 19
    font = ImageFont.truetype(FONT, round(wide * TIMES / ADVANCE))
    all_shapes = Image.new("L", (wide * len(LETTERS), high), 0)
    for at, letter in enumerate(LETTERS):
        cell = Image.new("L", (wide * TIMES, high * TIMES), 0)
        ImageDraw.Draw(cell).text((0, foot * TIMES), letter, font=font, fill=255, anchor="ls")
        # A camera never sees sharper than this.
        cell = cell.filter(ImageFilter.GaussianBlur(0.5 * TIMES))
        all_shapes.paste(cell.resize((wide, high), Image.BOX), (wide * at, 0))
    header = f"P5\n{all_shapes.width} {all_shapes.height}\n255\n".encode()
    SHAPES.write_bytes(header + all_shapes.tobytes())


def page(name, lines, pitch, size=(1280, 720)):
    random.seed(name)
    picture = Image.new("L", size, 120)
    draw = ImageDraw.Draw(picture)
    wide = pitch * (max(map(len, lines)) + 5)
    high = wide * 88 / 125 if len(lines[0]) == 44 else wide * 54 / 85.6
    high = min(high, size[1] - 20)
    left, top = (size[0] - wide) / 2, (size[1] - high) / 2
    draw.rectangle((left, top, left + wide, top + high), fill=225)
    for _ in range(120):
        x, y = random.uniform(left, left + wide), random.uniform(top, top + high)
        draw.arc((x - 60, y - 20, x + 60, y + 20), 0, random.randint(90, 360), fill=random.randint(195, 215))
    draw.rectangle((left + wide * 0.04, top + high * 0.12, left + wide * 0.28, top + high * 0.62), fill=110)
    words = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", int(pitch * 1.1))
    for row, word in enumerate(["PASSPORT  UTO  L898902C3", "ERIKSSON", "ANNA MARIA", "UTOPIAN   12 AUG 74", "F   ZENITH"]):
        draw.text((left + wide * 0.33, top + high * (0.08 + 0.1 * row)), word, font=words, fill=40)
    font = ImageFont.truetype(FONT, pitch / ADVANCE)
    foot = top + high - pitch * (1.8 + 1.67 * (len(lines) - 1))
    for row, line in enumerate(lines):
        for at, letter in enumerate(line):
            draw.text((left + pitch * (2.5 + at), foot + row * pitch * 1.67), letter, font=font, fill=30, anchor="ls")
    FOLDER.mkdir(exist_ok=True)
    picture.save(FOLDER / f"{name}.png", optimize=True)


if not sys.argv[1:]:
    shapes()
rows = {row["name"]: row["lines"] for row in json.loads((HERE / "zones.json").read_text(encoding="utf-8"))["zones"]}
page("td3-specimen", rows["td3-specimen"], 23.5)
page("china-two-characters", rows["china-two-characters"], 16.5)
page("td1-specimen", rows["td1-specimen"], 24)
page("td2-specimen", rows["td2-specimen"], 24)
page("cr-specimen", rows["cr-specimen"], 22)
page("cs-specimen", rows["cs-specimen"], 24)
