"""What all rows share: how much to measure, where the programs are, the sandbox, and the form of a row."""
import dataclasses
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import tempfile
import time

import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("IRSA_BIN_DIR", ROOT / "build/release/bin"))


@dataclasses.dataclass(frozen=True)
class Plan:
    """runs: per figure · seed: of the first run, the next ones count on · is_tiny: only show that the row works ·
    broker: kafka, or the sandbox's mock of one"""

    runs: int = 5
    seed: int = 1
    is_tiny: bool = False
    broker: str = "kafka"

    def size(self, full, tiny):
        return tiny if self.is_tiny else full

    @property
    def seeds(self):
        return range(self.seed, self.seed + self.runs)


def row(name, figure, unit, bar, detail, ideal=None, ratio=None):
    """ratio: of the figure to the ideal, unless it is given as the median over runs that have ideals of their own."""
    result = {"name": name, "figure": figure, "unit": unit, "bar": bar, "detail": detail}
    if ideal is not None:
        result.update(ideal=ideal, ratio=figure / ideal if ratio is None else ratio)
    return result


def median_of(runs, figure):
    return statistics.median(figure(run) for run in runs)


def each(runs, figure, form=".2f"):
    """For a detail: what the single runs have said."""
    return "runs " + " ".join(format(figure(run), form) for run in runs)


def clean_environment():
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("AWS_", "IRSA_")) and not name.lower().endswith("_proxy")}


def wait_until(holds, what, seconds=60):
    """The first true answer; the limit is for what is broken."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"not so within {seconds} s: {what}")
        time.sleep(0.01)
    return found


def run_json(*argv):
    """A program that prints one JSON line."""
    done = subprocess.run([str(each) for each in argv], stdout=subprocess.PIPE, check=True, env=clean_environment())
    return json.loads(done.stdout)


class Sandbox:
    """irsa-sandbox with the flags and the model of a benchmark."""

    def __init__(self, *flags, model=None):
        self.flags, self.model = flags, model

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        env_file = pathlib.Path(self.folder.name) / "env"
        self.process = subprocess.Popen([BIN / "irsa-sandbox", *self.flags, "--env-file", env_file], env=clean_environment(),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: env_file.exists() or self.process.poll() is not None, "irsa-sandbox is ready")
        if self.process.poll() is not None:
            raise RuntimeError(f"irsa-sandbox ended with {self.process.returncode}")
        words = shlex.split(env_file.read_text(encoding="utf-8"))
        self.env = clean_environment() | dict(word.split("=", 1) for word in words if "=" in word)
        self.http = requests.Session()
        self.http.trust_env = False
        if self.model is not None:
            self.control("POST", "/model", self.model)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def control(self, method, path, body=None):
        answer = self.http.request(method, self.env["IRSA_SANDBOX_URL"] + path, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None
