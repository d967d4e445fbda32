"""The table of docs/decoding.md: this decoder and the engines it is measured by, in one run.

Needs, for development only:
    apt-get install libzbar0
    pip install numpy pillow pyzbar zxing-cpp
    cargo build --release -p yanma-barcode --example engines

    chrt -f 50 python3 crates/barcode/benches/engines.py [--target target/release] [--kind qr] FOLDER...

A folder holds pictures with a .txt of the same name beside each; an empty one where there is no
code. Times are of reading alone, not of opening the file. Milliseconds; "no code" is of 1280x720.
"""

import argparse, ast, collections, pathlib, re, statistics, subprocess, time

import numpy
import zxingcpp
from PIL import Image
from pyzbar import pyzbar


def pictures(folder):
    for text in sorted(pathlib.Path(folder).glob("*.txt")):
        for ending in (".png", ".jpg", ".jpeg"):
            if (path := text.with_suffix(ending)).exists():
                yield path, text.read_bytes().decode("utf-8", "replace").rstrip("\r\n")


def grey(path):
    image = Image.open(path)
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, (255,) * 4), image)
    return numpy.ascontiguousarray(numpy.array(image.convert("L")))


KINDS = {
    "qr": (zxingcpp.BarcodeFormat.QRCode, pyzbar.ZBarSymbol.QRCODE),
    "aztec": (zxingcpp.BarcodeFormat.Aztec, None),
    "pdf417": (zxingcpp.BarcodeFormat.PDF417, pyzbar.ZBarSymbol.PDF417),
    "data-matrix": (zxingcpp.BarcodeFormat.DataMatrix, None),
    "code-128": (zxingcpp.BarcodeFormat.Code128, pyzbar.ZBarSymbol.CODE128),
}


def zxing(image, kind):
    found = zxingcpp.read_barcodes(
        image, formats=KINDS[kind][0], text_mode=zxingcpp.TextMode.Plain)
    return [one.text for one in found]


def zbar(image, kind):
    symbol = KINDS[kind][1]
    found = pyzbar.decode(Image.fromarray(image), symbols=[symbol]) if symbol else []
    return [one.data.decode("utf-8", "replace") for one in found]


def judge(text, read):
    read = [one.rstrip("\r\n") for one in read]
    lines = text.splitlines()
    good = bool(text) and (text in read or all(line in read for line in lines))
    return good, sum(one != text and one not in lines for one in read)


def unquote(quoted):
    """A Rust string as Debug prints it."""
    quoted = re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: "\\U%08x" % int(m[1], 16), quoted)
    return ast.literal_eval(quoted.replace("\\0", "\\x00"))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--target", default="target/release")
    arguments.add_argument("--kind", default="qr", choices=KINDS)
    arguments.add_argument("--list", action="store_true", help="what is not read alike, by name")
    arguments.add_argument("folders", nargs="+")
    arguments = arguments.parse_args()
    for folder in arguments.folders:
        texts = {str(path): text for path, text in pictures(folder)}
        sizes = {path: Image.open(path).size for path in texts}
        results = collections.defaultdict(list)
        for path, text in texts.items():
            image = grey(path)
            for name, engine in (("zxing-cpp 3.1", zxing), ("ZBar", zbar)):
                best = float("inf")
                for _ in range(3):
                    begun = time.perf_counter()
                    read = engine(image, arguments.kind)
                    best = min(best, (time.perf_counter() - begun) * 1000)
                results[name].append((path, *judge(text, read), best))
        lines = subprocess.run(
            [f"{arguments.target}/examples/engines", arguments.kind, folder], check=True, capture_output=True, text=True)
        for line in lines.stdout.splitlines():
            name, path, ms, _looks, *read = line.split("\t")
            read = [unquote(one) for one in read if one]
            results[name].append((path, *judge(texts[path], read), float(ms)))
        union = {path for name, rows in results.items() if not name.startswith("Yanma")
                 for path, good, *_ in rows if good}
        total = sum(bool(text) for text in texts.values())
        print(f"\n{pathlib.Path(folder).name}: {total} with a code, {len(texts) - total} without\n")
        print("| engine | read | false | median of the read | mean | p95 | no code: median / p95 |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for name, rows in results.items():
            read = [ms for _, good, _, ms in rows if good] or [0]
            coded = sorted(ms for path, _, _, ms in rows if texts[path]) or [0]
            empty = sorted(ms for path, _, _, ms in rows if not texts[path] and sizes[path] == (1280, 720))
            no_code = f"{statistics.median(empty):.1f} / {empty[int(len(empty) * 0.95)]:.1f}" if empty else "–"
            print(f"| {name} | {sum(good for _, good, *_ in rows)} | {sum(row[2] for row in rows)} "
                  f"| {statistics.median(read):.1f} | {statistics.mean(coded):.1f} "
                  f"| {coded[int(len(coded) * 0.95)]:.1f} | {no_code} |")
        print(f"| union of the others | {len(union)} | | | | | |")
        if arguments.list:
            for name in ("Yanma, 100 ms", "Yanma, no limit"):
                read = {path for path, good, *_ in results[name] if good}
                missed = sorted(pathlib.Path(path).stem for path in texts if texts[path] and path not in read)
                print(f"\n{name}: not read: {' '.join(missed)}")
                print("read by another:", " ".join(sorted(pathlib.Path(path).stem for path in union - read)))
                print("false:", " ".join(pathlib.Path(path).stem for path, _, wrong, _ in results[name] if wrong))
        first, ours_live = ({path: (ms, good) for path, good, _, ms in results[name]}
                            for name in ("zxing-cpp 3.1", "Yanma, 100 ms"))
        both = [path for path in texts if first[path][1] and ours_live[path][1]]
        if not both:
            continue
        of = lambda times: statistics.median(times[path][0] for path in both)
        print(f"\nThe {len(both)} that zxing-cpp and Yanma (100 ms) both read: medians {of(first):.2f} and {of(ours_live):.2f} ms")


main()
