"""Runs the steps of action.yml as a runner of GitHub does, as far as this action needs it.

Inputs, `env`, `if` and outputs go through the expressions of action.yml, so that its wiring is tested with the scripts. Expressions that
it does not use are errors.
"""

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
ACTION = YAML(typ="safe").load((ROOT / "action.yml").read_text())


def binary() -> str:
    """The keystrel that is tested: KEYSTREL_BINARY, else the debug build."""
    return os.environ.get("KEYSTREL_BINARY") or str(ROOT / "target/debug/keystrel")


@dataclass
class Job:
    """What a run of the action left."""

    code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict = field(default_factory=dict)
    uploads: list = field(default_factory=list)
    steps: dict = field(default_factory=dict)


def evaluate(text: str, context: dict):
    """The value of `${{ a.b.c }}` in a text, and of `a == 'x'` in an `if`."""

    def look_up(match):
        path = match.group(1).strip().split(".")
        if path[0] == "steps":
            step = context["steps"].get(path[1], {})
            assert path[2] == "outputs", path
            return step.get(path[3], "")
        return context[".".join(path)]

    return re.sub(r"\$\{\{(.*?)\}\}", look_up, text)


def holds(condition: str, context: dict) -> bool:
    match = re.fullmatch(r"(\S+) (==|!=) '(.*)'", condition)
    assert match, f"an `if` that the runner does not know: {condition}"
    value = evaluate("${{ " + match.group(1) + " }}", context)
    return (value == match.group(3)) == (match.group(2) == "==")


def read_outputs(path: Path) -> dict:
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def run(
    event_name: str, event: str, workspace: Path, inputs: dict | None = None, env: dict | None = None, action_path: Path = ROOT
) -> Job:
    """Runs the action for an event, whose JSON is given, in a workspace."""
    known = ACTION["inputs"]
    unknown = set(inputs or {}) - set(known)
    assert not unknown, f"action.yml has no inputs {unknown}"
    values = {name: str(row.get("default", "")) for name, row in known.items()} | (inputs or {})
    job = Job()
    with tempfile.TemporaryDirectory() as temporary:
        temp = Path(temporary)
        (temp / "event.json").write_text(event)
        context = {f"inputs.{name}": value for name, value in values.items()}
        context |= {"github.action_path": str(action_path), "github.workspace": str(workspace), "steps": job.steps}
        summary = temp / "summary"
        failed = False
        for index, step in enumerate(ACTION["runs"]["steps"]):
            if failed or not holds(step.get("if", "github.workspace != ''"), context):
                continue
            if "uses" in step:
                job.uploads.append({k: evaluate(v, context) for k, v in step["with"].items()})
                continue
            output = temp / f"output-{index}"
            output.touch()
            given = {name: evaluate(value, context) for name, value in step["env"].items()}
            variables = {
                "PATH": os.environ["PATH"], "HOME": str(temp), "RUNNER_TEMP": str(temp / "runner"), "RUNNER_OS": "Linux",
                "RUNNER_ARCH": "X64", "RUNNER_TOOL_CACHE": str(temp / "tools"), "GITHUB_EVENT_NAME": event_name,
                "GITHUB_EVENT_PATH": str(temp / "event.json"), "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_REPOSITORY": "acme/shop", "GITHUB_SHA": "0" * 40, "GITHUB_SERVER_URL": "https://github.com",
            } | given | (env or {})
            Path(variables["RUNNER_TEMP"]).mkdir(exist_ok=True)
            assert step["shell"] == "bash"
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
                cwd=workspace, env=variables, capture_output=True, text=True, check=False,
            )
            job.log += done.stdout + done.stderr
            job.steps[step.get("id", str(index))] = read_outputs(output)
            failed = done.returncode != 0
            job.code = done.returncode
        job.outputs = {name: evaluate(row["value"], context) for name, row in ACTION["outputs"].items()}
        for name in ("sarif-file", "json-file"):
            path = job.outputs[name]
            job.outputs[name + " text"] = Path(path).read_text() if path else ""
        if summary.exists():
            job.summary = summary.read_text()
    return job
