package dev.espalier.benchmarks.experiment;

/**
 * How large a base model is where it matters for the time of a step.
 *
 * @param blocks attention blocks
 * @param heads of each
 * @param width of the hidden states
 * @param inner width of the feed-forward network
 */
public record ModelShape(int blocks, int heads, int width, int inner) {

    /** Of the base that {@code BaseImport.minilm} gives. */
    public static final ModelShape MINILM = new ModelShape(6, 12, 384, 1536);
}
