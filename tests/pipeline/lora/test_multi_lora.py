"""Several people's LoRAs on one denoiser: gradients, pictures, swaps, files. peft is the oracle."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from benchmarks.launches import Operations
from pipeline.engine.messages import BadLora, RecipeError
from pipeline.lora import lora_file
from pipeline.lora.lora_file import LoraLayout, LoraShape
from pipeline.lora.multi_lora import ActiveLora, MultiLoraInjector
from tests.pipeline import tiny_bases

pytestmark = pytest.mark.slow  # torch

TARGETS = {
    "sd15": ("to_q", "to_k", "to_v", "to_out.0"),
    "sdxl": ("to_q", "to_k", "to_v", "to_out.0"),
    "z-image": ("to_q", "to_k", "to_v", "to_out.0"),
    "mini": ("to_q", "to_k", "to_v", "proj_mlp", "proj_out", "norm.linear"),
}


class Case:
    """A tiny denoiser of a family, its inputs, and the injector on it."""

    def __init__(self, name: str, targets: tuple[str, ...] = ()) -> None:
        torch.manual_seed(7)
        pipe = tiny_bases.MAKERS[name]()
        self.prefix = "unet" if name.startswith("sd") else "transformer"
        self.denoiser = getattr(pipe, self.prefix).requires_grad_(False).eval()
        self.name = name
        self.shape = LoraShape(targets or TARGETS[name], 4, 8.0)
        self.injector = MultiLoraInjector(self.denoiser, self.shape)

    def inputs(self, rows: int, seed: int = 3) -> dict[str, Any]:
        generator = torch.Generator().manual_seed(seed)

        def noise(*size: int) -> Tensor:
            return torch.randn(*size, generator=generator)

        when = torch.rand(rows, generator=generator)
        if self.name == "mini":
            return {
                "hidden_states": noise(rows, 4, 128),
                "timestep": when,
                "pooled_projections": noise(rows, 16),
                "encoder_hidden_states": noise(rows, 3, 16),
                "txt_ids": torch.zeros(3, 3),
                "img_ids": torch.zeros(4, 3),
            }
        if self.name == "z-image":
            return {"x": noise(rows, 4, 1, 4, 4), "t": when, "cap_feats": noise(rows, 5, 16)}
        values = {"sample": noise(rows, 4, 4, 4), "timestep": when * 999}
        if self.name == "sd15":
            return values | {"encoder_hidden_states": noise(rows, 3, 16)}
        sizes = {"text_embeds": noise(rows, 16), "time_ids": torch.ones(rows, 6)}
        return values | {"encoder_hidden_states": noise(rows, 3, 32), "added_cond_kwargs": sizes}

    def forward(self, inputs: dict[str, Any]) -> Tensor:
        if self.name == "z-image":  # its own calling convention: lists of pictures and of prompts
            pictures, words = list(inputs["x"]), list(inputs["cap_feats"])
            return torch.stack(self.denoiser(pictures, inputs["t"], words, return_dict=False)[0])
        return self.denoiser(**inputs, return_dict=False)[0]

    def vector(self, seed: int) -> Tensor:
        """A LoRA that has an effect: the up matrices are not zero."""
        generator = torch.Generator().manual_seed(seed)
        return torch.randn(self.injector.layout.length, generator=generator) * 0.2

    def file(
        self, vector: Tensor, layout: LoraLayout | None = None, shape: LoraShape | None = None
    ) -> bytes:
        pairs = (layout or self.injector.layout).unpack(vector)
        return lora_file.to_bytes(pairs, self.prefix, shape or self.shape, {})


@pytest.fixture(params=sorted(TARGETS))
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


def rows_of(inputs: dict[str, Any], rows: slice | list[int]) -> dict[str, Any]:
    shared = ("txt_ids", "img_ids")
    return {
        key: value
        if key in shared
        else rows_of(value, rows)
        if isinstance(value, dict)
        else value[rows]
        for key, value in inputs.items()
    }


def gradients(case: Case, vectors: list[Tensor], inputs: dict[str, Any]) -> list[Tensor]:
    """Each one's gradient of the same simple loss, rows split evenly."""
    parameters = [nn.Parameter(row.clone()) for row in vectors]
    with case.injector.training(parameters):
        out = case.forward(inputs)
        per_row = out.flatten(1).square().mean(1)
        per_row.view(len(vectors), -1).mean(1).sum().backward()
    return [parameter.grad.clone() for parameter in parameters if parameter.grad is not None]


def test_gradients_of_a_batch_of_runs_equal_those_of_single_runs(case: Case) -> None:
    inputs, vectors = case.inputs(6), [case.vector(seed) for seed in (1, 2, 3)]
    together = gradients(case, vectors, inputs)
    for number, row in enumerate(vectors):
        (alone,) = gradients(case, [row], rows_of(inputs, slice(2 * number, 2 * number + 2)))
        assert alone.abs().max() > 1e-3, "nothing was learned: the comparison would be empty"
        assert (together[number] - alone).abs().max() <= 1e-5 * max(1, alone.abs().max())


def test_a_step_casts_all_loras_at_once_and_adds_their_gradients_at_once() -> None:
    """A GPU waits for each launch: LoRAs on more layers shall not bring casts and additions."""
    counts = []
    for targets in (("to_q",), TARGETS["mini"]):
        case = Case("mini", targets)
        case.denoiser.to(torch.bfloat16)
        case.injector = MultiLoraInjector(case.denoiser, case.shape)
        with Operations() as operations, torch.autocast("cpu", torch.bfloat16):
            gradients(case, [case.vector(1)], case.inputs(2))
        counts.append((len(case.injector.layout.widths), operations.counts))
    (few, least), (many, most) = counts
    assert many >= few + 5
    for name in ("aten._to_copy", "aten.add_"):
        assert abs(most[name] - least[name]) < many - few, name
    assert most["aten.mm"] + most["aten.addmm"] > least["aten.mm"] + least["aten.addmm"]


def test_a_hooked_gradient_equals_pefts(case: Case) -> None:
    """The same weights in peft's layers: same output, same gradient."""
    inputs, row = case.inputs(2), case.vector(5)
    (gradient,) = gradients(case, [row], inputs)
    with peft_lora(case, case.file(row)) as parameters:
        out = case.forward(inputs)
        out.flatten(1).square().mean(1).mean().backward()
        theirs = {name: parameter.grad for name, parameter in parameters.items()}
    ours = case.injector.layout.unpack(gradient)
    for name, (down, up) in ours.items():
        torch.testing.assert_close(down, theirs[f"{name}.lora_A"], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(up, theirs[f"{name}.lora_B"], atol=1e-5, rtol=1e-4)


@contextlib.contextmanager
def peft_lora(case: Case, file: bytes, weight: float = 1.0) -> Iterator[dict[str, Any]]:
    """The file on the denoiser by diffusers' own loader; its weights by module and side."""
    values, metadata = lora_file.from_bytes(file, case.prefix)
    shape = lora_file.read_shape(metadata, case.prefix)
    config = {
        "r": shape.rank,
        "lora_alpha": shape.alpha,
        "target_modules": list(shape.targets),
    }
    case.denoiser.load_lora_adapter(values, prefix=None, adapter_name="oracle", metadata=config)
    case.denoiser.set_adapters(["oracle"], [weight])
    found = {}
    for name, parameter in case.denoiser.named_parameters():
        if ".oracle." in name:
            parameter.requires_grad_()
            found[name.removesuffix(".oracle.weight")] = parameter
    try:
        yield found
    finally:
        case.denoiser.delete_adapters("oracle")
        case.denoiser.unload_lora()


def test_a_mixed_batch_paints_what_each_would_alone(case: Case) -> None:
    """Rows as under guidance: row j belongs to request j % n; None is the bare base."""
    files = [case.file(case.vector(seed)) for seed in (1, 2)]
    one, two = (case.injector.load(file) for file in files)
    loras = [ActiveLora(one, 0.8), None, ActiveLora(two, 1.2), ActiveLora(one, 0.3)]
    inputs = case.inputs(8)
    with torch.no_grad():
        with case.injector.activate(loras):
            mixed = case.forward(inputs)
        bare = case.forward(inputs)
        for index, active in enumerate(loras):
            rows = rows_of(inputs, [index, index + 4])
            if active is None:
                alone = case.forward(rows)
            else:
                file = files[0] if active.key == one else files[1]
                with peft_lora(case, file, active.scale):
                    alone = case.forward(rows)
                with case.injector.activate([active]):
                    torch.testing.assert_close(case.forward(rows), alone, atol=1e-5, rtol=1e-4)
                assert (alone - bare[[index, index + 4]]).abs().max() > 1e-3
            torch.testing.assert_close(mixed[[index, index + 4]], alone, atol=1e-5, rtol=1e-4)
        assert torch.equal(case.forward(inputs), bare), "the base did not come back"


def test_a_swap_recompiles_nothing() -> None:
    """dynamo counts: new people, new scales, back to training, and no new graph."""
    case = Case("mini")
    keys = [case.injector.load(case.file(case.vector(seed))) for seed in (1, 2, 3)]
    inputs = case.inputs(2)
    torch._dynamo.reset()
    case.denoiser.compile_repeated_blocks(backend="eager", fullgraph=True)
    counters = torch._dynamo.utils.counters

    def paint(*loras: ActiveLora | None) -> Tensor:
        with torch.no_grad(), case.injector.activate(loras):
            return case.forward(inputs)

    def learn(*seeds: int) -> Tensor:
        return torch.stack(gradients(case, [case.vector(seed) for seed in seeds], inputs))

    first = paint(ActiveLora(keys[0], 1.0), ActiveLora(keys[1], 1.0))
    paint(ActiveLora(keys[0], 1.0))
    alone, together = learn(1), learn(1, 2)
    graphs = counters["stats"]["unique_graphs"]
    assert graphs > 0
    swapped = paint(ActiveLora(keys[2], 0.5), ActiveLora(keys[0], 0.7))
    assert (swapped - first).abs().max() > 1e-3
    paint(ActiveLora(keys[2], 0.4))
    assert not torch.equal(learn(3), alone)
    assert not torch.equal(learn(3, 4), together)
    assert torch.equal(paint(ActiveLora(keys[0], 1.0), ActiveLora(keys[1], 1.0)), first)
    assert counters["stats"]["unique_graphs"] == graphs
    assert not counters["graph_break"]
    torch._dynamo.reset()


def test_files_of_other_ranks_and_targets_are_active_beside_todays() -> None:
    case = Case("mini")
    today = case.injector.load(case.file(case.vector(1)))
    other = LoraShape(("to_q", "proj_mlp", "to_out.0", "context_embedder"), 6, 3.0)
    layout = MultiLoraInjector(Case("mini").denoiser, other).layout
    assert not layout.widths.keys() <= case.injector.layout.widths.keys()
    generator = torch.Generator().manual_seed(9)
    row = torch.randn(layout.length, generator=generator)
    files = [case.file(case.vector(1)), case.file(row, layout, other)]
    old = case.injector.load(files[1])
    small = LoraShape(TARGETS["mini"], 2, 2.0)
    least = MultiLoraInjector(Case("mini").denoiser, small).layout
    files.append(case.file(torch.randn(least.length, generator=generator), least, small))
    keys = [today, old, case.injector.load(files[2])]
    inputs = case.inputs(3)
    with torch.no_grad():
        with case.injector.activate([ActiveLora(key, 0.9) for key in keys]):
            mixed = case.forward(inputs)
        for number, file in enumerate(files):
            with peft_lora(case, file, 0.9):
                alone = case.forward(rows_of(inputs, [number]))
            torch.testing.assert_close(mixed[[number]], alone, atol=1e-4, rtol=1e-4)


def test_a_style_lora_through_diffusers_goes_beside_the_injector() -> None:
    """Both at once is the sum of both: neither loader takes the other's away."""
    case = Case("mini")
    key = case.injector.load(case.file(case.vector(1)))
    style = case.file(case.vector(2))
    inputs = case.inputs(1)
    with torch.no_grad():
        with case.injector.activate([ActiveLora(key, 1.0)]):
            plain = case.forward(inputs)
            with peft_lora(case, style, 0.5):
                styled = case.forward(inputs)
            assert torch.equal(case.forward(inputs), plain)
        with peft_lora(case, case.file(case.vector(1))):
            case.denoiser.load_lora_adapter(
                lora_file.from_bytes(style, case.prefix)[0],
                prefix=None,
                adapter_name="style",
                metadata={"r": 4, "lora_alpha": 8.0, "target_modules": list(TARGETS["mini"])},
            )
            case.denoiser.set_adapters(["oracle", "style"], [1.0, 0.5])
            expected = case.forward(inputs)
    torch.testing.assert_close(styled, expected, atol=1e-5, rtol=1e-4)


def cut(name: str) -> Callable[[lora_file.Layers], None]:
    def change(values: lora_file.Layers) -> None:
        last = max(values)
        value = values.pop(last)
        if name == "other":
            values["nowhere.lora_A.weight"] = value
        if name == "wide":
            values[last] = torch.zeros(value.shape[0] + 1, value.shape[1])

    return change


@pytest.mark.parametrize("damage", ["less", "other", "wide", "bytes", "prefix", "metadata"])
def test_a_file_that_does_not_fit_is_refused_and_changes_nothing(damage: str) -> None:
    case = Case("mini")
    good = case.file(case.vector(1))
    values, metadata = lora_file.from_bytes(good, "transformer")
    prefix = "unet" if damage == "prefix" else "transformer"
    if damage in ("less", "other", "wide"):
        cut(damage)(values)
    if damage == "metadata":
        metadata = {}
    import safetensors.torch

    file = safetensors.torch.save({f"{prefix}.{k}": v for k, v in values.items()}, metadata)
    with pytest.raises(BadLora):
        case.injector.load(file[:-7] if damage == "bytes" else file)
    assert case.injector.is_loaded(case.injector.load(good))
    assert not any(p.requires_grad for p in case.denoiser.parameters())


def test_dropped_ones_free_their_memory_and_content_names_the_key() -> None:
    case = Case("mini")
    key = case.injector.load(case.file(case.vector(1)))
    assert case.injector.load(case.file(case.vector(1))) == key
    assert case.injector.load(case.file(case.vector(2))) != key
    assert case.injector.size_bytes(key) == 4 * case.injector.layout.length
    case.injector.unload(key)
    assert not case.injector.is_loaded(key)


def test_a_target_that_is_no_linear_is_told_at_start() -> None:
    with pytest.raises(RecipeError):
        Case("sd15", targets=("conv_in",))
    with pytest.raises(RecipeError):
        Case("sd15", targets=("to_quux",))
