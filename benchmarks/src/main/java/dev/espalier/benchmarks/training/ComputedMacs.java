package dev.espalier.benchmarks.training;

import dev.espalier.lm.family.ModelStructure;

/**
 * Multiply-accumulate operations that a training run of a BERT classifier really does, by formula:
 * what cannot change the result is not done, and not counted. Query and value are adapted where
 * they are, the classifier is trained.
 *
 * <pre>
 *   of a text of T tokens, per layer with h = kept heads · d, Q = T rows (1 in the last layer):
 *     frozen    = Q H h + 2 T H h + Q h H + 2 Q H F
 *     attention = 2 Q T h            lora = r (H + h) (Q + T)
 *   forward    frozen + attention + lora          below the lowest adapted layer: once per text,
 *                                                 if states are kept, else in every epoch
 *   backward   frozen + 2 attention + 2 lora      above the lowest adapted layer
 *              2 Q H F + Q h H + 2 attention + 2 lora    in it: x needs no gradient
 *              0                                         below it
 * </pre>
 *
 * @param model with the heads that are left
 * @param length of every text, in tokens
 * @param rank of the adapter
 */
record ComputedMacs(ModelStructure model, int length, int rank) {

    /**
     * @param keptStates whether what lies below the lowest adapted layer is computed once
     */
    long ofRun(int texts, int epochs, boolean keptStates) {
        int lowest = lowestAdapted();
        long macs = 0;
        for (int layer = 0; layer < model.layers(); layer++) {
            int passes = layer < lowest && keptStates ? 1 : epochs;
            macs += texts * (passes * forward(layer) + epochs * backward(layer, lowest));
        }
        return macs;
    }

    private int lowestAdapted() {
        int layer = 0;
        while (layer < model.layers() && width(layer) == 0) {
            layer++;
        }
        return layer;
    }

    private long forward(int layer) {
        return frozen(layer) + attention(layer) + lora(layer);
    }

    private long backward(int layer, int lowest) {
        if (layer < lowest) {
            return 0;
        }
        long through = layer == lowest ? behindQueries(layer) : frozen(layer);
        return through + 2 * attention(layer) + 2 * lora(layer);
    }

    private long frozen(int layer) {
        long queries = rows(layer) * model.hidden() * width(layer);
        long keysAndValues = 2L * length * model.hidden() * width(layer);
        return queries + keysAndValues + behindQueries(layer);
    }

    /** Output and feed-forward. */
    private long behindQueries(int layer) {
        long output = rows(layer) * width(layer) * model.hidden();
        return output + 2 * rows(layer) * model.hidden() * model.intermediate();
    }

    private long attention(int layer) {
        return 2 * rows(layer) * length * width(layer);
    }

    private long lora(int layer) {
        return width(layer) == 0
                ? 0
                : rank * (model.hidden() + width(layer)) * (rows(layer) + length);
    }

    private long rows(int layer) {
        return layer == model.layers() - 1 ? 1 : length;
    }

    private long width(int layer) {
        return (long) model.attention().get(layer).heads() * model.headSize();
    }
}
