package dev.espalier.lm.train;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.compute.RandomStream;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.TokenSequence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** The bundled two-layer BERT, and a task that it can learn: which of two tokens is in the text. */
final class TinyModel {

    static final AdapterSettings ADAPTER =
            new AdapterSettings(
                    4,
                    8,
                    0.1,
                    TargetModules.names("query", "value"),
                    TaskHead.trained(List.of("ham", "spam")));

    private TinyModel() {}

    static BaseModel load() {
        return load(Precision.SINGLE);
    }

    static BaseModel load(Precision precision) {
        try {
            return BaseModel.load(Goldens.bundled("bert"), precision);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Texts of 4 to 20 tokens. */
    static List<Example> examples(int count, long seed) {
        RandomStream stream = RandomStream.of(seed);
        List<Example> examples = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            int label = stream.nextInt(2);
            int[] ids = new int[4 + stream.nextInt(17)];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = 10 + stream.nextInt(100);
            }
            ids[0] = 1;
            ids[1 + stream.nextInt(ids.length - 1)] = label == 0 ? 5 : 6;
            examples.add(new Example(new TokenSequence(ids, new int[ids.length]), label));
        }
        return examples;
    }

    static TrainingSettings settings(int epochs, int batchSize, long seed) {
        return new TrainingSettings(
                epochs,
                batchSize,
                1,
                1e-2,
                LearningRateSchedule.COSINE,
                0.01,
                0.1,
                1,
                Integer.MAX_VALUE,
                true,
                seed);
    }
}
