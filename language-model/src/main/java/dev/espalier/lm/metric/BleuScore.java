package dev.espalier.lm.metric;

import java.util.List;

/**
 * BLEU of a corpus and what it is made of.
 *
 * @param score 0 to 100
 * @param precisions of 1- to 4-grams, 0 to 100, smoothed; all 0 if nothing matches at all
 * @param brevityPenalty 0 to 1; below 1 if the predictions are shorter than the references
 * @param predictedTokens of all predictions
 * @param referenceTokens of the references that are nearest in length
 */
public record BleuScore(
        double score,
        List<Double> precisions,
        double brevityPenalty,
        long predictedTokens,
        long referenceTokens) {

    public BleuScore {
        precisions = List.copyOf(precisions);
    }
}
