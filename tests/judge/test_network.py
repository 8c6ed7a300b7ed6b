import torch

from judge.encode import Encoded, encode
from judge.model import Backbone
from judge.network import Layers, Update, pack
from judge.types import Example


def encoded(backbone: Backbone, code: str) -> Encoded:
    found = encode(Example("Add one.", code, "python"), backbone.tokenizer)
    assert isinstance(found, Encoded)
    return found


def test_packed_candidates_have_the_states_that_each_has_alone(tiny: Backbone) -> None:
    several = [encoded(tiny, "x = 1"), encoded(tiny, "y = x + 2"), encoded(tiny, "z")]
    packed = pack(several)
    network = tiny.network
    with torch.inference_mode():
        [ours] = Layers(network, 1, 3)(
            network.model.embed_tokens(packed.ids), packed.positions, packed.mask, keep=[3]
        )
        for one, span in zip(several, packed.spans, strict=True):
            ids = torch.tensor([one.prefix + one.code + one.tail])
            theirs = []
            network.model.layers[2].register_forward_hook(
                lambda module, inputs, output, held=theirs: held.append(output)
            )
            network.model(input_ids=ids)
            network.model.layers[2]._forward_hooks.clear()
            alone = theirs[0].reshape(ids.shape[1], -1)
            assert torch.allclose(ours[span.start : span.stop], alone[len(one.prefix) :], atol=1e-4)


def test_remembered_tokens_count_as_if_they_were_read_again(tiny: Backbone) -> None:
    one = encoded(tiny, "x = 1")
    packed = pack([one])
    layers = Layers(tiny.network, 1, 2)
    with torch.inference_mode():
        x = tiny.network.model.embed_tokens(packed.ids)
        [whole] = layers(x, packed.positions, packed.mask, keep=[2])
        cut = 7
        past, _ = layers.remember(x[:cut], packed.positions[:cut], packed.mask[:cut, :cut])
        [rest] = layers(x[cut:], packed.positions[cut:], packed.mask[cut:], keep=[2], past=past)
    assert torch.allclose(whole[cut:], rest, atol=1e-5)


def test_a_fresh_update_changes_nothing_and_a_merged_one_equals_the_trained(tiny: Backbone) -> None:
    x = torch.randn(5, 32, generator=torch.Generator().manual_seed(1))
    matrices = dict(Layers(tiny.network, 2, 2).matrices())
    matrix = matrices["2.qkv"]
    before = matrix(x)
    matrix.train_update(4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(matrix(x), before)
    assert matrix.up is not None and matrix.down is not None
    torch.nn.init.normal_(matrix.up, generator=torch.Generator().manual_seed(2))
    trained = matrix(x)
    plain = dict(Layers(tiny.network, 2, 2).matrices())["2.qkv"]
    plain.merge(Update(matrix.down.detach(), matrix.up.detach(), matrix.scale))
    assert torch.allclose(plain(x), trained, atol=1e-4)
    assert not torch.allclose(trained, before, atol=1e-3)


def test_layers_that_were_first_built_for_inference_can_be_trained_upon(tiny: Backbone) -> None:
    with torch.inference_mode():
        Layers(tiny.network, 1, 3)
    packed = pack([encoded(tiny, "x = 1")])
    x = torch.randn(len(packed.ids), 32, requires_grad=True)
    [kept] = Layers(tiny.network, 2, 3)(x, packed.positions, packed.mask, keep=[3])
    kept.sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None and x.grad.abs().sum() > 0
