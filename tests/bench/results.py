"""What a worker has told: final results, in the order of their arrival."""
import datetime
import json
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition


def read_from_the_start(servers, topic):
    """A reader of all partitions that joins no group."""
    reader = Consumer({"bootstrap.servers": servers, "group.id": "irsa-bench-nobody", "enable.auto.commit": False,
                       "fetch.wait.max.ms": 10, "log_level": 0})
    partitions = reader.list_topics(topic, timeout=30).topics[topic].partitions
    reader.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
    return reader


def read_results(env, first, count):
    """Final results number first … first + count - 1, each with the time of its record."""
    reader = read_from_the_start(env["IRSA_KAFKA_BOOTSTRAP_SERVERS"], f"{env.get('IRSA_TOPICS_PREFIX', 'irsa')}.results")
    results, deadline = [], time.monotonic() + 120
    while len(results) < first + count:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{len(results) - first} of {count} results within two minutes")
        message = reader.poll(1)
        if message is not None and not message.error():
            data = json.loads(message.value())
            if data["outcome"] != "retrying":
                results.append((message.timestamp()[1] / 1000, data))
    reader.close()
    return sorted(results, key=lambda result: result[0])[first:]


def epoch_s(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
