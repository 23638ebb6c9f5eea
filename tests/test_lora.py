"""The LoRA recipe end to end on a small random model: the loss falls, held-out plans come right, the adapter loads."""

import pytest

from agent.routers.lora import dataset, train

peft = pytest.importorskip("peft")

TEMPLATE = (
    "{% for m in messages %}{{ m.role }} {{ m.content }} {% endfor %}{% if add_generation_prompt %}reply {% endif %}"
)
RECIPE = train.Recipe(steps=150, batch=16, rate=1e-2, rank=8)


@pytest.fixture(scope="module")
def conversations():
    """Requests for one thing, without the long system prompt, which a model this small need not read."""
    made = [one["messages"][1:] for one in dataset.build(900) if '"request"' not in one["messages"][-1]["content"]]
    return [{"messages": messages} for messages in made]


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


def small_model(tokenizer):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=96,
        intermediate_size=192,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=512,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return LlamaForCausalLM(config)


def test_the_recipe_lowers_the_loss_and_raises_plan_accuracy(conversations, tokenizer, tmp_path):
    learned, held_out = conversations[60:], conversations[:60]
    model = train.with_adapter(small_model(tokenizer), RECIPE)
    before = train.accuracy(model, tokenizer, held_out[:10], new_tokens=24)
    losses = train.tune(model, tokenizer, learned, RECIPE)
    after = train.accuracy(model, tokenizer, held_out, new_tokens=24)
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, exactly right {before:.2f} -> {after:.2f}")
    assert losses[-1] < 0.8 * losses[0], "the frozen random output layer keeps it from falling much further"
    assert after > before + 0.3
    model.save_pretrained(tmp_path)
    assert (tmp_path / "adapter_model.safetensors").exists()
    again = peft.PeftModel.from_pretrained(small_model(tokenizer), tmp_path)
    assert train.accuracy(again, tokenizer, held_out, new_tokens=24) == after


def test_only_the_reply_is_learned(conversations, tokenizer):
    ids, labels = train.encode(tokenizer, conversations[0])
    learned = tokenizer.decode([label for label in labels if label != train.IGNORED], skip_special_tokens=True)
    assert learned == conversations[0]["messages"][-1]["content"]
    assert len(ids) == len(labels)
