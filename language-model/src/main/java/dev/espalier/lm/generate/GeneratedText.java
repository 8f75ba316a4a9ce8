package dev.espalier.lm.generate;

import dev.espalier.lm.tokens.TokenSequence;

/**
 * A continued text.
 *
 * @param tokens prompt and continuation, the end token included if it was reached
 * @param prompt how many of them were given
 * @param score log probability of the continuation over the length of the whole to the power of the
 *     length penalty
 */
public record GeneratedText(TokenSequence tokens, int prompt, double score) {}
