#!/usr/bin/env python3
"""record.py: run the demo in a terminal of its own and draw what it showed as docs/demo/demo.svg.

A small terminal emulator suffices: text, colours, carriage return, erase to the end of the line, cursor up.
"""
import html
import os
import pathlib
import pty
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
COLUMNS, CHAR_WIDTH, LINE_HEIGHT, MARGIN = 172, 7.8, 17, 16
COLOURS = {"31": "#f47067", "32": "#8ddb8c", "33": "#f0c674", "34": "#6cb6ff", "35": "#dcbdfb", "36": "#76c7c0"}
TOKEN = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|([\r\n\b])|([^\x1b\r\n\b]+)")


def run_demo():
    """The bytes that the demo writes to its terminal."""
    out = []

    def read(fd):
        data = os.read(fd, 65536)
        out.append(data)
        return data

    os.environ.update(COLUMNS=str(COLUMNS), LINES="50", TERM="xterm-256color")
    status = pty.spawn([str(HERE / "demo.sh")], read)
    if status != 0:
        sys.exit(f"the demo ended with status {status}")
    return b"".join(out).decode()


class Screen:
    """Rows of (character, style); a style is a tuple of SGR parameters in force."""

    def __init__(self):
        self.rows, self.x, self.style = [[]], 0, ()
        self.y = 0

    def put(self, text):
        row = self.rows[self.y]
        for char in text:
            row.extend([(" ", ())] * (self.x + 1 - len(row)))
            row[self.x] = (char, self.style)
            self.x += 1

    def control(self, char):
        if char == "\r":
            self.x = 0
        elif char == "\b":
            self.x = max(0, self.x - 1)
        else:
            self.y, self.x = self.y + 1, 0
            if self.y == len(self.rows):
                self.rows.append([])

    def escape(self, parameters, final):
        if final == "m":
            for p in (parameters or "0").split(";"):
                self.style = () if p in ("0", "") else self.style + (p,)
        elif final == "K":
            del self.rows[self.y][self.x:]
        elif final == "A":
            self.y = max(0, self.y - int(parameters or 1))

    def feed(self, text):
        for parameters, final, control, plain in TOKEN.findall(text):
            if final:
                self.escape(parameters, final)
            elif control:
                self.control(control)
            else:
                self.put(plain)


def spans_of(row):
    """Runs of one style."""
    start = 0
    for i in range(1, len(row) + 1):
        if i == len(row) or row[i][1] != row[start][1]:
            yield start, "".join(c for c, _ in row[start:i]), row[start][1]
            start = i


def style_of(style):
    colour = next((COLOURS[p] for p in reversed(style) if p in COLOURS), None)
    attributes = f' fill="{colour}"' if colour else ""
    if "1" in style:
        attributes += ' font-weight="bold"'
    if "2" in style:
        attributes += ' opacity="0.6"'
    return attributes


def draw(rows):
    width = MARGIN * 2 + COLUMNS * CHAR_WIDTH
    height = MARGIN * 2 + 24 + len(rows) * LINE_HEIGHT
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" font-size="13" '
           'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" fill="#cdd9e5">')
    yield f'<rect width="{width:.0f}" height="{height}" rx="8" fill="#1c2128"/>'
    for i, colour in enumerate(("#f47067", "#f0c674", "#8ddb8c")):
        yield f'<circle cx="{MARGIN + 6 + i * 20}" cy="{MARGIN + 4}" r="6" fill="{colour}"/>'
    for y, row in enumerate(rows):
        for x, text, style in spans_of(row):
            if text.strip():
                yield (f'<text x="{MARGIN + x * CHAR_WIDTH:.1f}" y="{MARGIN + 36 + y * LINE_HEIGHT}" '
                       f'textLength="{len(text) * CHAR_WIDTH:.1f}" xml:space="preserve"{style_of(style)}>'
                       f'{html.escape(text)}</text>')
    yield "</svg>"


def main():
    screen = Screen()
    screen.feed(run_demo())
    rows = screen.rows
    while rows and not any(c.strip() for c, _ in rows[-1]):
        rows.pop()
    while rows and not any(c.strip() for c, _ in rows[0]):
        rows.pop(0)
    (HERE / "demo.svg").write_text("\n".join(draw(rows)) + "\n", encoding="utf-8")


main()
