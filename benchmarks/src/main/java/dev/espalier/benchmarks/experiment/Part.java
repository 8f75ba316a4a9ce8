package dev.espalier.benchmarks.experiment;

/** One part of an experiment: a study, or the reason why there is none. */
public sealed interface Part permits Study, Part.Skipped {

    String name();

    /**
     * @param reason what is missing, and how it could be had
     */
    record Skipped(String name, String reason) implements Part {}
}
