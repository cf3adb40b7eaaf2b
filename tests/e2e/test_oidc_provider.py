"""utils associate-iam-oidc-provider, by name and by file."""

from __future__ import annotations


def associate(stage, *arguments, input=None):
    batch = f"associate-{len(stage.broker.requests.all())}"
    stage.ctl()("utils", "associate-iam-oidc-provider", *arguments, "--wait=60s", "--batch", batch, input=input).must()
    [result] = stage.broker.batch(batch).values()
    return result


def test_the_provider_is_made_by_name_and_then_found_by_file(world, worker):
    site = world.site("cluster-15", "apps")
    worker()
    made = associate(world, "--cluster", "cluster-15", "--region", "eu-west-1", "--approve")
    assert (made.outcome, made.changed) == ("succeeded", ["create-oidc-provider"])
    [provider] = world.world.snapshot()["accounts"][site.cluster.account]["oidcProviders"]
    assert provider["arn"] == site.provider_arn
    assert provider["clientIDs"] == ["sts.amazonaws.com"]
    assert made.data["request"]["subject"] == f"{site.cluster.account}/eu-west-1/cluster-15"

    for again in (["--name", "cluster-15", "--region", "eu-west-1"], ["cluster-15", "--region", "eu-west-1"],
                  ["-f", "-"]):
        found = associate(world, *again, input=site.config(with_oidc=False) if "-f" in again else None)
        assert (found.outcome, found.changed) == ("unchanged", [])

    other = world.site("cluster-14", "apps")
    by_file = associate(world, "-f", "-", input=other.config())
    assert (by_file.outcome, by_file.changed) == ("succeeded", ["create-oidc-provider"])
    assert {provider["arn"] for provider in world.world.snapshot()["accounts"][site.cluster.account]["oidcProviders"]} == {
        site.provider_arn, other.provider_arn}


def test_a_provider_of_somebody_gets_the_missing_audience_and_keeps_its_own(world, worker):
    site = world.site("cluster-14", "apps")
    world.world.put({"accounts": {site.cluster.account: {"oidcProviders": [
        {"url": site.issuer, "clientIDs": ["theirs"]}]}}})
    worker()
    result = associate(world, "cluster-14", "--region", "us-west-2")
    assert (result.outcome, result.changed) == ("succeeded", ["add-audience"])
    [provider] = world.world.snapshot()["accounts"][site.cluster.account]["oidcProviders"]
    assert sorted(provider["clientIDs"]) == ["sts.amazonaws.com", "theirs"]
