package dev.espalier.lm.compute;

import ai.djl.ndarray.types.DataType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The type in which a model computes. Training and evaluation use {@link #SINGLE} or, where speed
 * counts more than the last digits, {@link #BFLOAT16}; {@link #DOUBLE} is for checking gradients
 * against finite differences.
 */
public enum Precision {
    SINGLE(DataType.FLOAT32),
    /**
     * The products with the frozen weights of the layers, forward and backward, in {@link
     * Bfloat16}; all else as {@link #SINGLE}: adapters, norms, softmax, attention, heads, sums.
     * Results differ from those of other processors in the last digits of that type.
     */
    BFLOAT16(DataType.FLOAT32),
    DOUBLE(DataType.FLOAT64);

    private static final Logger log = LoggerFactory.getLogger(Precision.class);

    private final DataType type;

    Precision(DataType type) {
        this.type = type;
    }

    /**
     * {@link #BFLOAT16} where this machine's processor has instructions for it, else {@link
     * #SINGLE}, and the log says so.
     */
    public static Precision bfloat16WhereSupported() {
        if (Bfloat16.isSupported()) {
            return BFLOAT16;
        }
        log.info("computing in single precision: the processor has no avx512_bf16 or amx_bf16");
        return SINGLE;
    }

    /** The engine's word for the type of everything outside {@link Bfloat16}. */
    public DataType type() {
        return type;
    }
}
