#!/usr/bin/env python3
"""Makes the first inputs of `picture` and `grey`. Needs numpy, pillow and zxing-cpp (PyPI)."""

import io
import pathlib

import numpy
import zxingcpp
from PIL import Image

HERE = pathlib.Path(__file__).parent
BARS = ("code-128", "code-39", "itf", "ean-13")
BARCODE = zxingcpp.BarcodeFormat
SYMBOLS = [
    ("qr", BARCODE.QRCode, "HTTPS://YM.TEST/0123456789"),
    ("micro-qr", BARCODE.MicroQRCode, "12345"),
    ("aztec", BARCODE.Aztec, "M1DOE/JOHN"),
    ("data-matrix", BARCODE.DataMatrix, "YANMA 12"),
    ("pdf417", BARCODE.PDF417, "AB"),
    ("code-128", BARCODE.Code128, "YM0123"),
    ("code-39", BARCODE.Code39, "YM01"),
    ("itf", BARCODE.ITF, "12345670"),
    ("ean-13", BARCODE.EAN13, "4006381333931"),
]
DESK = ("qr", "aztec", "data-matrix", "pdf417", "code-128")


def put(target, name, data):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed-{name}").write_bytes(data)


def modules(text, kind, bars):
    image = numpy.array(zxingcpp.create_barcode(text, kind).to_image(scale=1, add_quiet_zones=False))
    dark = (image if image.ndim == 2 else image[..., 0]) < 128
    return numpy.repeat(dark[:1], 12, axis=0) if bars else dark


def file(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


# How a picture is packed: `fuzz/bodies/picture.rs`.
for name, kind, text in SYMBOLS:
    dark = modules(text, kind, name in BARS)
    bits = numpy.packbits(dark.flatten()).tobytes()
    width, kinds = dark.shape[1] - 1, 1 if name in DESK else 0
    size = 1 if name == "pdf417" else 2
    put("grey", name, bytes([1 | size << 1, kinds, width]) + bits)
    if name == "qr":
        put("grey", "qr-inverted", bytes([1 | size << 1 | 8, kinds, width]) + bits)
random = numpy.random.default_rng(1)
put("grey", "noise", bytes([0, 0, 63]) + random.integers(0, 256, 64 * 48, dtype=numpy.uint8).tobytes())
put("grey", "one", bytes([0, 0, 0, 128]))

small = Image.fromarray(random.integers(0, 256, (12, 17, 3), dtype=numpy.uint8))
deep = Image.fromarray(random.integers(0, 65536, (9, 9), dtype=numpy.uint16))
for name, image, kind, options in [
    ("rgb.png", small, "PNG", {}),
    ("grey.png", small.convert("L"), "PNG", {}),
    ("palette.png", small.convert("P"), "PNG", {}),
    ("alpha.png", small.convert("RGBA"), "PNG", {}),
    ("bits.png", small.convert("1"), "PNG", {}),
    ("16.png", deep, "PNG", {}),
    ("rgb.jpg", small, "JPEG", {}),
    ("grey.jpg", small.convert("L"), "JPEG", {}),
    ("progressive.jpg", small, "JPEG", {"progressive": True}),
    ("cmyk.jpg", small.convert("CMYK"), "JPEG", {}),
    ("animated.png", small, "PNG", {"save_all": True, "append_images": [small.rotate(180)]}),
    ("gif", small, "GIF", {}),
]:
    put("picture", name, file(image, kind, **options))
