"""The broker of a benchmark: Apache Kafka in a process of its own, or the sandbox's mock of one, which takes no Java."""
import contextlib
import pathlib
import subprocess
import tempfile

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from tests.bench.common import BIN, Sandbox, clean_environment
from tests.real.kafka_broker import SCRIPT, KafkaBroker

PARTITIONS = 16
SECONDS = 30
# The cache's broker is made to start fast; one that is measured may have the better compiler and more memory.
FAST = {"KAFKA_JVM": "-XX:TieredStopAtLevel=4", "KAFKA_HEAP": "1g"}


class Broker:
    """servers: of whom · settings: what its clients are given beside them"""

    def __init__(self, name, servers, settings):
        self.name, self.servers, self.settings = name, servers, settings
        self._looker = Consumer({"bootstrap.servers": servers, "group.id": "irsa-bench-nobody", "log_level": 0})

    def close(self):
        self._looker.close()

    def env(self, prefix):
        """For irsa's programs."""
        named = {f"IRSA_KAFKA_{name.upper().replace('.', '_')}": value for name, value in self.settings.items()}
        return {"IRSA_KAFKA_BOOTSTRAP_SERVERS": self.servers, "IRSA_TOPICS_PREFIX": prefix} | named

    def flags(self):
        """For irsa-bench-engine."""
        return [word for name, value in self.settings.items() for word in ("-X", f"{name}={value}")]

    def count(self, topic):
        """Records of a topic; 0 when there is none."""
        partitions = self._looker.list_topics(topic, timeout=SECONDS).topics[topic].partitions
        return sum(self._looker.get_watermark_offsets(TopicPartition(topic, number), timeout=SECONDS)[1]
                   for number in partitions)


class Mock(Broker):
    def __init__(self, sandbox):
        prefix = "IRSA_KAFKA_"
        settings = {name.removeprefix(prefix).lower().replace("_", "."): value for name, value in sandbox.env.items()
                    if name.startswith(prefix)}
        super().__init__("mock broker", settings.pop("bootstrap.servers"), settings)
        self.sandbox = sandbox

    def make_topics(self, prefix):
        """irsa's five."""
        self.sandbox.control("POST", "/broker", {"topics": [prefix]})

    def make_topic(self, name):
        """One to fill, and name.results, which the mock makes by itself."""
        self.make_topics(name)
        return f"{name}.requests"


class Kafka(Broker):
    def __init__(self, servers):
        super().__init__("Apache Kafka", servers, {})
        self._admin = AdminClient({"bootstrap.servers": servers, "log_level": 0})

    def make_topics(self, prefix):
        subprocess.run([BIN / "irsactl", "topics", "create", "--partitions", str(PARTITIONS), "--replication-factor", "1"],
                       env=clean_environment() | self.env(prefix), check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def make_topic(self, name):
        topics = [NewTopic(each, PARTITIONS, 1) for each in (name, f"{name}.results")]
        for made in self._admin.create_topics(topics).values():
            made.result(SECONDS)
        return name


@contextlib.contextmanager
def open_broker(plan):
    if plan.broker == "mock":
        with Sandbox("--no-cloud", "--partitions", str(PARTITIONS)) as sandbox:
            with contextlib.closing(Mock(sandbox)) as broker:
                yield broker
        return
    subprocess.run([SCRIPT, "fetch"], check=True, stdout=subprocess.DEVNULL)  # where it cannot be, it says what is missing
    with tempfile.TemporaryDirectory() as folder:
        broker = KafkaBroker(pathlib.Path(folder) / "kafka", {} if plan.is_tiny else FAST)
        broker.start()
        try:
            broker.wait_ready()
            with contextlib.closing(Kafka(broker.bootstrap_servers)) as kafka:
                yield kafka
        finally:
            broker.stop()
