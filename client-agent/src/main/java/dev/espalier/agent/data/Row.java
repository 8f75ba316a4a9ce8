package dev.espalier.agent.data;

import org.jspecify.annotations.Nullable;

/**
 * A row that can be worked with.
 *
 * @param secondText of a pair of texts
 * @param answer what a model is to learn from it
 */
record Row(PrivateText text, @Nullable PrivateText secondText, Answer answer) {}
