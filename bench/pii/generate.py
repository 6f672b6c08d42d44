#!/usr/bin/env python3
"""generate.py [--seed N] [--rows N] [--set first|second|both] [--list] > corpus.jsonl

Labelled log lines for `score.py`: what must go (`pii`: value as it stands in the line, and raw) and what must stay
(`keep`). Written to show that an engine fits the examples it was built on: other keys, languages, frameworks and
encodings than anybody's sample. Standard library only; the same seed gives the same lines.
"""
import argparse
import json
import random
import re
import sys
import urllib.parse as up
from xml.sax.saxutils import escape as xml_escape

import more_templates
import templates
from values import Values

MARK = re.compile(r"Zq([SN])(\d{4})qZ")


def js(s):
    return json.dumps(s, ensure_ascii=False)[1:-1]


def ja(s):
    return json.dumps(s)[1:-1]


ENCODERS = {
    "plain": lambda s: s,
    "json": js,
    "jsona": ja,
    "json2": lambda s: js(js(s)),
    "json2a": lambda s: js(ja(s)),
    "json3": lambda s: js(js(js(s))),
    "url": lambda s: up.quote(s, safe=""),
    "url2": lambda s: up.quote(up.quote(s, safe=""), safe=""),
    "plus": up.quote_plus,
    "lower": lambda s: re.sub(r"%[0-9A-F]{2}", lambda m: m.group(0).lower(), up.quote(s, safe="")),
    "xml": lambda s: xml_escape(s, {'"': "&quot;"}),
    "xmlnum": lambda s: "".join(ch if ch.isascii() and ch not in "<>&\"'@" else f"&#{ord(ch)};" for ch in s),
    "xmlhex": lambda s: "".join(ch if ch.isascii() and ch not in "<>&\"'" else f"&#x{ord(ch):X};" for ch in s),
    "sql": lambda s: s.replace("'", "''"),
    "repr": lambda s: s.replace("\\", "\\\\").replace("'", "\\'"),
    "ruby": lambda s: s.replace("\\", "\\\\").replace('"', '\\"'),
    "hexesc": lambda s: "".join(ch if ch.isascii() else "".join(f"\\x{b:02x}" for b in ch.encode()) for ch in s),
    "hexescu": lambda s: "".join(ch if ch.isascii() and ch != '"' else "".join(f"\\x{b:02X}" for b in ch.encode()) for ch in s),
    "oct": lambda s: "".join(ch if ch.isascii() else "".join(f"\\{b:03o}" for b in ch.encode()) for ch in s),
    "csv": lambda s: s.replace('"', '""'),
    "urljson": lambda s: up.quote(js(s), safe=""),
    "jsonurl": lambda s: js(up.quote(s, safe="")),
    "qp": lambda s: "".join(chr(b) if 33 <= b < 127 and b != 61 or b == 32 else f"={b:02X}" for b in s.encode()),
}


class Line(Values):
    """A line in the making: `p` notes what must go, `k` what must stay."""

    def __init__(self, rng):
        super().__init__(rng)
        self.pii, self.keeps = [], []

    def p(self, kind, value, number=False):
        self.pii.append((kind, value))
        return f"Zq{'N' if number else 'S'}{len(self.pii) - 1:04d}qZ"

    def k(self, text):
        self.keeps.append(str(text))
        return str(text)

    def person(self):
        """Somebody else from the same place."""
        return Values(self.r, self.locale)

    def blob(self, text, encode):
        """Encodes a text with marks as a whole; all that is in it is one token."""
        raw = MARK.sub(lambda m: js(self.pii[int(m.group(2))][1]), re.sub(r'"(ZqN\d{4}qZ)"', r"\1", text))
        token = encode(raw)
        self.inside = [(kind, token, value, "blob") for kind, value in self.pii]
        self.pii = [("__blob__", token)]
        return "ZqS0000qZ"

    inside = None


def render(name, kind, build, rng, index):
    line = Line(rng)
    text, encoder = build(line)
    encode = ENCODERS[encoder]
    text = re.sub(r'\\*"(ZqN\d{4}qZ)\\*"', r"\1", text)
    pii = []

    def put(match):
        sort, value = line.pii[int(match.group(2))]
        if sort == "__blob__":
            pii.extend({"type": t, "value": encode(v), "raw": r, "enc": e} for t, v, r, e in line.inside)
            return encode(value)
        pii.append({"type": sort, "value": encode(value), "raw": value})
        return encode(value)

    text = MARK.sub(put, text).replace("\n", "\\n")
    return {"id": f"gen-{index:05d}", "kind": kind, "tpl": name, "input": text, "pii": pii, "keep": [k for k in line.keeps if k and k in text]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--set", choices=["first", "second", "both"], default="both", help="which templates; see README.md")
    parser.add_argument("--list", action="store_true", help="print the templates' names and end")
    options = parser.parse_args()
    chosen = {"first": templates.ALL, "second": more_templates.ALL, "both": templates.ALL + more_templates.ALL}[options.set]
    if options.list:
        print("\n".join(f"{kind}\t{name}" for name, kind, _ in chosen))
        return
    rng = random.Random(options.seed)
    for index in range(options.rows):
        name, kind, build = chosen[index % len(chosen)]
        row = render(name, kind, build, rng, index)
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
