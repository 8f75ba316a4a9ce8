package dev.espalier.benchmarks.training;

import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Bfloat16;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.train.ClassificationTrainer;
import dev.espalier.lm.train.LearningRateSchedule;
import dev.espalier.lm.train.TrainingRun;
import dev.espalier.lm.train.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Our training step beside that of plain PyTorch: same weights, same texts, same adapter, one
 * thread, taking turns. Both print the loss they came to, so that one sees that they did the same.
 */
final class TrainingBenchmark {

    private static final int BATCH = 16;
    private static final int[] LENGTHS = {64, 128};

    /** Low, so that training the same texts again and again does not end at a loss of zero. */
    private static final double RATE = 2e-5;

    private final Path folder;
    private final Path benchmarks;
    private final Rounds rounds;

    private TrainingBenchmark(Path folder, Path benchmarks, Rounds rounds) {
        this.folder = folder;
        this.benchmarks = benchmarks;
        this.rounds = rounds;
    }

    /**
     * @param benchmarks folder of this module, where the page goes
     * @throws IllegalStateException if there is no PyTorch to compare with
     */
    static void run(Path benchmarks, Rounds rounds) throws IOException, InterruptedException {
        String python =
                Pytorch.python()
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "no Python with PyTorch; on Debian: apt-get install"
                                                + " python3-torch libopenblas0-pthread"));
        Path folder = Files.createTempDirectory("training-benchmark");
        try {
            new TrainingBenchmark(folder, benchmarks, rounds).run(python);
        } finally {
            Folders.delete(folder);
        }
    }

    private void run(String python) throws IOException {
        Path model = MiniLm.importInto(Files.createDirectory(folder.resolve("model")));
        Map<Integer, Map<String, Series>> found = new LinkedHashMap<>();
        String version = "";
        try (BaseModel single = BaseModel.load(model)) {
            AdapterWeights start = single.freshAdapter(MiniLm.ADAPTER, 1);
            Path adapter = folder.resolve("adapter");
            new PeftFolder(MiniLm.ADAPTER, start).write(adapter, "MiniLM");
            for (int length : LENGTHS) {
                List<Example> texts = Texts.of(BATCH, length);
                Path batch = folder.resolve(length + ".json");
                Texts.write(texts, batch);
                Path script = benchmarks.resolve("pytorch/training_step.py");
                try (Pytorch pytorch =
                        Pytorch.start(
                                python, Pytorch.arguments(script, model, adapter, batch, RATE))) {
                    version = pytorch.version();
                    found.put(length, measured(single, model, start, texts, pytorch));
                }
            }
        }
        TrainingPage page = new TrainingPage(MachineInWords.described(), version, rounds);
        Files.writeString(benchmarks.resolve("training.md"), page.text(found));
    }

    private Map<String, Series> measured(
            BaseModel single,
            Path model,
            AdapterWeights start,
            List<Example> texts,
            Pytorch pytorch)
            throws IOException {
        List<Contender> contenders = new ArrayList<>();
        contenders.add(pytorch.variant(TrainingPage.PYTORCH, "first-row"));
        contenders.add(pytorch.variant(TrainingPage.PYTORCH_ALL_ROWS, "all-rows"));
        try (TrainingRun ours = begin(single, start, texts)) {
            contenders.add(new OurTraining(TrainingPage.OURS, ours));
            if (!Bfloat16.isSupported()) {
                return rounds.measure(contenders);
            }
            contenders.add(pytorch.variant(TrainingPage.PYTORCH_AUTOCAST, "autocast"));
            try (BaseModel narrow = BaseModel.load(model, Precision.BFLOAT16);
                    TrainingRun oursNarrow = begin(narrow, start, texts)) {
                contenders.add(new OurTraining(TrainingPage.OURS_BFLOAT16, oursNarrow));
                return rounds.measure(contenders);
            }
        }
    }

    private static TrainingRun begin(BaseModel base, AdapterWeights start, List<Example> texts) {
        TrainingSettings settings =
                new TrainingSettings(
                        Integer.MAX_VALUE,
                        BATCH,
                        1,
                        RATE,
                        LearningRateSchedule.CONSTANT,
                        0.01,
                        0,
                        1,
                        Integer.MAX_VALUE,
                        false,
                        1);
        return new ClassificationTrainer(base, MiniLm.ADAPTER, settings).begin(start, texts);
    }
}
