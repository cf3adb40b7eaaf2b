"""enqueue-100k: many ClusterConfig files read, validated, sent and acknowledged by irsactl.

The ideal is libyaml's bare parser run over the same files.
"""
import collections
import os
import pathlib
import subprocess
import tempfile
import time

from tests.bench.brokers import open_broker
from tests.bench.common import BIN, clean_environment, each, median_of, row, run_json

HEAD = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata:
  name: cluster-{number:04}
  region: us-west-2
iam:
  withOIDC: true
  serviceAccounts:
"""
ACCOUNT = """\
  - metadata:
      name: account-{number:04}
      namespace: backend-apps
    attachPolicyARNs:
    - arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess
"""

Run = collections.namedtuple("Run", "wall_s cpu_s rss_mib scan_s")


def write_files(folder, files, accounts):
    for number in range(files):
        text = HEAD.format(number=number) + "".join(ACCOUNT.format(number=each) for each in range(accounts))
        (folder / f"cluster-{number:04}.yaml").write_text(text, encoding="utf-8")


def enqueue_once(broker, folder, name):
    """Wall time from execve to exit, so start and connection are in it."""
    broker.make_topics(name)
    scan = run_json(BIN / "irsa-bench-yaml", *sorted(folder.iterdir()))
    started = time.monotonic()
    process = subprocess.Popen([BIN / "irsactl", "create", "iamserviceaccount", "-f", folder, "-o", "jsonl"],
                               env=clean_environment() | broker.env(name), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"irsactl ended with {process.returncode}")
    return Run(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, scan["wall_s"])


def check_all_is_there(broker, name, count):
    there = broker.count(f"{name}.requests")
    if there != count:
        raise RuntimeError(f"{there} of {count} requests are on the broker")


def enqueue_100k(plan):
    files, accounts = plan.size((1000, 100), (10, 5))
    count = files * accounts
    with open_broker(plan) as broker, tempfile.TemporaryDirectory() as folder:
        write_files(pathlib.Path(folder), files, accounts)
        runs = []
        for seed in plan.seeds:
            runs.append(enqueue_once(broker, pathlib.Path(folder), f"enqueue-{seed}"))
            check_all_is_there(broker, f"enqueue-{seed}", count)
    return [row("enqueue-100k", median_of(runs, lambda r: count / r.wall_s), "/s", ">= 35000 /s, and >= 0.40 of the ideal",
                f"{count} requests of {files} files, {broker.name}; CPU {median_of(runs, lambda r: r.cpu_s):.2f} s; "
                f"{each(runs, lambda r: count / r.wall_s, '.0f')}",
                median_of(runs, lambda r: count / r.scan_s), median_of(runs, lambda r: r.scan_s / r.wall_s)),
            row("enqueue-100k-rss", median_of(runs, lambda r: r.rss_mib), "MiB", "<= 64 MiB",
                f"irsactl's highest; {each(runs, lambda r: r.rss_mib, '.1f')}")]
