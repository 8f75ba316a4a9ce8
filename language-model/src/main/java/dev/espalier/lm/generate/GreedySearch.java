package dev.espalier.lm.generate;

import java.util.Arrays;
import java.util.List;

/** Takes the likeliest token, again and again, until the sequence is complete or long enough. */
record GreedySearch(NextTokens model, GenerationSettings settings) {

    Hypothesis continued(int[] prompt) {
        int[] ids = prompt;
        double logProbability = 0;
        for (int n = 0; n < settings.maxNewTokens(); n++) {
            float[] next = model.after(List.of(ids))[0];
            int best = highest(next);
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = best;
            logProbability += next[best];
            if (settings.endTokens().contains(best)) {
                break;
            }
        }
        return new Hypothesis(ids, logProbability, settings.lengthPenalty());
    }

    /** The first of the highest. */
    private static int highest(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }
}
