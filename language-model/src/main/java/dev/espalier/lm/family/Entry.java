package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;

/**
 * The states with which a pass enters the first stack of a model somewhere above its embeddings:
 * what lies below is frozen and was computed before.
 *
 * @param layer that they enter; as many as the stack has layers: what comes after the last
 * @param states [batch, time, hidden]; anything on padding
 */
public record Entry(int layer, NDArray states) {}
