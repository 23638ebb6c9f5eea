"""The LoRA recipe end to end on a small model: the loss falls, held-out plans come right, the adapter loads."""

from collections import Counter

import pytest

from experiments.switch_lora import dataset, train

TEMPLATE = (
    "{% for m in messages %}{{ m.role }} {{ m.content }} {% endfor %}{% if add_generation_prompt %}reply {% endif %}"
)
RECIPE = train.Recipe(steps=80, batch=8, rate=1e-2, rank=8)
KINDS = ("chart", "speech", "video", "document")
HELD_OUT = 60


@pytest.fixture(scope="module")
def conversations():
    """Requests for one of `KINDS`, without the long system prompt, which a model this small need not read."""
    made = [{"messages": one["messages"][1:]} for one in dataset.build(5000)]
    return [one for one in made if reply(one) in map(replying, KINDS)]


def reply(conversation):
    return conversation["messages"][-1]["content"]


def replying(kind):
    return f'{{"segments":[{{"modality":"{kind}"}}]}}'


@pytest.fixture(scope="module")
def tokenizer(conversations):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.BPE(unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    texts = [message["content"] for one in conversations for message in one["messages"]]
    words.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=1500, special_tokens=["<unk>", "<pad>", "<end>"]))
    wrapped = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>", pad_token="<pad>", eos_token="<end>")
    wrapped.chat_template = TEMPLATE
    return wrapped


def misled(conversation):
    """The same request answered with the next kind of `KINDS`."""
    kind = next(kind for kind in KINDS if replying(kind) == reply(conversation))
    wrong = replying(KINDS[(KINDS.index(kind) + 1) % len(KINDS)])
    return {"messages": [conversation["messages"][0], {"role": "assistant", "content": wrong}]}


@pytest.fixture(scope="module")
def small_model(conversations, tokenizer, one_thread):
    """A maker of one-layer models which tell the kinds apart but call each by another's name.

    Adapters need a model that has learned something: over random weights, LoRA learns the commonest reply at best.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=1,
        num_attention_heads=4,
        max_position_embeddings=512,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    torch.manual_seed(0)
    model = LlamaForCausalLM(config)
    train.tune(model, tokenizer, list(map(misled, conversations[HELD_OUT:])), train.Recipe(150, 16, 5e-3))
    weights = {name: weight.clone() for name, weight in model.state_dict().items()}

    def made():
        model = LlamaForCausalLM(config)
        model.load_state_dict(weights)
        return model

    return made


def test_the_recipe_lowers_the_loss_and_raises_plan_accuracy(conversations, tokenizer, small_model, tmp_path):
    from peft import PeftModel

    learned, held_out = conversations[HELD_OUT:], conversations[:HELD_OUT]
    model = train.with_adapter(small_model(), RECIPE)
    before = train.accuracy(model, tokenizer, held_out, new_tokens=16)
    losses = train.tune(model, tokenizer, learned, RECIPE)
    after = train.accuracy(model, tokenizer, held_out, new_tokens=16)
    (_, most) = Counter(map(reply, held_out)).most_common(1)[0]
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, exactly right {before:.2f} -> {after:.2f}")
    assert losses[-1] < 0.2 * losses[0]
    assert before < 0.2
    assert after > 0.8 > most / HELD_OUT, "better than always giving the commonest reply"
    model.save_pretrained(tmp_path)
    assert (tmp_path / "adapter_model.safetensors").exists()
    again = PeftModel.from_pretrained(small_model(), tmp_path)
    assert train.accuracy(again, tokenizer, held_out, new_tokens=16) == after


def test_only_the_reply_is_learned(conversations, tokenizer):
    ids, labels = train.encode(tokenizer, conversations[0])
    learned = tokenizer.decode([label for label in labels if label != train.IGNORED], skip_special_tokens=True)
    assert learned == reply(conversations[0])
    assert len(ids) == len(labels)
