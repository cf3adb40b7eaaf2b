"""The container files, as far as they can be judged without a container engine. docs/containers.md says how far that is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
PROGRAMS = ("irsactl", "irsa-worker", "irsa-sandbox")

# Who brings a library in Debian 12; the C library is in every image.
PACKAGE_OF = {
    "libc.so.6": None, "libm.so.6": None, "ld-linux-x86-64.so.2": None, "ld-linux-aarch64.so.1": None,
    "libcrypto.so.3": "libssl3", "libssl.so.3": "libssl3", "libcurl.so.4": "libcurl4", "libexpat.so.1": "libexpat1",
    "libmicrohttpd.so.12": "libmicrohttpd12", "librdkafka.so.1": "librdkafka1", "libyaml-0.so.2": "libyaml-0-2",
}


def stages() -> dict[str, list[tuple[str, str]]]:
    """Name of each stage -> its instructions, continuation lines joined."""
    found: dict[str, list[tuple[str, str]]] = {}
    text = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
    for line in filter(str.strip, text.splitlines()):
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found[name] = list(found.get(base, []))
        else:
            found[name].append((word, " ".join(rest.split())))
    return found


def installed(stage: str) -> set[str]:
    [packages] = [match[1] for word, rest in stages()[stage] if word == "RUN"
                  and (match := re.search(r"apt-get install (.*?) &&", rest))]
    return {name for name in packages.split() if not name.startswith("-")}


def programs() -> list[Path]:
    folder = Path(os.environ.get("IRSA_BIN_DIR", ROOT / "build/dev/bin"))
    return [folder / name for name in PROGRAMS]


def venv_program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def test_the_compose_file_is_as_the_compose_specification_has_it():
    done = subprocess.run([venv_program("check-jsonschema"), "--builtin-schema", "vendor.compose-spec",
                           "docker-compose.yml"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_has_nothing_that_hadolint_minds():
    done = subprocess.run([venv_program("hadolint"), "Dockerfile"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_built_with_the_packages_that_dev_names():
    [packages] = re.findall(r"^build_packages=\((.*?)\)", (ROOT / "dev").read_text(), re.MULTILINE | re.DOTALL)
    assert installed("build") == set(packages.split())


@pytest.mark.parametrize("program", programs(), ids=PROGRAMS)
def test_the_image_has_every_library_that_a_program_needs(program):
    listed = subprocess.check_output(["objdump", "-p", program], text=True)
    needed = set(re.findall(r"NEEDED +(\S+)", listed))
    assert needed, listed
    assert {PACKAGE_OF[library] for library in needed} - {None} <= installed("runtime")


def test_all_programs_are_installed(tmp_path):
    """The image gets what `cmake --install` installs."""
    build = programs()[0].parent.parent
    subprocess.run(["cmake", "--install", build, "--prefix", tmp_path], check=True, capture_output=True)
    assert {path.name for path in (tmp_path / "bin").iterdir()} == set(PROGRAMS)


def test_the_image_has_no_library_that_no_program_needs():
    needed = {library for program in programs()
              for library in re.findall(r"NEEDED +(\S+)", subprocess.check_output(["objdump", "-p", program], text=True))}
    assert {PACKAGE_OF[library] for library in needed} - {None} == installed("runtime") - {"ca-certificates"}


@pytest.mark.parametrize("target", ["irsactl", "sandbox", "worker"])
def test_no_image_runs_as_root(target):
    users = [rest for word, rest in stages()[target] if word == "USER"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1])


def test_no_stage_is_given_a_secret():
    for instructions in stages().values():
        for word, rest in instructions:
            assert word not in ("ENV", "ARG") or not re.search(r"key|secret|token|password|credential", rest, re.IGNORECASE)


def test_every_target_of_the_compose_file_is_a_stage():
    assert {service["build"]["target"] for service in SERVICES.values() if "build" in service} <= stages().keys()


def test_whoever_waits_for_health_waits_for_a_service_that_has_a_health_check():
    with_check = {name for name, service in SERVICES.items() if "healthcheck" in service
                  or any(word == "HEALTHCHECK" for word, _ in stages().get(service.get("build", {}).get("target"), []))}
    waits = {(name, condition["condition"]) for service in SERVICES.values()
             for name, condition in service.get("depends_on", {}).items()}
    assert {name for name, condition in waits if condition == "service_healthy"} <= with_check
    # What is waited for to its end must end, and must not be started again.
    assert all(SERVICES[name]["restart"] == "no" for name, condition in waits if condition == "service_completed_successfully")


def test_two_workers_join_when_topics_and_sandbox_are_there():
    workers = {name: service for name, service in SERVICES.items() if service.get("image") == "irsa-worker"}
    assert len(workers) == 2
    for worker in workers.values():
        assert worker["depends_on"]["topics"]["condition"] == "service_completed_successfully"
        assert worker["depends_on"]["sandbox"]["condition"] == "service_healthy"
    assert len({worker["environment"]["IRSA_INSTANCE_ID"] for worker in workers.values()}) == 2


def test_kafka_is_the_version_that_the_real_tier_runs():
    pom = ElementTree.parse(ROOT / "tests/real/kafka/pom.xml")
    name = {"m": "http://maven.apache.org/POM/4.0.0"}
    [version] = [each.findtext("m:version", namespaces=name) for each in pom.iterfind(".//m:dependency", name)
                 if each.findtext("m:artifactId", namespaces=name) == "kafka_2.13"]
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version}"


def test_the_build_gets_what_it_reads_and_nothing_else():
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    kept = {rule[1:] for rule in rules if rule.startswith("!")}
    assert rules[0] == "*"
    assert all((ROOT / name).exists() for name in kept)
    folders = re.findall(r"^add_subdirectory\((\w+)\)", (ROOT / "CMakeLists.txt").read_text(), re.MULTILINE)
    assert kept == {*folders, "CMakeLists.txt", "CMakePresets.json", "cmake", "include", "lib", "schemas"}
    assert not any(fnmatch(".git", name) or fnmatch("build", name) for name in kept)


@pytest.mark.parametrize("service", [name for name, each in SERVICES.items() if each.get("image") == "irsactl"
                                     and "command" in each])
def test_commands_of_the_compose_file_are_understood(service):
    """As far as irsactl comes without a broker: to the end of reading its command line, and of its file."""
    command = [str(word) for word in SERVICES[service]["command"]]
    command = [str(ROOT / "docs/demo/cluster-13.yaml") if word.startswith("/demo/") else word for word in command]
    env = {"PATH": os.environ["PATH"], "IRSA_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "IRSA_BROKER_TIMEOUT": "100ms"}
    done = subprocess.run([programs()[0], *command], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 4, f"it should have failed at the broker only: {done}"


def test_the_demos_file_gives_three_requests():
    done = subprocess.run([programs()[0], "create", "iamserviceaccount", "-f", ROOT / "docs/demo/cluster-13.yaml",
                           "--dry-run=client", "-o", "json"], capture_output=True, text=True, timeout=60)
    assert [event["subject"] for event in json.loads(done.stdout)] == [
        "-/us-west-2/cluster-13/backend-apps/s3-reader", "-/us-west-2/cluster-13/backend-apps/cache-access",
        "-/us-west-2/cluster-13/kube-system/cluster-autoscaler"]
