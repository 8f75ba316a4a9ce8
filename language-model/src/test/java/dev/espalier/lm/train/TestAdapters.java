package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.RandomStream;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.SequenceClassifier;

/** Adapters that tests lay over any model. */
final class TestAdapters {

    private TestAdapters() {}

    /** On every linear layer, with the head where there is one; nothing is dropped. */
    static AdapterSettings everywhere(BaseModel base) {
        return new AdapterSettings(3, 5, 0, TargetModules.expression(".*"), head(base));
    }

    /** On what PEFT adapts when it is told nothing. */
    static AdapterSettings usual(BaseModel base, double dropout) {
        return new AdapterSettings(
                4, 8, dropout, TargetModules.usual(base.structure()), head(base));
    }

    /** On query and value of one block. */
    static AdapterSettings on(AttentionBlock block, BaseModel base) {
        return new AdapterSettings(
                2, 4, 0.1, TargetModules.names(block.query(), block.value()), head(base));
    }

    private static TaskHead head(BaseModel base) {
        return base.family() instanceof SequenceClassifier
                ? TaskHead.trained(base.structure().labels())
                : TaskHead.frozen();
    }

    /** Every value moved by chance: B is as large as A, so that the adapter changes something. */
    static AdapterWeights scattered(AdapterWeights fresh, long seed) {
        RandomStream stream = RandomStream.of(seed, "scatter");
        AdapterWeights.Builder scattered = AdapterWeights.builder();
        for (String name : fresh.names()) {
            float[] values = fresh.values(name);
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.1 * stream.nextGaussian());
            }
            scattered.put(name, fresh.shape(name), values);
        }
        return scattered.build();
    }
}
