"""A file that is wrong is refused as a whole: status 3, the place, the nearest word, and nothing is sent."""

from __future__ import annotations

import pytest

HEAD = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata:
  name: cluster-14
  region: us-west-2
iam:
  withOIDC: true
  serviceAccounts:
"""
GOOD = """\
    - metadata: {name: good, namespace: NAMESPACE}
      attachPolicyARNs: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
"""

# What is wrong, line and column of the place, and what the message must say beside them.
CASES = {
    "a misspelt field": ("""\
    - metadata: {name: bad}
      attachPolicyARN: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
""", 12, 7, ["attachPolicyARN", "attachPolicyARNs"]),
    "a field in the wrong case": ("""\
    - metadata: {name: bad}
      attachPolicyARNS: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
""", 12, 7, ["attachPolicyARNS", "attachPolicyARNs"]),
    "a misspelt well-known policy": ("""\
    - metadata: {name: bad}
      wellKnownPolicies:
        externalDns: true
""", 13, 9, ["externalDns", "externalDNS"]),
    "a key twice in one object": ("""\
    - metadata:
        name: bad
        name: worse
      attachPolicyARNs: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
""", 13, 9, ["name"]),
    "an account twice in one file": ("""\
    - metadata: {name: good, namespace: NAMESPACE}
      attachPolicyARNs: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
""", 11, None, ["NAMESPACE/good"]),
    "a bad name": ("""\
    - metadata: {name: Bad_Name}
      attachPolicyARNs: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
""", 11, 24, ["Bad_Name"]),
    "a number where a text belongs": ("""\
    - metadata: {name: bad}
      attachPolicyARNs: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
      tags: {cost-center: 4711}
""", 13, 27, ["cost-center"]),
    "nothing that the role may do": ("""\
    - metadata: {name: bad}
""", 11, None, ["attachPolicyARNs"]),
    "an annotation that is ours": ("""\
    - metadata:
        name: bad
        annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/any"}
      attachPolicyARNs: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
""", 13, None, ["eks.amazonaws.com/role-arn"]),
    "an ARN of another partition": ("""\
    - metadata: {name: bad}
      attachPolicyARNs: [arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess]
""", 12, 26, ["aws-cn"]),
    "a tab": ("""\
    - metadata: {name: bad}
\t  attachPolicyARNs: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
""", 12, 1, ["tab"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_file_is_refused_at_its_place_and_nothing_is_sent(site, tmp_path, case):
    bad, line, column, words = CASES[case]
    path = tmp_path / "config.yaml"
    path.write_text((HEAD + GOOD + bad).replace("NAMESPACE", site.namespace))
    before = site.broker.requests.ends()
    refused = site.ctl("create", "iamserviceaccount", "-f", path).must(3)
    place = f"{path}:{line}:" + (f"{column}: " if column else "")
    told = [text for text in refused.stderr.splitlines() if text.startswith(place)]
    assert told, f"no line begins with {place}:\n{refused.stderr}"
    for word in words:
        assert word.replace("NAMESPACE", site.namespace) in told[0]
    assert refused.stdout == ""
    assert site.broker.requests.ends() == before


def test_an_alias_bomb_is_refused_quickly(site, tmp_path):
    """Nine levels of nine aliases each would be 387 million nodes."""
    path = tmp_path / "bomb.yaml"
    levels = ["x0: &x0 [a, a, a, a, a, a, a, a, a]"]
    levels += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 9)]
    path.write_text("\n".join([*levels, HEAD, GOOD.replace("NAMESPACE", site.namespace)]))
    before = site.broker.requests.ends()
    refused = site.ctl("create", "iamserviceaccount", "-f", path, seconds=10).must(3)
    assert refused.stderr.startswith(f"{path}:")
    assert "alias" in refused.stderr
    assert site.broker.requests.ends() == before


def test_one_bad_file_of_many_keeps_all_from_being_sent(site, tmp_path):
    (tmp_path / "a.yaml").write_text((HEAD + GOOD).replace("NAMESPACE", site.namespace))
    (tmp_path / "b.yaml").write_text((HEAD + GOOD).replace("NAMESPACE", "Not-A-Namespace"))
    before = site.broker.requests.ends()
    refused = site.ctl("create", "iamserviceaccount", "-f", tmp_path).must(3)
    assert f"{tmp_path / 'b.yaml'}:9:" in refused.stderr
    assert site.broker.requests.ends() == before


def test_validate_finds_every_problem_without_a_broker(site, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text((HEAD + GOOD + CASES["a misspelt field"][0]).replace("NAMESPACE", site.namespace))
    nowhere = {"IRSA_KAFKA_BOOTSTRAP_SERVERS": None}
    refused = site.ctl("validate", "-f", path, "-o", "json", env=nowhere).must(3)
    [problem] = refused.json
    assert (problem["line"], problem["column"]) == (12, 7)
    path.write_text((HEAD + GOOD).replace("NAMESPACE", site.namespace))
    site.ctl("validate", "-f", path, env=nowhere).must(0)
