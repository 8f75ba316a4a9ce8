package dev.espalier.agent.data;

/** What becomes of a row, by the column that holds its answer. */
sealed interface Meaning {

    record Useful(Answer answer) implements Meaning {}

    /** The owner mapped its label to nothing. */
    record LeftOut() implements Meaning {}

    record Unusable(BadRows.Fault fault) implements Meaning {}

    /** Understands that column. */
    @FunctionalInterface
    interface Reader {

        Meaning of(PrivateText answer);
    }

    /** Where rows are texts alone. */
    static Meaning itself(PrivateText none) {
        return new Useful(new Answer.Itself());
    }

    /** Reads texts that are to be written. */
    static Meaning target(PrivateText answer) {
        return answer.isBlank()
                ? new Unusable(BadRows.Fault.NO_TARGET)
                : new Useful(new Answer.Target(answer));
    }
}
