package dev.espalier.agent.work;

/** This agent cannot do this assignment. The message is for the operator and names no text. */
final class CannotDoException extends RuntimeException {

    private static final long serialVersionUID = 1;

    CannotDoException(String message) {
        super(message);
    }
}
