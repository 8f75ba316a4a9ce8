"""Training steps of a BERT classifier with LoRA in plain PyTorch, to be timed beside our own.

Usage: training_step.py MODEL_FOLDER ADAPTER_FOLDER BATCH.json LEARNING_RATE
Then reads lines "VARIANT STEPS" and answers each with "CPU_SECONDS WALL_SECONDS LAST_LOSS".

VARIANT is all-rows (every row of every layer, as transformers computes it), first-row (of the last layer
only what the classifier reads, as we compute it) or autocast (first-row under PyTorch's own bfloat16).
Each variant trains its own adapter from the same start on the same batch, again and again.
"""
import json
import math
import struct
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.set_num_interop_threads(1)


def tensors(path):
    """A safetensors file of 32-bit floats."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            assert entry["dtype"] == "F32", name
            begin, end = entry["data_offsets"]
            flat = torch.frombuffer(data, dtype=torch.float32, count=(end - begin) // 4, offset=begin)
            found[name] = flat.reshape(entry["shape"]).clone()
    return found


class Classifier:
    """Equations of BertForSequenceClassification, with peft's LoRA and AdamW. No dropout."""

    def __init__(self, folder, adapter, rate, first_row, autocast):
        with open(folder + "/config.json") as file:
            self.config = json.load(file)
        with open(adapter + "/adapter_config.json") as file:
            lora = json.load(file)
        self.scaling = lora["lora_alpha"] / lora["r"]
        self.frozen = tensors(folder + "/model.safetensors")
        self.trained = {}
        for name, value in tensors(adapter + "/adapter_model.safetensors").items():
            name = name.replace("base_model.model.", "").replace(".modules_to_save", "")
            self.trained[name] = value.requires_grad_()
        self.optimizer = torch.optim.AdamW(self.trained.values(), lr=rate, weight_decay=0.01)
        self.first_row = first_row
        self.autocast = autocast

    def linear(self, name, x):
        y = F.linear(x, self.frozen[name + ".weight"], self.frozen[name + ".bias"])
        a = self.trained.get(name + ".lora_A.weight")
        if a is None:
            return y
        return y + F.linear(F.linear(x, a), self.trained[name + ".lora_B.weight"]) * self.scaling

    def norm(self, name, x):
        weight, bias = self.frozen[name + ".weight"], self.frozen[name + ".bias"]
        return F.layer_norm(x, weight.shape, weight, bias, self.config["layer_norm_eps"])

    def heads(self, x):
        count = self.config["num_attention_heads"]
        return x.view(x.shape[0], x.shape[1], count, -1).permute(0, 2, 1, 3)

    def layer(self, name, x, mask, rows):
        attention = name + ".attention"
        q = self.heads(self.linear(attention + ".self.query", rows))
        k = self.heads(self.linear(attention + ".self.key", x))
        v = self.heads(self.linear(attention + ".self.value", x))
        scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(q.shape[-1]) + mask
        mixed = torch.matmul(torch.softmax(scores, -1), v).permute(0, 2, 1, 3).contiguous()
        mixed = mixed.view(rows.shape)
        y = self.norm(attention + ".output.LayerNorm", self.linear(attention + ".output.dense", mixed) + rows)
        inner = F.gelu(self.linear(name + ".intermediate.dense", y))
        return self.norm(name + ".output.LayerNorm", self.linear(name + ".output.dense", inner) + y)

    def logits(self, ids, types, mask):
        embeddings = "bert.embeddings."
        x = F.embedding(ids, self.frozen[embeddings + "word_embeddings.weight"])
        x = x + F.embedding(types, self.frozen[embeddings + "token_type_embeddings.weight"])
        x = x + self.frozen[embeddings + "position_embeddings.weight"][: ids.shape[1]]
        x = self.norm(embeddings + "LayerNorm", x)
        layers = self.config["num_hidden_layers"]
        for number in range(layers):
            rows = x[:, 0:1] if self.first_row and number == layers - 1 else x
            x = self.layer("bert.encoder.layer.%d" % number, x, mask, rows)
        pooled = torch.tanh(self.linear("bert.pooler.dense", x[:, 0]))
        return F.linear(pooled, self.trained["classifier.weight"], self.trained["classifier.bias"])

    def step(self, ids, types, mask, labels):
        self.optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.autocast):
            logits = self.logits(ids, types, mask)
        loss = F.cross_entropy(logits.float(), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained.values(), 1.0)
        self.optimizer.step()
        return loss.item()


def main():
    folder, adapter, batch, rate = sys.argv[1:]
    with open(batch) as file:
        texts = json.load(file)
    ids = torch.tensor(texts["ids"])
    types = torch.zeros_like(ids)
    mask = torch.zeros(ids.shape[0], 1, 1, ids.shape[1])
    labels = torch.tensor(texts["labels"])
    variants = {
        "all-rows": Classifier(folder, adapter, float(rate), False, False),
        "first-row": Classifier(folder, adapter, float(rate), True, False),
        "autocast": Classifier(folder, adapter, float(rate), True, True),
    }
    print(torch.__version__, flush=True)
    for line in sys.stdin:
        variant, steps = line.split()
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(int(steps)):
            loss = variants[variant].step(ids, types, mask, labels)
        print(time.process_time() - cpu, time.perf_counter() - wall, loss, flush=True)


main()
