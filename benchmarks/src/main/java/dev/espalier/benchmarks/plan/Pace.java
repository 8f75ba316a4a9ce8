package dev.espalier.benchmarks.plan;

/**
 * How fast this machine is with one model.
 *
 * @param stepSeconds a dense training step of {@value #BATCH} examples
 * @param forwardSeconds a forward pass of {@value #BATCH} examples
 * @param answerSeconds writing the text for one example; 0 where none is written
 */
public record Pace(double stepSeconds, double forwardSeconds, double answerSeconds) {

    static final int BATCH = 16;
}
