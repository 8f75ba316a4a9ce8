package dev.espalier.agent.model;

/** A version that an agent will not work with. The message says why, for both sides. */
public final class UnusableVersionException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public UnusableVersionException(String message) {
        super(message);
    }
}
