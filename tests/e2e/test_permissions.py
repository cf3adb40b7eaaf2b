"""The worker may do what docs/iam-permissions.md gives it, here as in all of this suite, and tells what it may not."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.needs("sandbox")


def test_a_role_that_the_policy_does_not_name_is_denied_and_the_message_says_what_is_missing(site):
    name = f"unnamed-{site.namespace}"
    result = site.do_one(site.create("reader", roleName=name))
    assert (result.outcome, result.code) == ("failed", "access_denied"), str(result)
    assert "is not authorized to perform: iam:CreateRole on resource: " \
           f"arn:aws:iam::{site.cluster.account}:role/{name} because no identity-based policy allows" in result.message
    assert site.role_named(name) is None
    assert site.accounts() == {}
