"""Enqueue JSON lines as structured CloudEvents with nothing but a Kafka client: enqueue.py SERVERS TOPIC SOURCE < LINES

What another team's program might look like; it prints the id of each event. It knows nothing of this repository.
"""

import json
import sys
import uuid

from confluent_kafka import Producer

servers, topic, source = sys.argv[1:]
producer = Producer({"bootstrap.servers": servers, "partitioner": "murmur2_random"})
for line in sys.stdin:
    data = json.loads(line)
    metadata = data["serviceAccount"]["metadata"]
    event = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": source, "datacontenttype": "application/json",
             "type": f"dev.irsa.iamserviceaccount.{data['action']}.requested.v1", "correlationid": "nightly", "data": data}
    producer.produce(topic, json.dumps(event), headers={"content-type": "application/cloudevents+json"},
                     key="/".join((data["cluster"]["region"], data["cluster"]["name"], metadata["namespace"], metadata["name"])))
    print(event["id"])
sys.exit(producer.flush(30))
