package dev.espalier.lm.train;

/**
 * One optimiser step that was done.
 *
 * @param step its number, from 1
 * @param steps of the whole run
 * @param loss mean over the examples of the step, before it
 * @param learningRate that it was done with
 * @param gradientNorm before clipping
 * @param examples seen so far in the run, repeats counted
 */
public record StepReport(
        int step,
        int steps,
        double loss,
        double learningRate,
        double gradientNorm,
        long examples) {}
