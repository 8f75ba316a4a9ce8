package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterWeights;

/**
 * What came of a run.
 *
 * @param steps optimiser steps done
 * @param examples seen, repeats counted
 * @param firstLoss mean loss of the first step's examples, before it
 * @param meanLoss mean over all steps
 * @param lastLoss mean loss of the last step's examples, before it
 */
public record TrainingResult(
        AdapterWeights weights,
        int steps,
        long examples,
        double firstLoss,
        double meanLoss,
        double lastLoss) {}
