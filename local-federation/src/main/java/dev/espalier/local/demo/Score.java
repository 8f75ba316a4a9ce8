package dev.espalier.local.demo;

import dev.espalier.lm.metric.Evaluation;
import java.util.Collection;

/** What a model is worth on the held-out text; both from 0 to 1. */
record Score(double accuracy, double macroF1) {

    static Score of(Evaluation evaluation) {
        return new Score(evaluation.accuracy(), evaluation.macroF1());
    }

    static Score mean(Collection<Score> scores) {
        return new Score(
                scores.stream().mapToDouble(Score::accuracy).average().orElseThrow(),
                scores.stream().mapToDouble(Score::macroF1).average().orElseThrow());
    }
}
