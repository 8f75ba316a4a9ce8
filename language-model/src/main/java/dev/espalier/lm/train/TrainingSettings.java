package dev.espalier.lm.train;

/**
 * How to train.
 *
 * @param epochs times that every example is seen, 1 or more
 * @param batchSize examples per forward pass, 1 or more
 * @param accumulation batches per optimiser step, 1 or more
 * @param learningRate peak of the schedule, above 0
 * @param weightDecay share of every value that is taken off per step and unit of learning rate
 *     (decoupled; Loshchilov and Hutter 2019), 0 or more
 * @param warmupFraction share of all steps in which the learning rate rises, in [0, 1)
 * @param clipNorm longest gradient, over all values together; infinite to leave it alone
 * @param maxSteps optimiser steps after which the run ends early; {@link Integer#MAX_VALUE} for no
 *     limit
 * @param modelDropout whether the dropout of the model's own {@code config.json} is active too, as
 *     in transformers' train mode; it costs about a tenth of a step's time
 * @param seed of the order of examples and of dropout
 * @param stateBytes memory for what frozen layers below the lowest trained one make of the
 *     examples, so that later epochs need not compute it again; 0 or more. Taken only where there
 *     are such layers, steps beyond the first epoch and no model dropout
 */
public record TrainingSettings(
        int epochs,
        int batchSize,
        int accumulation,
        double learningRate,
        LearningRateSchedule schedule,
        double weightDecay,
        double warmupFraction,
        double clipNorm,
        int maxSteps,
        boolean modelDropout,
        long seed,
        long stateBytes) {

    /** A quarter of a gigabyte. */
    public static final long USUAL_STATE_BYTES = 256L << 20;

    public TrainingSettings {
        if (stateBytes < 0) {
            throw new IllegalArgumentException("stateBytes must be 0 or more: " + stateBytes);
        }
        requirePositive("epochs", epochs);
        requirePositive("batchSize", batchSize);
        requirePositive("accumulation", accumulation);
        requirePositive("maxSteps", maxSteps);
        if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("learningRate must be above 0: " + learningRate);
        }
        if (!(weightDecay >= 0 && weightDecay < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weightDecay must be 0 or more: " + weightDecay);
        }
        if (!(warmupFraction >= 0 && warmupFraction < 1)) {
            throw new IllegalArgumentException(
                    "warmupFraction must be in [0, 1): " + warmupFraction);
        }
        if (!(clipNorm > 0)) {
            throw new IllegalArgumentException("clipNorm must be above 0: " + clipNorm);
        }
    }

    /** With {@link #USUAL_STATE_BYTES}. */
    public TrainingSettings(
            int epochs,
            int batchSize,
            int accumulation,
            double learningRate,
            LearningRateSchedule schedule,
            double weightDecay,
            double warmupFraction,
            double clipNorm,
            int maxSteps,
            boolean modelDropout,
            long seed) {
        this(
                epochs,
                batchSize,
                accumulation,
                learningRate,
                schedule,
                weightDecay,
                warmupFraction,
                clipNorm,
                maxSteps,
                modelDropout,
                seed,
                USUAL_STATE_BYTES);
    }

    /** The same with another bound on memory. */
    public TrainingSettings withStateBytes(long bytes) {
        return new TrainingSettings(
                epochs,
                batchSize,
                accumulation,
                learningRate,
                schedule,
                weightDecay,
                warmupFraction,
                clipNorm,
                maxSteps,
                modelDropout,
                seed,
                bytes);
    }

    /** Optimiser steps that go once through so many examples. */
    int stepsPerEpoch(int examples) {
        return Math.ceilDiv(Math.ceilDiv(examples, batchSize), accumulation);
    }

    /** Optimiser steps of a whole run. */
    int steps(int examples) {
        return (int) Math.min(maxSteps, (long) epochs * stepsPerEpoch(examples));
    }

    /** One epoch in batches of 16 at 5e-4, linear decay, no warm-up, gradients clipped at 1. */
    public static TrainingSettings defaults(long seed) {
        return new TrainingSettings(
                1,
                16,
                1,
                5e-4,
                LearningRateSchedule.LINEAR,
                0.01,
                0,
                1,
                Integer.MAX_VALUE,
                false,
                seed);
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1: " + value);
        }
    }
}
