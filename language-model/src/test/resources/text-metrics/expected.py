"""Writes expected.json: ROUGE and BLEU of random small texts, computed another way than the Java code.

The definitions are those of rouge-score (no stemming) and sacrebleu (13a, exp); neither package is needed.
Counts are taken over sorted lists and subsequences by recursion, in exact fractions where there are no logarithms.
Run: python3 expected.py > expected.json
"""

import json
import math
import random
import re
from collections import Counter
from fractions import Fraction
from functools import lru_cache

WORDS = ["the", "The", "dog", "dogs", "bit", "a", "man,", "man.", "3.5", "1,000", "10-20", "well-known", "it's",
         "&quot;yes&quot;", "&amp;", "&lt;b&gt;", "(so)", "U.S.", "$5", "50%", "naïve", "Straße", "end-\nline", "new\nline",
         "<skipped>", "\u00a0", "no\u3000w", "e.g.", "x-", "2-", "...", "a.b", ",9", "9,", "{z}", "[q]", "#1", "İst", "?!"]


def rouge_tokens(text):
    return [t for t in re.split(r"[^a-z0-9]+", text.lower()) if t]


def bleu_tokens(text):
    text = text.rstrip()
    for old, new in (("<skipped>", ""), ("-\n", ""), ("\n", " "), ("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(old, new)
    text = " " + text + " "
    separate = "".join(chr(c) for c in range(32, 127) if not chr(c).isalnum() and chr(c) not in "',-.")
    text = re.sub("([" + re.escape(separate) + "])", r" \1 ", text)
    text = re.sub(r"([^0-9])([.,])", r"\1 \2 ", text)
    text = re.sub(r"([.,])([^0-9])", r" \1 \2", text)
    text = re.sub(r"([0-9])(-)", r"\1 \2 ", text)
    return text.split()


def grams(tokens, n):
    return Counter(zip(*(tokens[i:] for i in range(n))))


def subsequence(a, b):
    @lru_cache(None)
    def longest(i, j):
        if i == len(a) or j == len(b):
            return 0
        if a[i] == b[j]:
            return 1 + longest(i + 1, j + 1)
        return max(longest(i + 1, j), longest(i, j + 1))

    return longest(0, 0)


def prf(common, predicted, expected):
    p = Fraction(common, predicted or 1)
    r = Fraction(common, expected or 1)
    return [float(p), float(r), float(2 * p * r / (p + r)) if p + r else 0.0]


def rouge(prediction, reference):
    p, r = rouge_tokens(prediction), rouge_tokens(reference)
    scores = [prf(sum((grams(p, n) & grams(r, n)).values()), max(len(p) - n + 1, 0), max(len(r) - n + 1, 0)) for n in (1, 2)]
    return scores + [prf(subsequence(tuple(p), tuple(r)), len(p), len(r))]


def bleu(predictions, references):
    match, total, hyp, ref = [0] * 4, [0] * 4, 0, 0
    for prediction, alternatives in zip(predictions, references):
        p = bleu_tokens(prediction)
        rs = [bleu_tokens(a) for a in alternatives]
        hyp += len(p)
        ref += sorted((abs(len(r) - len(p)), len(r)) for r in rs)[0][1]
        for n in range(4):
            any_of = Counter()
            for r in rs:
                any_of |= grams(r, n + 1)
            match[n] += sum((grams(p, n + 1) & any_of).values())
            total[n] += max(len(p) - n, 0)
    if not any(match) or not all(total):
        return 0.0
    product, misses = 1.0, 0
    for m, t in zip(match, total):
        misses += m == 0
        product *= m / t if m else 1 / (2 ** misses * t)
    return 100 * product ** 0.25 * (1 if hyp >= ref else math.exp(1 - ref / hyp))


def text(any_, longest):
    return " ".join(any_.choice(WORDS) for _ in range(any_.randint(0, longest)))


def noisy(any_, original):
    words = [w for w in original.split(" ") if any_.random() > 0.15]
    if words and any_.random() < 0.7:
        words.insert(any_.randint(0, len(words)), any_.choice(WORDS))
    return " ".join(words)


def case(seed):
    any_ = random.Random(seed)
    predictions = [text(any_, 16) for _ in range(any_.randint(1, 5))]
    references = [[noisy(any_, p) for _ in range(1 + seed % 3)] for p in predictions]
    return {
        "predictions": predictions,
        "references": references,
        "tokens": [bleu_tokens(p) for p in predictions],
        "rouge": [rouge(p, r[0]) for p, r in zip(predictions, references)],
        "bleu": bleu(predictions, references),
    }


print(json.dumps([case(seed) for seed in range(60)], indent=0, ensure_ascii=True))
