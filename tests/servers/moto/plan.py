"""Helpers of what is planted."""

import datetime
import json
import random
import string

import boto3
from botocore.config import Config

ACCOUNT = "123456789012"
OTHER = "999999999999"
REGION = "us-east-1"
NOW = datetime.datetime.now(datetime.timezone.utc)


def ago(days):
    return NOW - datetime.timedelta(days=days)


class Plan:
    """Clients of the server, and what was planted."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.planted = {}
        self.values = []
        self.random = random.Random(7)
        self.clients = {}

    def client(self, service, region=REGION):
        key = (service, region)
        if key not in self.clients:
            config = Config(retries={"max_attempts": 1})
            self.clients[key] = boto3.client(service, region_name=region, endpoint_url=self.endpoint, config=config)
        return self.clients[key]

    def expect(self, control, *ids):
        self.planted.setdefault(control, []).extend(ids)

    def value(self, length=30):
        """A value that no output may hold."""
        letters = string.ascii_letters + string.digits
        value = "".join(self.random.choice(letters) for _ in range(length))
        self.values.append(value)
        return value

    def github_token(self):
        """One whose form and checksum are right, made of parts: it was never issued."""
        import zlib

        letters = string.digits + string.ascii_uppercase + string.ascii_lowercase
        body = "".join(self.random.choice(letters) for _ in range(30))
        check, digits = zlib.crc32(body.encode()), ""
        for _ in range(6):
            check, digit = divmod(check, 62)
            digits = letters[digit] + digits
        token = "gh" + "p_" + body + digits
        self.values.append(token)
        return token

    def done(self):
        planted = {control: sorted(set(ids)) for control, ids in self.planted.items()}
        return {"planted": planted, "values": self.values}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def trust(principal, **more):
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})
