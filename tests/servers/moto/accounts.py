"""The accounts that can be served."""

import plan
import plant_code
import plant_iam
import plant_keys
import plant_parameters
import plant_secrets
import plant_trails


def plant(name, arguments, endpoint):
    """Plants an account; gives what is in it."""
    made = plan.Plan(endpoint)
    {"bad": bad, "good": good, "many": many}[name](made, *arguments)
    return made.done()


def good(made):
    plant_keys.good(made)
    plant_iam.good(made)
    plant_secrets.good(made)
    plant_parameters.good(made)
    plant_code.good(made)
    plant_trails.good(made)


def bad(made):
    good_key = plant_keys.good(made)
    plant_iam.good(made)
    plant_secrets.good(made)
    plant_parameters.good(made)
    plant_code.good(made)
    plant_keys.bad(made)
    plant_iam.bad(made)
    plant_secrets.bad(made, good_key)
    plant_parameters.bad(made)
    plant_code.bad(made)
    plant_trails.bad(made)


def many(made, count):
    plant_secrets.many(made, int(count))
