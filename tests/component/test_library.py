"""libirsa as others get it: installed into a folder of its own, found by pkg-config, compiled and linked by a plain compiler."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from irsactl_tools import Broker, headers_of

ROOT = Path(__file__).resolve().parents[2]
BUILD_DIR = Path(os.environ.get("IRSA_BIN_DIR", ROOT / "build/dev/bin")).parent
HEADERS = ["api.h", "enqueue.h", "error.h", "event.h", "memory.h", "request.h", "result.h"]
COMPILERS = [compiler for compiler in ("gcc", "clang") if shutil.which(compiler)]


def run(*command, **options):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """The installed copy. It is moved after the installation: nothing in it may name where it was."""
    if not (BUILD_DIR / "irsa.pc").exists():
        pytest.fail(f"{BUILD_DIR} is not built: ./dev build dev, or name its folder of programs in IRSA_BIN_DIR")
    there = tmp_path_factory.mktemp("first") / "prefix"
    run("cmake", "--install", BUILD_DIR, "--prefix", there, "--component", "library")
    moved = tmp_path_factory.mktemp("moved") / "prefix"
    there.rename(moved)
    return moved


@pytest.fixture(scope="module")
def package(prefix):
    folder = next(prefix.glob("**/pkgconfig"))
    environment = {**os.environ, "PKG_CONFIG_PATH": str(folder)}

    def ask(*options):
        return run("pkg-config", *options, "irsa", env=environment).split()

    return ask


@pytest.fixture(scope="module")
def library(prefix):
    return next(prefix.glob("**/libirsa.so"))


def sanitizer_options():
    """A program that uses a sanitized library must be sanitized itself."""
    cache = (BUILD_DIR / "CMakeCache.txt").read_text(encoding="utf-8")
    found = re.search(r"^IRSA_SANITIZE:[A-Z]+=(.+)$", cache, re.MULTILINE)
    return [f"-fsanitize={found.group(1)}"] if found else []


@pytest.fixture(scope="module")
def example(package, tmp_path_factory):
    program = tmp_path_factory.mktemp("example") / "enqueue"
    compiler = os.environ.get("CC", "cc")
    warnings = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    options = [*package("--cflags", "--libs"), *sanitizer_options()]
    run(compiler, *warnings, ROOT / "examples/enqueue.c", "-o", program, *options)
    return program


def test_the_installed_headers_are_the_public_ones(prefix):
    assert sorted(path.name for path in (prefix / "include/irsa").iterdir()) == HEADERS


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("language", ["c", "c++"])
@pytest.mark.parametrize("header", HEADERS)
def test_every_header_stands_alone_in_c_and_in_c_plus_plus(package, tmp_path, header, language, compiler):
    source = tmp_path / "alone.c"
    source.write_text(f"#include <irsa/{header}>\n", encoding="utf-8")
    standard = "c11" if language == "c" else "c++17"
    options = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
    run(compiler, f"-x{language}", f"-std={standard}", *options, *package("--cflags"), source)


def declared(prefix):
    text = "".join(path.read_text(encoding="utf-8") for path in (prefix / "include/irsa").iterdir())
    return set(re.findall(r"IRSA_API(?:\s+IRSA_MUST_CHECK)?[^;]*?(irsa_\w+)\(", text))


def test_the_library_exports_what_its_headers_declare_and_nothing_else(prefix, library):
    symbols = run("nm", "-D", "--defined-only", library)
    exported = {line.split()[-1] for line in symbols.splitlines()}
    exported = {name for name in exported if not name.startswith(("__", "_init", "_fini", "_edata", "_end"))}
    assert exported == declared(prefix)
    assert {"irsa_enqueue", "irsa_request_decode", "irsa_result_decode", "irsa_arena_new", "irsa_code_name"} <= exported


def test_the_library_is_versioned_and_links_to_no_more_than_it_needs(library):
    dynamic = run("readelf", "-d", library)
    assert "Library soname: [libirsa.so.0]" in dynamic
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic
    needed = set(re.findall(r"NEEDED.*\[(lib[a-zA-Z_+-]+)", dynamic)) - {"libasan", "libubsan", "libtsan"}
    assert needed <= {"librdkafka", "libcrypto", "libc", "libm", "libpthread"}, needed


def test_pkg_config_knows_version_and_place(prefix, package):
    assert package("--modversion") == [re.search(r'IRSA_VERSION "(.*)"', (prefix / "include/irsa/api.h").read_text()).group(1)]
    assert [Path(option.removeprefix("-I")).resolve() for option in package("--cflags")] == [prefix / "include"]


def test_the_example_enqueues_a_request_and_prints_where_it_went(example, library):
    broker = Broker()
    environment = {**os.environ, "LD_LIBRARY_PATH": str(library.parent)}
    printed = run(example, broker.servers, env=environment)
    [record] = broker.read("requests")
    headers = headers_of(record)
    assert printed == f"{headers['ce_id']}: partition {record.partition()}, offset {record.offset()}\n"
    assert headers["ce_source"] == "urn:irsa:libirsa"
    assert headers["ce_type"] == "dev.irsa.iamserviceaccount.create.requested.v1"
    assert record.key() == b"us-west-2/cluster-13/backend-apps/s3-reader"
    assert json.loads(record.value()) == {
        "action": "create",
        "cluster": {"name": "cluster-13", "region": "us-west-2"},
        "serviceAccount": {
            "metadata": {"name": "s3-reader", "namespace": "backend-apps"},
            "attachPolicyARNs": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
        },
        "options": {"withOIDC": True},
    }


def test_without_a_broker_the_example_says_so_and_fails(example, library, tmp_path):
    environment = {**os.environ, "LD_LIBRARY_PATH": str(library.parent)}
    done = subprocess.run([example, ""], capture_output=True, text=True, timeout=60, env=environment, check=False)
    assert done.returncode == 1
    assert done.stderr == "enqueue: no broker is named: set bootstrap.servers (config)\n"
