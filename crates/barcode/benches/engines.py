"""The table of docs/decoding.md: this decoder and the engines it is measured by, in one run.

QR only. Needs, for development only:
    apt-get install libzbar0
    pip install numpy pillow pyzbar zxing-cpp
    cargo build --release -p yanma-cli && cargo build --release -p yanma-barcode --example engines

    python3 crates/barcode/benches/engines.py [--target target/release] FOLDER...

A folder holds pictures with a .txt of the same name beside each; an empty one where there is no
code. Times are of reading alone, not of opening the file. Milliseconds; "no code" is of 1280x720.
"""

import argparse, ast, collections, json, pathlib, re, statistics, subprocess, time

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


def zxing(image):
    found = zxingcpp.read_barcodes(
        image, formats=zxingcpp.BarcodeFormat.QRCode, text_mode=zxingcpp.TextMode.Plain)
    return [one.text for one in found]


def zbar(image):
    found = pyzbar.decode(Image.fromarray(image), symbols=[pyzbar.ZBarSymbol.QRCODE])
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


def ours(target, folder, budget):
    command = [f"{target}/yanma", "bench-decode", "--json", "--repeat", "3", folder]
    command += ["--budget-ms", str(budget)] if budget else []
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        one = json.loads(line)
        yield str(pathlib.Path(folder) / one["picture"]), one["read"], one["false_readings"], one["ms"]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--target", default="target/release")
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
                    read = engine(image)
                    best = min(best, (time.perf_counter() - begun) * 1000)
                results[name].append((path, *judge(text, read), best))
        lines = subprocess.run(
            [f"{arguments.target}/examples/engines", folder], check=True, capture_output=True, text=True)
        for line in lines.stdout.splitlines():
            name, path, ms, *read = line.split("\t")
            read = [unquote(one) for one in read if one]
            results[name].append((path, *judge(texts[path], read), float(ms)))
        union = {path for rows in results.values() for path, good, *_ in rows if good}
        for name, budget in (("Yanma, 100 ms", 100), ("Yanma, no limit", None)):
            results[name] = list(ours(arguments.target, folder, budget))
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
        first, ours_live = ({path: (ms, good) for path, good, _, ms in results[name]}
                            for name in ("zxing-cpp 3.1", "Yanma, 100 ms"))
        both = [path for path in texts if first[path][1] and ours_live[path][1]]
        of = lambda times: statistics.median(times[path][0] for path in both)
        print(f"\nThe {len(both)} that zxing-cpp and Yanma (100 ms) both read: medians {of(first):.2f} and {of(ours_live):.2f} ms")


main()
