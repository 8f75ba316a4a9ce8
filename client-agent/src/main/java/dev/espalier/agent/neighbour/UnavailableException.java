package dev.espalier.agent.neighbour;

/** A service does not answer, or is not well, or asks for patience. Worth asking again. */
public final class UnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public UnavailableException(String message) {
        super(message);
    }
}
