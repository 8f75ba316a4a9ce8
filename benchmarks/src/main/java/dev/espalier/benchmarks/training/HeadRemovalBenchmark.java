package dev.espalier.benchmarks.training;

import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.cost.BatchShape;
import dev.espalier.lm.cost.ModelCost;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.train.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A whole local training with heads removed, beside the same with all heads. */
final class HeadRemovalBenchmark {

    private static final int EPOCHS = 3;
    private static final int TEXTS = 3 * WholeRun.BATCH;
    private static final int[] LENGTHS = {64, 128};

    /** Kept heads by layer; 8 of 72 are what is left of 90 %. */
    private enum Removal {
        DENSE("all heads", 12, 12, 12, 12, 12, 12),
        HALF_SPREAD("50 %, spread", 6, 6, 6, 6, 6, 6),
        HALF_CONCENTRATED("50 %, concentrated", 0, 0, 0, 12, 12, 12),
        MOST_SPREAD("90 %, spread", 1, 1, 1, 1, 2, 2),
        MOST_CONCENTRATED("90 %, concentrated", 0, 0, 0, 0, 0, 8);

        private final String words;
        private final int[] kept;

        Removal(String words, int... kept) {
            this.words = words;
            this.kept = kept;
        }

        HeadMask mask() {
            boolean[][] mask = new boolean[kept.length][12];
            for (int layer = 0; layer < kept.length; layer++) {
                for (int head = 0; head < kept[layer]; head++) {
                    mask[layer][head] = true;
                }
            }
            return HeadMask.of(mask);
        }
    }

    private HeadRemovalBenchmark() {}

    /**
     * @param benchmarks folder of this module, where the page goes
     */
    static void run(Path benchmarks, Rounds rounds) throws IOException {
        Path folder = Files.createTempDirectory("head-removal-benchmark");
        try (BaseModel whole = BaseModel.load(MiniLm.importInto(folder))) {
            StringBuilder tables = new StringBuilder();
            for (int length : LENGTHS) {
                tables.append(table(whole, length, rounds));
            }
            HeadRemovalPage page = new HeadRemovalPage(MachineInWords.described(), rounds);
            Files.writeString(benchmarks.resolve("head-removal.md"), page.head() + tables);
        } finally {
            Folders.delete(folder);
        }
    }

    private static String table(BaseModel whole, int length, Rounds rounds) throws IOException {
        List<Example> texts = Texts.of(TEXTS, length);
        List<BaseModel> models = new ArrayList<>();
        List<Contender> contenders = new ArrayList<>();
        Map<String, HeadRemovalPage.Macs> counted = new LinkedHashMap<>();
        try {
            for (Removal removal : Removal.values()) {
                BaseModel model = whole.keeping(removal.mask());
                models.add(model);
                add(contenders, counted, removal.words, model, texts, true);
                if (removal == Removal.MOST_CONCENTRATED) {
                    String words = removal.words + ", nothing kept between epochs";
                    add(contenders, counted, words, model, texts, false);
                }
            }
            return HeadRemovalPage.table(length, rounds.measure(contenders), counted);
        } finally {
            models.forEach(BaseModel::close);
        }
    }

    private static void add(
            List<Contender> contenders,
            Map<String, HeadRemovalPage.Macs> counted,
            String words,
            BaseModel model,
            List<Example> texts,
            boolean keeping) {
        long bytes = keeping ? TrainingSettings.USUAL_STATE_BYTES : 0;
        contenders.add(new WholeRun(words, model, texts, EPOCHS, bytes));
        int length = texts.getFirst().tokens().length();
        long method =
                ModelCost.of(model.heads(), MiniLm.ADAPTER)
                        .of(new BatchShape(TEXTS, length))
                        .training();
        ComputedMacs computed = new ComputedMacs(model.structure(), length, MiniLm.ADAPTER.rank());
        counted.put(
                words,
                new HeadRemovalPage.Macs(EPOCHS * method, computed.ofRun(TEXTS, EPOCHS, keeping)));
    }
}
