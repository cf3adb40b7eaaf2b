"""latency and handover: how late jobs start that arrive at a steady rate, whatever became of the ones before (open loop).

irsa-bench-feed gives each record the time when it was due, irsa-bench-engine notes how much later its job starts: what
holds up the sender counts too.
"""
import contextlib
import json
import signal
import subprocess

from confluent_kafka import Producer

from tests.bench.brokers import PARTITIONS, open_broker
from tests.bench.common import BIN, clean_environment, each, median_of, row, wait_until

RATE = 100
REVOKE_WAIT_S = 10


class Engine:
    """irsa-bench-engine in the background, until it is stopped."""

    def __init__(self, broker, topic):
        self.process = subprocess.Popen(
            [BIN / "irsa-bench-engine", "--bootstrap", broker.servers, "--topic", topic, "--executors", "16", "--group", topic,
             *broker.flags()], stdout=subprocess.PIPE, env=clean_environment())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self, *, abandons=False):
        """Drain; what it has measured."""
        for _ in range(2 if abandons else 1):
            self.process.send_signal(signal.SIGTERM)
        out = self.process.communicate(timeout=60)[0]
        if self.process.returncode != 0:
            raise RuntimeError(f"irsa-bench-engine ended with {self.process.returncode}")
        return json.loads(out)


def warm_up(broker, topic):
    """One record for each partition, and wait for their results: then all of them are being read."""
    producer = Producer({"bootstrap.servers": broker.servers})
    for partition in range(PARTITIONS):
        producer.produce(topic, "0", key=f"warm-{partition}", partition=partition)
    producer.flush(30)
    wait_until(lambda: broker.count(f"{topic}.results") >= PARTITIONS, "every partition is worked on")


@contextlib.contextmanager
def stream(broker, topic, count, seed):
    """Jobs of no length, RATE a second; at the end all of them have been sent."""
    with subprocess.Popen([BIN / "irsa-bench-feed", "--bootstrap", broker.servers, "--topic", topic, "--count", str(count),
                           "--rate", str(RATE), "--max-us", "0", "--keys", "1000", "--seed", str(seed)],
                          stdout=subprocess.DEVNULL, env=clean_environment()) as process:
        yield
        if process.wait(count / RATE + 60) != 0:
            raise RuntimeError(f"irsa-bench-feed ended with {process.returncode}")


def wait_for_results(broker, topic, count):
    wait_until(lambda: broker.count(f"{topic}.results") >= PARTITIONS + count, f"{count} results are there", 120)


# --- latency --------------------------------------------------------------------------------------------------------------

def latency_once(broker, seed, seconds):
    topic = broker.make_topic(f"latency-{seed}")
    with Engine(broker, topic) as engine:
        warm_up(broker, topic)
        with stream(broker, topic, int(seconds * RATE), seed):
            pass
        wait_for_results(broker, topic, int(seconds * RATE))
        return engine.stop()


def latency(plan):
    seconds = plan.size(60, 0.5)
    with open_broker(plan) as broker:
        runs = [latency_once(broker, seed, seconds) for seed in plan.seeds]
    return [latency_row("latency-p50", runs, "delay_p50_ms", 3, broker, seconds),
            latency_row("latency-p99", runs, "delay_p99_ms", 10, broker, seconds)]


def latency_row(name, runs, figure, bar_ms, broker, seconds):
    return row(name, median_of(runs, lambda r: r[figure]), "ms", f"<= {bar_ms} ms",
               f"from when it was due to its start, {RATE}/s for {seconds} s, {broker.name}; slowest of all "
               f"{max(r['delay_max_ms'] for r in runs):.1f}; {each(runs, lambda r: r[figure])}")


# --- handover -------------------------------------------------------------------------------------------------------------

def send_hanging(broker, topic, seconds):
    producer = Producer({"bootstrap.servers": broker.servers})
    producer.produce(topic, str(int(seconds * 1e6)), key="hangs")
    producer.flush(30)


def handover_once(broker, name, seed, seconds, hangs_s):
    """The slowest start of a healthy key, while a second engine joins the first; one job may hang meanwhile."""
    topic, count = broker.make_topic(f"{name}-{seed}"), int(seconds * RATE)
    with Engine(broker, topic) as first:
        warm_up(broker, topic)
        if hangs_s > 0:
            send_hanging(broker, topic, hangs_s)
        with stream(broker, topic, count, seed):
            wait_until(lambda: broker.count(f"{topic}.results") >= PARTITIONS + count // 10, "the stream flows")
            second = Engine(broker, topic)
        with second:
            wait_for_results(broker, topic, count)
            ends = [engine.stop(abandons=True) for engine in (first, second)]
    if ends[1]["jobs"] == 0:
        raise RuntimeError("the second engine never got to work")
    return max(end.get("delay_max_ms", 0) for end in ends) / 1000


def handover(plan):
    seconds, hangs_s = plan.size(30, 2), plan.size(60, 1)
    with open_broker(plan) as broker:
        calm = [handover_once(broker, "calm", seed, seconds, 0) for seed in plan.seeds]
        hung = [handover_once(broker, "hung", seed, seconds, hangs_s) for seed in plan.seeds]
    return [handover_row("handover", calm, "nothing hangs", broker),
            handover_row("handover-hung", hung, f"one job hangs for {hangs_s} s", broker, REVOKE_WAIT_S)]


def handover_row(name, runs, what, broker, ideal=None):
    return row(name, median_of(runs, float), "s", f"<= {REVOKE_WAIT_S + 1} s",
               f"slowest start of a healthy key as a second worker joins, {RATE}/s, {what}, {broker.name}; "
               f"{each(runs, float)}", ideal)
