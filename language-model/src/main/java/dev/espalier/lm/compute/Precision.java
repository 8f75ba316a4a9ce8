package dev.espalier.lm.compute;

import ai.djl.ndarray.types.DataType;

/**
 * The type in which a model computes. Training and evaluation use {@link #SINGLE}; {@link #DOUBLE}
 * is for checking gradients against finite differences.
 */
public enum Precision {
    SINGLE(DataType.FLOAT32),
    DOUBLE(DataType.FLOAT64);

    private final DataType type;

    Precision(DataType type) {
        this.type = type;
    }

    /** The engine's word for it. */
    public DataType type() {
        return type;
    }
}
