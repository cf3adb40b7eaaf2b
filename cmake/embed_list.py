#!/usr/bin/env python3
"""embed_list.py OUTPUT NAME COUNT_NAME FILE: write a C file with the sorted lines of a text file as an array of texts."""
import sys


def main():
    output, name, count_name, path = sys.argv[1:]
    with open(path, encoding="ascii") as f:
        lines = sorted(line.strip() for line in f if line.strip() and not line.startswith("#"))
    with open(output, "w", encoding="ascii") as out:
        out.write("/* Generated: one text per line of a list. */\n#include <stddef.h>\n\n")
        out.write(f"extern const char *const {name}[];\nextern const size_t {count_name};\n")
        out.write(f"const char *const {name}[] = {{\n")
        out.writelines(f'    "{line}",\n' for line in lines)
        out.write(f"}};\nconst size_t {count_name} = {len(lines)};\n")


main()
