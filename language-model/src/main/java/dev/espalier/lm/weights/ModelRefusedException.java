package dev.espalier.lm.weights;

/**
 * A model or adapter folder that we will not work with: a setting we do not implement, a tensor
 * that is missing or has another shape, a file that contradicts another. The message names it.
 */
public final class ModelRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public ModelRefusedException(String message) {
        super(message);
    }

    public ModelRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
