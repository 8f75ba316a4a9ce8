package dev.espalier.agent.data;

/**
 * A data set the agent cannot start with. Tells what is wrong and what the owner can do; carries no
 * cause, because the messages of parsers quote what they parse.
 */
public final class DataUnusableException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String action;

    DataUnusableException(String whatIsWrong, String action) {
        super(whatIsWrong);
        this.action = action;
    }

    /** What the owner can do. */
    public String action() {
        return action;
    }
}
