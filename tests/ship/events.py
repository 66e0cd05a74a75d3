"""Events as GitHub writes them to GITHUB_EVENT_PATH, with the fields that matter here and some that must not.

Source: https://docs.github.com/en/webhooks/webhook-events-and-payloads, read November 2026.
"""

import json

REPOSITORY = {"full_name": "acme/shop", "default_branch": "main", "private": True}


def push(ref: str, before: str, after: str, **more) -> str:
    zero = set(before) == {"0"}
    return json.dumps({
        "ref": ref, "before": before, "after": after, "created": zero, "deleted": set(after) == {"0"}, "forced": False,
        "commits": [], "head_commit": {"id": after, "message": "`$(exit 9)` \"; exit 9 #"}, "repository": REPOSITORY,
    } | more)


def pull_request(base: str, head: str, fork: str = "acme/shop", **more) -> str:
    return json.dumps({
        "action": "synchronize", "number": 7, "repository": REPOSITORY,
        "pull_request": {
            "number": 7, "title": "`$(exit 9)`\n::error::x", "base": {"sha": base, "ref": "main"},
            "head": {"sha": head, "ref": "$(exit 9)", "repo": {"full_name": fork}},
        },
    } | more)


def merge_group(base: str, head: str) -> str:
    return json.dumps({
        "action": "checks_requested", "repository": REPOSITORY,
        "merge_group": {"base_sha": base, "head_sha": head, "base_ref": "refs/heads/main", "head_ref": "refs/heads/gh-readonly-queue/main/pr-7"},
    })


def schedule() -> str:
    return json.dumps({"schedule": "17 3 * * *", "repository": REPOSITORY})


def workflow_dispatch() -> str:
    return json.dumps({"inputs": {}, "ref": "refs/heads/main", "repository": REPOSITORY})
