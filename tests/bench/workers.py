"""irsa-worker as a process that is measured: started, looked at through its /metrics, ended."""
import signal
import subprocess

import requests

from tests.bench.common import BIN, wait_until
from tests.real.processes import free_port


class Worker:
    """SIGTERM ends it, if it has not been ended before."""

    def __init__(self, env, *arguments):
        self.port = free_port()
        self.http = requests.Session()
        self.http.trust_env = False
        self.process = subprocess.Popen([BIN / "irsa-worker", "--listen", f"127.0.0.1:{self.port}", *arguments], env=env,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def gauge(self, name):
        """0 as long as it does not answer: it is starting."""
        if self.process.poll() is not None:
            raise RuntimeError(f"irsa-worker ended with {self.process.returncode}")
        try:
            text = self.http.get(f"http://127.0.0.1:{self.port}/metrics", timeout=30).text
        except requests.ConnectionError:
            return 0
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))

    def wait_in_flight(self, count):
        wait_until(lambda: self.gauge("irsa_requests_in_flight") >= count, f"{count} requests are in flight", 120)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait_ended(self, seconds=60):
        if self.process.wait(seconds) != 0:
            raise RuntimeError(f"irsa-worker ended with {self.process.returncode}")


def cluster_config(cluster, numbers, policies):
    """A ClusterConfig with a service account for each number; JSON is YAML."""
    entries = [{"metadata": {"name": f"sa-{number:04}", "namespace": "bench"},
                "attachPolicyARNs": [f"arn:aws:iam::aws:policy/{name}" for name in policies]} for number in numbers]
    return {"apiVersion": "eksctl.io/v1alpha5", "kind": "ClusterConfig", "metadata": {"name": cluster, "region": "us-west-2"},
            "iam": {"withOIDC": True, "serviceAccounts": entries}}


def enqueue(env, path):
    """Files of ClusterConfigs, by irsactl."""
    subprocess.run([BIN / "irsactl", "create", "iamserviceaccount", "-f", path], env=env, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
