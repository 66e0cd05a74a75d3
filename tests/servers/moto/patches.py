"""What moto does not tell, or tells otherwise than AWS."""

import collections
import json

from werkzeug import exceptions

from moto.core import responses
from moto.kms import models as keys
from moto.kms import responses as kms
from moto.moto_server import werkzeug_app
from moto.secretsmanager import models as secrets

REQUESTS = collections.Counter()


def apply():
    told = secrets.FakeSecret.to_dict

    def to_dict(self):
        # Moto never tells LastAccessedDate, PrimaryRegion and schedules: `extra` does.
        return {name: value for name, value in {**told(self), **getattr(self, "extra", {})}.items() if value is not None}

    secrets.FakeSecret.to_dict = to_dict

    def list_secret_version_ids(self, secret_id):
        # Moto says that all were created and read just now.
        secret = self.secrets[secret_id]
        versions = [
            {"CreatedDate": one["createdate"], "VersionId": name, "VersionStages": one["version_stages"]}
            for name, one in secret.versions.items()
        ]
        return json.dumps({"ARN": secret.arn, "Name": secret.name, "Versions": versions})

    secrets.SecretsManagerBackend.list_secret_version_ids = list_secret_version_ids

    grant = keys.Grant.to_json

    def to_json(self):
        # Moto does not tell when grants were made.
        made = getattr(self, "creation_date", None)
        return {**grant(self), **({"CreationDate": made.timestamp()} if made else {})}

    keys.Grant.to_json = to_json

    rotation = kms.KmsResponse.get_key_rotation_status

    def get_key_rotation_status(self):
        status = json.loads(rotation(self))
        if status["KeyRotationEnabled"]:
            key = self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))]
            status["RotationPeriodInDays"] = getattr(key, "rotation_period", 365)
        return json.dumps(status)

    kms.KmsResponse.get_key_rotation_status = get_key_rotation_status

    call = responses.BaseResponse.call_action

    def call_action(self):
        REQUESTS[self._get_action()] += 1
        # As of a service that does not know the operation, and not as of one that broke.
        try:
            return call(self)
        except NotImplementedError:
            return 501, {"status": 501}, ""

    responses.BaseResponse.call_action = call_action

    answer = werkzeug_app.DomainDispatcherApplication.__call__

    def of_any_service(self, environ, start_response):
        # The same of services that moto does not have.
        try:
            return answer(self, environ, start_response)
        except (AttributeError, RuntimeError, NotImplementedError):
            return exceptions.NotImplemented()(environ, start_response)

    werkzeug_app.DomainDispatcherApplication.__call__ = of_any_service
