#!/usr/bin/env python3
"""embed_text.py OUTPUT NAME=FILE ... : write a C file with one string constant per text file.

JSON is embedded compact (IAM counts a document's characters), every other text as it is.
"""
import json
import sys



def literal(text):
    out = []
    for start in range(0, len(text), 100):
        piece = text[start:start + 100]
        escaped = "".join(
            {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}.get(c, c) if ord(c) >= 0x20 or c in "\n\t"
            else "\\%03o" % ord(c) for c in piece)
        out.append('    "%s"' % escaped)
    return "\n".join(out) or '    ""'


def main():
    output, pairs = sys.argv[1], [arg.split("=", 1) for arg in sys.argv[2:]]
    with open(output, "w", encoding="utf-8") as out:
        out.write("/* Generated from text files: see the build's embed_text. */\n")
        for name, path in pairs:
            with open(path, encoding="utf-8") as f:
                text = f.read()
            if path.endswith(".json"):
                text = json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
            out.write("extern const char %s[];\nconst char %s[] =\n%s;\n" % (name, name, literal(text)))


main()
