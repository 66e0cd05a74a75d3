"""An AWS account that is emulated by moto, with resources planted in it.

    serve.py ACCOUNT [ARGUMENT]

ACCOUNT is `bad` (a defect for each control that moto can hold, beside sound resources), `good` (sound resources
alone) or `many` (so many secrets as ARGUMENT says). The server listens on a free port of 127.0.0.1; when all is
planted, one line of JSON is printed: {"port", "planted": {CONTROL: [IDS]}, "values": [planted values]}. It ends
when standard input does, with a line {"requests": {OPERATION: COUNT}} of what was asked since.
"""

import contextlib
import json
import os
import sys

# No login of this machine, and no metadata service.
os.environ.update(
    AWS_ACCESS_KEY_ID="planted",
    AWS_SECRET_ACCESS_KEY="planted",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
    MOTO_IAM_LOAD_MANAGED_POLICIES="true",
)
for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)

import logging

from moto.server import ThreadedMotoServer

import accounts
import patches


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    patches.apply()
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    plan = accounts.plant(sys.argv[1], sys.argv[2:], f"http://127.0.0.1:{port}")
    patches.REQUESTS.clear()
    # Moto itself complains there.
    out, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps({"port": port, **plan}), file=out, flush=True)
    sys.stdin.read()
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps({"requests": patches.REQUESTS}), file=out, flush=True)


main()
