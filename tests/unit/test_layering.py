#!/usr/bin/env python3
"""The house's two rules, held against every #include: dependencies point one way, and each foreign library has one fence.

Runs by itself (python3 tests/unit/test_layering.py) and under ctest.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)

# room -> rooms that it may include, besides itself
MAY_SEE = {
    "include": set(),
    "core/base": {"include"},
    "core/contract": {"include", "core/base"},
    "core/config": {"include", "core/base", "core/contract"},
    "core/guard": {"include", "core/base", "core/contract"},
    "core/http": {"include", "core/base", "core/contract"},
    "core/httpd": {"include", "core/base", "core/contract"},
    "core/kafka": {"include", "core/base", "core/contract"},
    "core/aws": {"include", "core/base", "core/contract", "core/http"},
    "core/kube": {"include", "core/base", "core/contract", "core/http", "core/aws"},
    "core/provision": {"include", "core/base", "core/contract", "core/http", "core/aws", "core/kube"},
    "worker/engine": {"include", "core/base", "core/contract", "core/kafka"},
    "worker": {"include", "core/base", "core/contract", "core/config", "core/guard", "core/http", "core/httpd", "core/kafka",
               "core/aws", "core/kube", "core/provision", "worker/engine"},
    "producer": {"include", "core/base", "core/contract", "core/config", "core/kafka", "core/guard"},
    "sandbox": {"include", "core/base", "core/contract", "core/httpd"},
    "lib": {"include", "core/base", "core/contract", "core/kafka"},
}

# single headers that a room may include although the rest of their room is closed to it
MAY_SEE_FILE = {
    "sandbox": {"core/kafka/mock.h", "core/aws/sigv4.h"},
}

# libirsa is base, contract and the producer of kafka
NARROWED = {("lib", "core/kafka"): {"core/kafka/producer.h", "core/kafka/settings.h"}}

# foreign header -> the one room that may include it
FENCES = {
    r"openssl/": "core/base",
    r"cjson/": "core/base",
    r"yaml\.h$": "core/config",
    r"curl/": "core/http",
    r"microhttpd\.h$": "core/httpd",
    r"librdkafka/": "core/kafka",
    r"expat\.h$": "core/aws",
}


def room_of(path):
    """The longest room whose folder holds the path."""
    parts = pathlib.PurePosixPath(path).parts
    for depth in (2, 1):
        name = "/".join(parts[:depth])
        if name in MAY_SEE:
            return name
    return None


def faults_of(path, text):
    room = room_of(path)
    for match in INCLUDE.finditer(text):
        ours, foreign = match.groups()
        line = text.count("\n", 0, match.start()) + 1
        if foreign and foreign.startswith("irsa/"):
            ours = "include/" + foreign
        if ours:
            yield from fault_of_ours(path, line, room, ours)
        elif foreign:
            for pattern, fence in FENCES.items():
                if re.search(pattern, foreign) and room != fence:
                    yield f"{path}:{line}: <{foreign}> may be included in {fence} only"


def fault_of_ours(path, line, room, included):
    target = room_of(included)
    if target is None:
        yield f"{path}:{line}: \"{included}\" names no room: include from the root, as core/base/error.h"
    elif target == room:
        return
    elif included in MAY_SEE_FILE.get(room, ()):
        return
    elif target not in MAY_SEE[room]:
        yield f"{path}:{line}: {room} may not see {target} (\"{included}\")"
    elif included not in NARROWED.get((room, target), {included}):
        yield f"{path}:{line}: {room} sees of {target} only its producer (\"{included}\")"


def sources():
    for room in MAY_SEE:
        for path in sorted((ROOT / room).rglob("*.[ch]")):
            relative = path.relative_to(ROOT).as_posix()
            if room_of(relative) == room:
                yield relative, path.read_text(encoding="utf-8")


def test_dependencies_point_one_way_and_foreign_libraries_stay_in_their_rooms():
    faults = [fault for path, text in sources() for fault in faults_of(path, text)]
    assert not faults, "\n".join(faults)


def test_a_wrong_include_would_be_seen():
    assert list(faults_of("core/base/x.c", '#include "core/http/http.h"\n'))
    assert list(faults_of("core/contract/x.c", "#include <openssl/ssl.h>\n"))
    assert list(faults_of("sandbox/x.c", '#include "core/aws/iam.h"\n'))
    assert list(faults_of("core/provision/x.c", '#include "core/kafka/producer.h"\n'))
    assert not list(faults_of("sandbox/x.c", '#include "core/aws/sigv4.h"\n'))
    assert not list(faults_of("core/kube/x.c", "#include <irsa/error.h>\n"))


if __name__ == "__main__":
    failures = 0
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            try:
                test()
            except AssertionError as error:
                failures += 1
                print(f"{name}:\n{error}", file=sys.stderr)
    print(f"[  PASSED  ] {2 - failures} test(s).")
    sys.exit(1 if failures else 0)
