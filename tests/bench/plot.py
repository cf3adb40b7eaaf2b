"""./dev bench plot: docs/benchmarks.json, the figures of record, as docs/benchmarks.svg.

The record is a list of what `--json` has printed; of several measurements of a row the last one counts. Each row is a line
whose length is the share of what its bar allows (of a bar that is to be reached, the bar's share of the figure), so all that
ends left of the upright line meets it. A tick shows where the ideal would end.
"""
import json
import re
from xml.sax.saxutils import escape

from tests.bench.common import ROOT

RECORD, DRAWING = ROOT / "docs/benchmarks.json", ROOT / "docs/benchmarks.svg"
LIMIT = re.compile(r"(<=|>=) ([0-9.]+)")
WIDTH, TOP, LINE, LEFT, UNIT, SHARE_MAX = 860, 64, 34, 190, 300, 1.5
MET, MISSED, INK, FAINT = "#2f7d4f", "#b3452c", "#222222", "#777777"


def share_of(row, value):
    """1: just what the bar asks for; below: better."""
    sign, limit = LIMIT.match(row["bar"]).groups()
    return value / float(limit) if sign == "<=" else float(limit) / value


def text(x, y, words, size=13, colour=INK, anchor="start"):
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">{escape(words)}</text>'


def rectangle(x, y, width, height, colour):
    return f'<rect x="{x:g}" y="{y:g}" width="{width:.1f}" height="{height:g}" fill="{colour}"/>'


def draw_row(row, y):
    share = share_of(row, row["figure"])
    length = UNIT * min(share, SHARE_MAX)
    yield text(LEFT - 12, y + 13, row["name"], anchor="end")
    yield rectangle(LEFT, y, length, 18, MET if share <= 1 else MISSED)
    if share > SHARE_MAX:
        yield text(LEFT + length + 4, y + 14, "…", colour=MISSED)
    if "ideal" in row and row["ideal"] > 0:
        yield rectangle(LEFT + UNIT * min(share_of(row, row["ideal"]), SHARE_MAX) - 1.5, y - 3, 3, 24, INK)
    space = "" if row["unit"].startswith("/") else " "
    yield text(LEFT + UNIT * SHARE_MAX + 24, y + 13, f"{row['figure']:.4g}{space}{row['unit']}")
    yield text(WIDTH - 12, y + 13, f"load {row['load']:.1f}", 11, FAINT, "end")


def draw(rows, about):
    height = TOP + LINE * len(rows) + 30
    line = LEFT + UNIT
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
           'font-family="Helvetica, Arial, sans-serif">')
    yield rectangle(0, 0, WIDTH, height, "#ffffff")
    yield text(LEFT, 22, "Figures as shares of their bars: shorter is better", 15)
    yield text(line, 44, "the bar", 12, FAINT, "middle")
    for number, row in enumerate(rows):
        yield from draw_row(row, TOP + LINE * number)
    yield rectangle(line - 0.75, 50, 1.5, height - 80, FAINT)
    yield text(LEFT, height - 10, f"upright tick: the ideal. {about['processor']}, {about['cores']} cores, Linux "
                                  f"{about['kernel']}, {about['date']}", 11, FAINT)
    yield "</svg>"


def rows_of(record):
    """The last measurement of each row that has a bar in numbers, in the order of the record."""
    rows = {}
    for measured in record:
        for row in measured["results"]:
            if LIMIT.match(row["bar"]):
                rows[row["name"]] = row | {"load": measured["machine"]["load"]}
    return list(rows.values())


def draw_record(record=RECORD, drawing=DRAWING):
    measured = json.loads(record.read_text(encoding="utf-8"))
    drawing.write_text("\n".join(draw(rows_of(measured), measured[-1]["machine"])) + "\n", encoding="utf-8")
    print(drawing)
