"""deploy/chart, rendered by Helm with many values, against the schemas of Kubernetes and KEDA, our
settings, our commands and what a cluster must not be able to do.
"""

import importlib.metadata
import io
import json
import platform
import re
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import kubernetes_validate
import pytest
import yaml

from bot.__main__ import _parser
from bot.container import read_settings
from bot.gpu_owed import NO_BASE, PATH
from bot.registered_channels import CHANNELS
from pipeline.engine.connection import EXIT_GRACE
from pipeline.models import recipe, video_recipe
from pipeline.worker.app import roles
from pipeline.worker.settings_rules import SETTINGS_RULES
from shop.adapters.backup_stream import new_pair
from shop.environment import variable
from shop.labels.authority import issue
from shop.labels.keys import KeysUnusable, load_keys
from shop.redis_client import REDIS_SECONDS
from shop.settings import Settings, SettingsError
from tests.keys import MASTER_KEY_BASE64

CHART = Path(__file__).parents[2] / "deploy" / "chart"
KEDA = json.loads((Path(__file__).parent / "keda" / "scaledobject.json").read_text())
RULES = CHART.parent / "alerts.yml"
PRIVATE, BACKUP_KEY = new_pair()
KUBERNETES = ("1.27", "1.37")
SECRETS = {
    "EIDER_MASTER_KEY": MASTER_KEY_BASE64,
    "EIDER_DATABASE_URL": "postgresql://eider@db.internal/eider",
    "EIDER_REDIS_URL": "rediss://redis.internal:6379/0",
    "EIDER_BLOBS_KEY_ID": "AKIA42",
    "EIDER_BLOBS_SECRET_KEY": "s3cr3t",
    "EIDER_TELEGRAM_TOKEN": "123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawX",
}
BY_THE_CHART = {  # what the chart says itself: nobody may say otherwise
    *("EIDER_DATA", "EIDER_HEALTH_HOST", "EIDER_HEALTH_PORT", "EIDER_HOST", "EIDER_PORT"),
    *("EIDER_LABEL_KEYS", "EIDER_DEVICE", "EIDER_BASES", "EIDER_STUDIO_BASES"),
    "EIDER_MIGRATE_AT_START",
}
Manifest = dict[str, Any]
Render = Callable[..., list[Manifest]]

GPU = {"gpu": "h100", "weights": "bases"}
OTHERS: Mapping[str, Mapping[str, Any]] = {
    "no studios": {"studios": {"mini": None}},
    "no replicas": {
        "web": {"replicas": 0, "autoscaling": {"enabled": False}},
        "courier": {"replicas": 0},
        "check": {"replicas": 0, "autoscaling": {"enabled": False}},
        "keda": {"enabled": False},
        "studioDefaults": {"replicas": 0},
    },
    "three bases, roles apart, a video base": {
        "settings": {"house": {"EIDER_BASE": "sdxl", "EIDER_VIDEO_BASE": "wan22-ti2v-5b"}},
        "studios": {
            "mini": {"enabled": False},
            "sdxl": {**GPU, "base": "sdxl", "min": 1, "withoutBase": True},
            "flux": {**GPU, "base": "flux2-klein", "moreBases": ["z-image"]},
            "video": {**GPU, "base": "sdxl", "role": "video", "videoBase": "wan22-ti2v-5b"},
            "film": {"base": "sdxl", "role": "film"},
        },
    },
    "others' names": {
        "image": {
            "registry": "10.0.0.1:5000/a/b", "tag": "7", "pullSecrets": ["pull"],
            "digests": {"studio": f"sha256:{'a' * 64}"},
        },
        "secrets": {"house": {
            "EIDER_MASTER_KEY": {"name": "vault-1", "key": "master"},
            "EIDER_BLOBS_KEY_ID": None, "EIDER_BLOBS_SECRET_KEY": None,
        }},
        "settings": {"chat": {"EIDER_CONNECTIONS": 2000, "EIDER_TRUSTED_PROXIES": "fd00::/8"}},
        "labelKeys": "", "serviceAccount": "bucket", "priorityClass": "high",
        "ingress": {"className": "", "annotations": {}},
        "gpuClasses": {"a10": {
            "resource": "aliyun.com/gpu", "runtimeClass": "nvidia", "nodeSelector": {"a": "b"},
        }},
        "studios": {"mini": {"gpu": "a10"}},
        "network": {"stores": {"blobs": {"port": 8333, "peers": [
            {"namespaceSelector": {"matchLabels": {"s3": "yes"}}}
        ]}}},
    },
    "polled, warm evenings, without an ingress or policies": {
        "poll": {"enabled": True}, "ingress": {"enabled": False}, "network": {"enabled": False},
        "migrate": {"enabled": False},
        "studios": {"mini": {"warm": [
            {"timezone": "Asia/Shanghai", "start": "0 18 * * *", "end": "0 23 * * *", "replicas": 1}
        ]}},
    },
    "backed up, traced, watched": {
        "settings": {
            "house": {"EIDER_TRACES_URL": "http://collector.internal:4318/v1/traces"},
            "chat": {"EIDER_BACKUP_KEY": BACKUP_KEY, "EIDER_BACKUP_URL": "s3://backups/eider"},
        },
        "backup": {"enabled": True},
        "network": {"collector": {"peers": [{"ipBlock": {"cidr": "10.0.0.7/32"}}]}},
        "prometheus": {
            "podMonitor": True, "labels": {"release": "prometheus"}, "rules": RULES.read_text(),
        },
    },
}  # fmt: skip
FILES = {
    "default": (),
    "spot": ("values-spot.yaml",),
    "east": ("values-two-regions.yaml",),
    "west": ("values-two-regions.yaml",),
}
CASES = [*FILES, *OTHERS]


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Helm 3, from the wheel in which Amazon hands it out: zipped, in an npm package, in it."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("the wheel's Helm is for Linux on x86-64")
    files = importlib.metadata.files("aws-cdk.asset-kubectl-v20") or []
    package = next(one for one in files if one.name.endswith(".jsii.tgz"))
    with tarfile.open(str(package.locate())) as npm:
        layer = npm.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as zipped:
            found = Path(zipped.extract("helm/helm", tmp_path_factory.mktemp("helm")))
    found.chmod(0o700)
    return found


RunHelm = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run_helm(helm: Path, tmp_path_factory: pytest.TempPathFactory) -> RunHelm:
    def run(values: Mapping[str, Any], *files: str) -> subprocess.CompletedProcess[str]:
        folder = tmp_path_factory.mktemp("values")
        (folder / "values.json").write_text(json.dumps(values))
        chosen = [
            option for one in (*files, folder / "values.json") for option in ("-f", CHART / one)
        ]
        command = [helm, "template", "eider", CHART, "--namespace", "shop", *chosen]
        env = {"HOME": str(folder), "PATH": ""}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=env)

    return run


@pytest.fixture(scope="session")
def render(run_helm: RunHelm) -> Render:
    """What is rendered in a case; nobody may change it."""

    @cache
    def rendered(case: str = "default") -> list[Manifest]:
        values = OTHERS.get(case, {"regions": {"here": "west"}} if case == "west" else {})
        done = run_helm(values, *FILES.get(case, ()))
        assert done.returncode == 0, done.stderr
        return [one for one in yaml.load_all(done.stdout, yaml.CSafeLoader) if one]

    return rendered


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    for one in manifests:
        if one["kind"] in ("Deployment", "Job", "CronJob"):
            job = one["spec"]["jobTemplate"] if one["kind"] == "CronJob" else one
            yield one["metadata"]["name"], job["spec"]["template"]


def of(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] == kind}


def environment(container: Manifest) -> dict[str, str]:
    names = [one["name"] for one in container["env"]]
    assert len(names) == len(set(names))
    return {
        one["name"]: one["value"] if "value" in one else SECRETS[one["name"]]
        for one in container["env"]
    }


def selects(policy: Manifest, labels: Mapping[str, str]) -> bool:
    selector = policy["spec"]["podSelector"]
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", [])
    )


@pytest.fixture
def schemas_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read from the disk: as one for each object they are most of these tests' time."""
    utils = kubernetes_validate.utils
    monkeypatch.setattr(utils, "schema_contents", read_schema)


read_schema = cache(kubernetes_validate.utils.schema_contents)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.usefixtures("schemas_once")
def test_what_is_rendered_is_kubernetes_and_kedas(render: Render, case: str):
    manifests = render(case)
    assert max(Counter((one["kind"], one["metadata"]["name"]) for one in manifests).values()) == 1
    for one in manifests:
        if one["apiVersion"] == "monitoring.coreos.com/v1":
            assert case == "backed up, traced, watched"
            continue
        if one["kind"] != "ScaledObject":
            for version in KUBERNETES:
                kubernetes_validate.validate(one, version, strict=True)
            continue
        jsonschema.validate(one, KEDA)
        for trigger in one["spec"]["triggers"]:
            known = KEDA["x-triggers"][trigger["type"]]
            given = trigger["metadata"]
            assert set(known["required"]) <= set(given) <= set(known["parameters"])
            assert all(isinstance(value, str) for value in given.values())


@pytest.mark.parametrize("case", CASES)
def test_each_process_has_settings_that_start_it_and_a_command_that_exists(
    render: Render, case: str
):
    """Read as the process itself reads them, with values for what stands in Secrets."""
    for name, pod in pods(render(case)):
        (container,) = pod["spec"]["containers"]
        env, (module, *words) = environment(container), container["args"]
        if module == "bot":
            _parser(CHANNELS).parse_args(words)
            keys = env["EIDER_LABEL_KEYS"]
            read_settings(env, signs=keys == "none")
            assert keys in ("none", "/labels/keys")
            assert "/eider-chat:" in container["image"]
        else:
            assert module == "pipeline.worker"
            assert words[0] in roles()
            settings = Settings.from_env(
                {key: value for key, value in env.items() if key != "EIDER_BASES"}, SETTINGS_RULES
            )
            limits = container["resources"]["limits"]
            has_gpu = any(key.endswith("/gpu") for key in limits)
            assert (settings.device == "cuda") == has_gpu == ("eider-studio" in container["image"])
            assert "EIDER_TELEGRAM_TOKEN" not in env
        assert env["EIDER_MIGRATE_AT_START"] == "no", name


@pytest.mark.parametrize("case", CASES)
def test_no_process_may_more_than_it_needs(render: Render, case: str):
    manifests = render(case)
    policies = of(manifests, "NetworkPolicy").values()
    for name, pod in pods(manifests):
        spec, labels = pod["spec"], pod["metadata"]["labels"]
        assert (spec["enableServiceLinks"], spec["automountServiceAccountToken"]) == (False, False)
        assert spec["securityContext"]["runAsNonRoot"]
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        mounted = {volume["name"] for volume in spec["volumes"]}
        for container in (*spec["containers"], *spec.get("initContainers", [])):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "memory" in container["resources"]["limits"]
            assert {one["name"] for one in container["volumeMounts"]} <= mounted
            for one in container.get("env", []):
                is_secret = one["name"] in SECRETS
                assert ("valueFrom" in one) == is_secret, one["name"]
        if not policies:
            assert case.endswith("policies")
            continue
        ways = [
            way for one in policies if selects(one, labels) for way in one["spec"].get("egress", [])
        ]
        assert ways, name
        assert all(way["to"] for way in ways)
        ports = {port["port"] for way in ways for port in way["ports"]}
        if labels["eider/side"] == "workers":
            blobs = 8333 if case == "others' names" else 443
            traces = {4318} if "EIDER_TRACES_URL" in environment(spec["containers"][0]) else set()
            assert ports == {53, 5432, 6379, blobs, *traces}, name
            peers = [peer for way in ways for peer in way["to"]]
            assert not any(peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0" for peer in peers)
        if labels["app.kubernetes.io/component"] == "migrate":
            assert ports == {53, 5432}
        if labels["app.kubernetes.io/component"] == "backup":
            assert ports == {53, 5432, 443}


@pytest.mark.parametrize("case", CASES)
def test_each_process_is_asked_how_it_is_and_may_end_in_order(render: Render, case: str):
    """A worker that is told to stop hands its jobs on, closes its torch process and leaves."""
    draining = EXIT_GRACE + 2 * REDIS_SECONDS
    manifests = render(case)
    budgets = [
        one["spec"]["selector"]["matchLabels"]
        for one in of(manifests, "PodDisruptionBudget").values()
    ]
    for name, pod in pods(manifests):
        spec, labels = pod["spec"], pod["metadata"]["labels"]
        assert spec["terminationGracePeriodSeconds"] > draining
        assert spec["shareProcessNamespace"]  # python as process 1 would miss an early SIGTERM
        if name.endswith(("-migrate", "-backup")):
            continue
        (container,) = spec["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        env = environment(container)
        assert str(ports["health"]) == env["EIDER_HEALTH_PORT"]
        assert container["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "health"}
        assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "health"}
        if not name.endswith("-poll"):
            assert sum(one.items() <= labels.items() for one in budgets) == 1, name


@pytest.mark.parametrize("case", CASES)
def test_everything_that_points_to_something_finds_it(render: Render, case: str):
    manifests = render(case)
    deployments = of(manifests, "Deployment")
    labels = [pod["metadata"]["labels"] for name, pod in pods(manifests)]
    for one in (*of(manifests, "HorizontalPodAutoscaler").values(),
                *of(manifests, "ScaledObject").values()):  # fmt: skip
        target = deployments[one["spec"]["scaleTargetRef"]["name"]]
        assert "replicas" not in target["spec"]  # or each upgrade would undo the scaling
    services = of(manifests, "Service")
    for service in services.values():
        assert any(service["spec"]["selector"].items() <= one.items() for one in labels)
    for ingress in of(manifests, "Ingress").values():
        (rule,) = ingress["spec"]["rules"]
        (path,) = rule["http"]["paths"]
        assert path["backend"]["service"]["name"] in services
    for name, deployment in deployments.items():
        chosen = deployment["spec"]["selector"]["matchLabels"]
        assert chosen.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
        assert sum(chosen.items() <= one.items() for one in labels) == 1, name


def asked(scaled: Manifest) -> dict[str, list[str]]:
    url = urlsplit(scaled["spec"]["triggers"][0]["metadata"]["url"])
    assert url.path == PATH
    return parse_qs(url.query, strict_parsing=bool(url.query))


def test_a_fleet_is_scaled_by_its_own_work_and_to_none(render: Render):
    fleets = {
        name.removeprefix("eider-studio-"): one
        for name, one in of(
            render("three bases, roles apart, a video base"), "ScaledObject"
        ).items()
    }
    assert {name: asked(one) for name, one in fleets.items()} == {
        "sdxl": {"base": ["sdxl", NO_BASE]},
        "flux": {"base": ["flux2-klein", "z-image"]},
        "video": {"kind": ["video"], "base": ["sdxl", "wan22-ti2v-5b"]},
        "film": {"kind": ["film"], "base": ["sdxl", NO_BASE]},
    }
    assert {one["spec"]["minReplicaCount"] for one in fleets.values()} == {0, 1}
    assert all(
        one["spec"]["triggers"][0]["metricType"] == "AverageValue" for one in fleets.values()
    )
    spot = of(render("spot"), "ScaledObject")
    assert asked(spot["eider-studio-sdxl"]) == {}
    # What two that stay are there for is theirs.
    assert asked(spot["eider-studio-sdxl-spot"]) == {
        "beyond": ["600"],
        "patience": ["900"],
    }


NEEDS = {  # of a sale, for the values that fleets have
    "default": "check,courier",
    "spot": "check,courier",
    "east": "check,courier",
    "three bases, roles apart, a video base": "check,courier",  # who generates comes when owed
    "no replicas": None,
    "no studios": None,
}


@pytest.mark.parametrize(("case", "need"), NEEDS.items())
def test_a_sale_does_not_wait_for_studios_that_come_when_something_is_owed(
    render: Render, case: str, need: str | None
):
    """Nothing is owed until something is sold."""
    web = of(render(case), "Deployment")["eider-web"]["spec"]["template"]["spec"]
    assert environment(web["containers"][0]).get("EIDER_SALES_NEED") == need


@pytest.mark.parametrize(
    ("values", "need"),
    [
        ({"studios": {"mini": {"min": 1}}}, None),
        ({"settings": {"chat": {"EIDER_SALES_NEED": "none"}}}, "none"),
        ({"settings": {"chat": {"EIDER_SALES_NEED": "studio"}}, "studios": {"mini": {"warm": [
            {"timezone": "UTC", "start": "0 18 * * *", "end": "0 23 * * *", "replicas": 1}
        ]}}}, "studio"),
    ],
)  # fmt: skip
def test_a_sale_needs_a_studio_that_stays_and_whoever_an_operator_says(run_helm, values, need):
    done = run_helm(values)
    assert done.returncode == 0, done.stderr
    web = of([*yaml.safe_load_all(done.stdout)], "Deployment")["eider-web"]["spec"]["template"]
    assert environment(web["spec"]["containers"][0]).get("EIDER_SALES_NEED") == need


def test_the_values_that_the_docs_begin_with_are_rendered(run_helm):
    page = (CHART.parents[1] / "docs" / "kubernetes.md").read_text()
    (own,) = re.findall(r"```yaml\n(.+?)```", page, re.DOTALL)
    done = run_helm(yaml.safe_load(own))
    assert done.returncode == 0, done.stderr


def test_prometheus_finds_every_process_as_the_job_that_the_alerts_ask_for(render: Render):
    """By the fields that the operator's PodMonitor and PrometheusRule have."""
    found = {
        one["kind"]: one
        for one in render("backed up, traced, watched")
        if one["apiVersion"] == "monitoring.coreos.com/v1"
    }
    assert {one["metadata"]["labels"]["release"] for one in found.values()} == {"prometheus"}
    monitor = found["PodMonitor"]["spec"]
    assert monitor["podMetricsEndpoints"] == [
        {"port": "health", "path": "/metrics", "interval": "15s"}
    ]
    for name, pod in pods(render("backed up, traced, watched")):
        labels = pod["metadata"]["labels"]
        assert monitor["selector"]["matchLabels"].items() <= labels.items(), name
        assert f'up{{job="{labels[monitor["jobLabel"]]}"}}' in RULES.read_text()
    assert found["PrometheusRule"]["spec"] == yaml.safe_load(RULES.read_text())


def test_a_backup_is_made_by_the_hour_on_the_disk_that_has_room_for_it(render: Render):
    job = of(render("backed up, traced, watched"), "CronJob")["eider-backup"]["spec"]
    assert job["concurrencyPolicy"] == "Forbid"
    (container,) = job["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["bot", "backup", "--keep", "48"]
    env = environment(container)
    assert (env["EIDER_BACKUP_KEY"], env["TMPDIR"]) == (BACKUP_KEY, "/data")


def test_spot_studios_stand_on_spot_nodes_alone(render: Render):
    deployments = of(render("spot"), "Deployment")
    for name, is_spot in (("eider-studio-sdxl", False), ("eider-studio-sdxl-spot", True)):
        spec = deployments[name]["spec"]["template"]["spec"]
        assert ("cloud.google.com/gke-spot" in spec["nodeSelector"]) == is_spot
        assert spec["nodeSelector"]["nvidia.com/gpu.product"] == "NVIDIA-L40S"
        assert len(spec["tolerations"]) == 1 + is_spot


def test_the_other_region_has_studios_alone_and_asks_the_home_what_is_owed(render: Render):
    east, west = render("east"), render("west")
    assert set(of(west, "Deployment")) == {"eider-studio-sdxl-west"}
    assert {one["kind"] for one in west} == {
        "Deployment", "PodDisruptionBudget", "ScaledObject", "NetworkPolicy"
    }  # fmt: skip
    url = of(west, "ScaledObject")["eider-studio-sdxl-west"]["spec"]["triggers"][0]["metadata"][
        "url"
    ]
    assert url == "http://eider-health.east.internal:9100/gpu-seconds-owed?beyond=1800&patience=900"
    assert "eider-studio-sdxl-east" in of(east, "Deployment")
    assert "eider-studio-sdxl-west" not in of(east, "Deployment")


def test_the_tables_are_brought_up_to_date_before_anything_is_rolled_out(render: Render):
    manifests = render()
    (job,) = of(manifests, "Job").values()
    assert job["spec"]["template"]["spec"]["containers"][0]["args"] == ["bot", "migrate", "up"]
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    policy = of(manifests, "NetworkPolicy")["eider-migrate"]
    hooks = [one for one in manifests if "helm.sh/hook" in one["metadata"].get("annotations", {})]
    assert hooks == sorted((job, policy), key=manifests.index)
    weights = []
    for one in (policy, job):
        assert one["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
        weights.append(int(one["metadata"]["annotations"]["helm.sh/hook-weight"]))
    assert weights == sorted(set(weights))
    assert {volume["name"] for volume in job["spec"]["template"]["spec"]["volumes"]} == {
        "data",
        "tmp",
    }


def test_the_keys_of_the_labels_are_usable_as_a_secret_brings_them(render: Render, tmp_path: Path):
    """Links to files that a group may read, in a folder that a group may write."""
    now, folder, mounted = datetime.now(UTC), tmp_path / "labels", tmp_path / "label-secret"
    issue(tmp_path / "made", tmp_path / "root", "Eider", now)
    version = mounted / "..2026"
    version.mkdir(parents=True)
    (mounted / "..data").symlink_to(version)
    for file in (tmp_path / "made").iterdir():
        (version / file.name).write_bytes(file.read_bytes())
        (version / file.name).chmod(0o440)
        (mounted / file.name).symlink_to(f"..data/{file.name}")
    folder.mkdir(mode=0o777)
    with pytest.raises(KeysUnusable):
        load_keys(mounted, now)
    pod = of(render(), "Deployment")["eider-web"]["spec"]["template"]["spec"]
    *shell, words = pod["initContainers"][0]["command"]
    there = words.replace("/label-secret/", f"{mounted}/").replace("/labels/", f"{folder}/")
    subprocess.run([*shell, there], check=True)
    keys = environment(pod["containers"][0])["EIDER_LABEL_KEYS"]
    assert load_keys(folder / Path(keys).relative_to("/labels"), now).trust.certificates


MORE = "x\n  hostNetwork: true"  # YAML of its own, where a name is written as it comes
TRACED = {  # another port than the policy's
    "http://collector:9999/v1/traces": 9999,
    "http://[fd00::4318]/v1/traces": 80,
    "https://u:4318@collector.internal/v1/traces": 443,
}
NAMED: Mapping[str, Mapping[str, Any]] = {
    "image.tag": {"image": {"tag": MORE}},
    "image.registry": {"image": {"registry": MORE}},
    "image.pullSecrets": {"image": {"pullSecrets": [MORE]}},
    "serviceAccount": {"serviceAccount": MORE},
    "priorityClass": {"priorityClass": MORE},
    "labelKeys": {"labelKeys": MORE},
    "runtimeClass": {"gpuClasses": {"a": {"resource": "b.c/gpu", "runtimeClass": MORE}}},
    "studios.mini.weights": {"studios": {"mini": {"weights": MORE}}},
    "ingress.className": {"ingress": {"className": MORE}},
    "secrets.house.EIDER_MASTER_KEY.name": {
        "secrets": {"house": {"EIDER_MASTER_KEY": {"name": MORE, "key": "a"}}}
    },
}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"settings": {"chat": {"EIDER_TELEGRAM_TOKEN": "1:x"}}}, "EIDER_TELEGRAM_TOKEN"),
        ({"settings": {"house": {"EIDER_BSAE": "sdxl"}}}, "EIDER_BSAE"),
        ({"settings": {"house": {"EIDER_MIGRATE_AT_START": "yes"}}}, "EIDER_MIGRATE_AT_START"),
        ({"settings": {"chat": {"EIDER_PLAYGROUND": True}}}, "settings.chat.EIDER_PLAYGROUND"),
        ({"secrets": {"house": {"EIDER_DATABASE_URL": None}}}, "EIDER_DATABASE_URL is required"),
        ({"secrets": {"house": {"EIDER_MASTER_KEY": "c2VjcmV0"}}}, "EIDER_MASTER_KEY"),
        ({"secrets": {"house": {"EIDER_ADMINS": {"name": "a", "key": "b"}}},
          "settings": {"house": {"EIDER_ADMINS": "telegram:42"}}}, "stands in secrets as well"),
        ({"studios": {"mini": {"base": "sdlx"}}}, "studios.mini.base must be one of"),
        ({"studios": {"mini": {"gpuu": "h100"}}}, "gpuu is not allowed"),
        ({"studios": {"mini": {"gpu": "a10"}}}, "a10 is no class of gpuClasses: h100, l40s"),
        ({"studios": {"mini": {"min": 5}}}, "max: 4 is less than min, which is 5"),
        ({"studios": {"mini": {"spot": True}}}, "spotNodes.nodeSelector must say"),
        ({"studios": {"mini": {"graceSeconds": 5}}}, "graceSeconds"),
        ({"studios": {"mini": {"after": "b"}, "b": {"base": "mini", "everyBase": True,
          "after": "mini"}}}, "comes after this one itself"),
        ({"studios": {"mini": {"after": "b"}, "b": {"base": "mini"}}}, "does not do the same work"),
        ({"regions": {"home": "east", "here": "east"}}, "must be named where regions are"),
        ({"regions": {"home": "east", "here": "west"}, "studios": {"mini": {"region": "west"}}},
         "keda.url: must be the address of the health port in east"),
        ({"regions": {"here": "north"}}, "regions.home: must be named"),
        ({"regions": {"home": "east", "here": "nort"}, "studios": {"mini": {"region": "east"}}},
         '"nort" is neither regions.home nor where studios are: east'),
        ({"studios": {"mini": {"region": "east"}}}, "regions.home: must be named"),
        ({"settings": {"house": {"EIDER_BASE": "sdxl"}}},
         "studios.mini.weights: must be named, for it takes work of sdxl (everyBase)"),
        ({"settings": {"house": {"EIDER_BASE": "sdxl"}}, "studios": {"mini": {"everyBase": False}}},
         "EIDER_BASE is sdxl, and no fleet of studios trains with it"),
        ({"studios": {"mini": {"role": "train"}}}, "no fleet of studios paints with it"),
        ({"studios": {"b": {"base": "mini", "moreBases": ["sdxl"]}}},
         "studios.b.weights: must be named, for it takes work of sdxl"),
        ({"settings": {"chat": {"EIDER_VIDEO_BASE": "ltx-2"}}},
         "EIDER_VIDEO_BASE is ltx-2, and no fleet of studios generates clips with it"),
        ({"studios": {"b": {"base": "mini", "role": "video"}}}, "studios.b.videoBase: must be"),
        ({"studios": {"mini": {"everyBase": False, "withoutBase": False}}}, "withoutBase must be"),
        ({"settings": {"chat": {"EIDER_SALES_NEED": "check,studio"}}}, "nothing would ever be"),
        ({"settings": {"chat": {"EIDER_SALES_NEED": "check, studio"}}}, "nothing would ever be"),
        ({"web": {"autoscaling": {"min": 9, "max": 3}}}, "web.autoscaling.max: 3 is less than min"),
        ({"backup": {"enabled": True}}, "settings.chat must name EIDER_BACKUP_KEY"),
        ({"backup": {"enabled": True}, "settings": {"chat": {
            "EIDER_BACKUP_KEY": "age1x", "EIDER_BACKUP_URL": "/backups"}}}, "must be a bucket"),
        ({"settings": {"workers": {"EIDER_TRACES_URL": "http://collector:4318/v1/traces"}}},
         "network.collector.peers: must be named"),
        ({"studios": {"mini": {"settings": {"EIDER_TRACES_URL": "http://collector:4318/v1/traces"}}}},
         "network.collector.peers: must be named"),
        *(({"settings": {"house": {"EIDER_TRACES_URL": url}},
            "network": {"collector": {"peers": [{"ipBlock": {"cidr": "10.0.0.7/32"}}]}}},
           f"settings.house.EIDER_TRACES_URL has the port {port}") for url, port in TRACED.items()),
        *(({"studios": {"mini": {"settings": {name: base}}}},
           "studios.mini.settings: EIDER_BASE and EIDER_VIDEO_BASE are said by")
          for name, base in (("EIDER_BASE", "sdxl"), ("EIDER_VIDEO_BASE", "ltx-2"))),
        ({"settings": {"workers": {"EIDER_BASE": "sdxl"}}}, "settings.workers: EIDER_BASE is said"),
        ({"settings": {"chat": {"EIDER_BACKUP_KEY": PRIVATE}}}, "is a private key"),
        *(({"backup": {"schedule": wrong}}, "backup.schedule") for wrong in (
            "@hourly", "60 * * * *", "23 24 * * *", "23 * 0 * *", "23 * * * 7", "a b c d e",
            "23 * * *", "*/0 * * * *")),
        ({"studios": {"mini": {"warm": [{"timezone": "UTC", "start": "18:00", "end": "0 23 * * *",
          "replicas": 1}]}}}, "warm.0.start"),
        ({"prometheus": {"rules": "deploy/alerts.yml"}}, "must be the text of a file of rules"),
        *((values, name) for name, values in NAMED.items()),
        ({"network": {"stores": {"redis": {"peers": []}}}}, "network.stores.redis.peers"),
        ({"host": "https://eider.example"}, "host"),
        ({"webb": {}}, "webb is not allowed"),
    ],
)  # fmt: skip
def test_values_that_cannot_work_are_refused_with_words(run_helm, values, words: str):
    done = run_helm(values)
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stdout == ""


OF_PICTURES = {  # the secrets of whoever opens pictures: it keeps, reads and queues them
    *("EIDER_MASTER_KEY", "EIDER_MASTER_KEY_OLD", "EIDER_SIGNING_KEY", "EIDER_ADMINS"),
    *("EIDER_DATABASE_URL", "EIDER_REDIS_URL", "EIDER_BLOBS_KEY_ID", "EIDER_BLOBS_SECRET_KEY"),
}


def test_what_chats_and_tills_are_trusted_with_no_process_that_opens_pictures_is_given(run_helm):
    schema = json.loads((CHART / "values.schema.json").read_text())["definitions"]["secrets"]
    chats = set(schema["propertyNames"]["enum"]) - OF_PICTURES
    assert {"EIDER_TELEGRAM_TOKEN", "EIDER_WECHATPAY_PRIVATE_KEY"} < chats
    for name in sorted(chats):
        one = {name: {"name": "eider", "key": name}}
        refused = run_helm({"secrets": {"house": one}})
        assert (refused.returncode, refused.stdout) == (1, "")
        assert f"secrets.house: {name} must stand in secrets.chat" in refused.stderr
    every = {name: {"name": "eider", "key": name} for name in chats}
    of_pictures = {name: {"name": "eider", "key": name} for name in OF_PICTURES}
    done = run_helm({"secrets": {"house": of_pictures, "chat": every}})
    assert done.returncode == 0, done.stderr
    for name, pod in pods([one for one in yaml.safe_load_all(done.stdout) if one]):
        given = {one["name"] for one in pod["spec"]["containers"][0]["env"] if "valueFrom" in one}
        on_the_side = pod["metadata"]["labels"]["eider/side"]
        assert given == (OF_PICTURES if on_the_side == "workers" else OF_PICTURES | chats), name


def test_the_schema_of_values_knows_the_settings_and_bases_that_there_are():
    known = json.loads((CHART / "values.schema.json").read_text())["definitions"]
    fields = Settings.model_fields.items()
    named = {
        key: str(field.validation_alias or variable(key))
        if isinstance(field.validation_alias, str)
        else variable(key)
        for key, field in fields
    }
    secret = {named[key] for key, field in fields if not field.repr}
    assert known["secrets"]["propertyNames"]["enum"] == sorted(secret)
    # Who the admins are may stand in either.
    plain = set(named.values()) - BY_THE_CHART - (secret - {"EIDER_ADMINS"})
    assert known["settings"]["propertyNames"]["enum"] == sorted(plain)
    assert known["base"]["enum"] == sorted(recipe.names())
    assert known["videoBase"]["enum"] == ["", *sorted(video_recipe.names())]
    jsonschema.Draft7Validator.check_schema({"definitions": known})


def test_a_misspelt_setting_would_have_been_seen():
    """What the tests above rely on."""
    with pytest.raises(SettingsError, match="EIDER_BSAE"):
        Settings.from_env({"EIDER_MASTER_KEY": SECRETS["EIDER_MASTER_KEY"], "EIDER_BSAE": "sdxl"})
