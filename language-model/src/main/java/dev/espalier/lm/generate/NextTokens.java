package dev.espalier.lm.generate;

import java.util.List;

/** What may come next, as a model sees it. */
@FunctionalInterface
interface NextTokens {

    /**
     * @param sequences all of one length
     * @return for each sequence the log probability of every id of the vocabulary
     */
    float[][] after(List<int[]> sequences);
}
