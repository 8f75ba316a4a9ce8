package dev.espalier.benchmarks.plan;

import dev.espalier.benchmarks.experiment.Computing;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.lm.train.ClassificationTrainer;
import dev.espalier.lm.train.Evaluator;
import dev.espalier.lm.train.LanguageModelEvaluator;
import dev.espalier.lm.train.LanguageModelTrainer;
import dev.espalier.lm.train.LearningRateSchedule;
import dev.espalier.lm.train.TextToTextEvaluator;
import dev.espalier.lm.train.TextToTextTrainer;
import dev.espalier.lm.train.TrainingRun;
import dev.espalier.lm.train.TrainingSettings;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.TaskSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/** Measures a few dense steps on made-up texts of full length, in some seconds. */
public final class PaceMeter {

    private static final int STEPS = 4;
    private static final int TOKEN = 5;
    private static final double NANOS = 1e9;

    /** Writing a token costs about a forward pass of one short sequence. */
    private static final double TOKENS_OF_AN_ANSWER = 30;

    private final LongSupplier nanoTime;
    private final Computing computing;

    public PaceMeter(LongSupplier nanoTime, Computing computing) {
        this.nanoTime = nanoTime;
        this.computing = computing;
    }

    public Pace measure(Path model, TaskSpec task, AdapterSpec adapter) throws IOException {
        int before = Compute.threads();
        Compute.useThreads(computing.threads());
        try (BaseModel base = BaseModel.load(model, computing.precision())) {
            return switch (task.kind()) {
                case SEQUENCE_CLASSIFICATION -> classifying(base, task, adapter);
                case TEXT_TO_TEXT -> writing(base, task, adapter);
                case CAUSAL_LANGUAGE_MODELLING -> continuing(base, task, adapter);
            };
        } finally {
            Compute.useThreads(before);
        }
    }

    private Pace classifying(BaseModel base, TaskSpec task, AdapterSpec spec) {
        AdapterSettings adapter = settings(spec, TaskHead.trained(task.labels()));
        AdapterWeights start = base.freshAdapter(adapter, 1);
        List<Example> examples =
                IntStream.range(0, Pace.BATCH)
                        .mapToObj(
                                i -> new Example(text(task.maxLength()), i % task.labels().size()))
                        .toList();
        ClassificationTrainer trainer = new ClassificationTrainer(base, adapter, training());
        double step;
        try (TrainingRun run = trainer.begin(start, examples)) {
            step = best(run::step);
        }
        Evaluator evaluator = new Evaluator(base, adapter, Pace.BATCH);
        return new Pace(step, best(() -> evaluator.evaluate(start, examples)), 0);
    }

    private Pace writing(BaseModel base, TaskSpec task, AdapterSpec spec) {
        AdapterSettings adapter = settings(spec, TaskHead.frozen());
        AdapterWeights start = base.freshAdapter(adapter, 1);
        int target = Math.min(task.maxLength(), Objects.requireNonNull(task.maxTargetLength()));
        List<TextToTextExample> examples =
                Collections.nCopies(
                        Pace.BATCH, TextToTextExample.of(text(task.maxLength()), text(target)));
        TextToTextTrainer trainer = new TextToTextTrainer(base, adapter, training());
        double step;
        try (TrainingRun run = trainer.begin(start, examples)) {
            step = best(run::step);
        }
        TextToTextEvaluator evaluator = new TextToTextEvaluator(base, Pace.BATCH);
        double forward = best(() -> evaluator.evaluate(adapter, start, examples));
        return new Pace(step, forward, TOKENS_OF_AN_ANSWER * forward / Pace.BATCH);
    }

    private Pace continuing(BaseModel base, TaskSpec task, AdapterSpec spec) {
        AdapterSettings adapter = settings(spec, TaskHead.frozen());
        AdapterWeights start = base.freshAdapter(adapter, 1);
        List<LanguageExample> windows =
                Collections.nCopies(Pace.BATCH, LanguageExample.of(text(task.maxLength())));
        LanguageModelTrainer trainer = new LanguageModelTrainer(base, adapter, training());
        double step;
        try (TrainingRun run = trainer.begin(start, windows)) {
            step = best(run::step);
        }
        LanguageModelEvaluator evaluator = new LanguageModelEvaluator(base, Pace.BATCH);
        return new Pace(step, best(() -> evaluator.evaluate(windows)), 0);
    }

    private static AdapterSettings settings(AdapterSpec spec, TaskHead head) {
        List<String> targets = Objects.requireNonNull(spec.targetModules());
        return new AdapterSettings(
                spec.rank(),
                spec.alpha(),
                0,
                TargetModules.names(targets.toArray(String[]::new)),
                head);
    }

    private static TrainingSettings training() {
        return new TrainingSettings(
                STEPS,
                Pace.BATCH,
                1,
                1e-4,
                LearningRateSchedule.CONSTANT,
                0,
                0,
                1,
                Integer.MAX_VALUE,
                false,
                1);
    }

    private static TokenSequence text(int length) {
        int[] ids = new int[length];
        java.util.Arrays.fill(ids, TOKEN);
        return new TokenSequence(ids, new int[length]);
    }

    /** The shortest of some: what the machine can do when nothing else wants it. */
    private double best(Runnable work) {
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < STEPS; i++) {
            long start = nanoTime.getAsLong();
            work.run();
            best = Math.min(best, (nanoTime.getAsLong() - start) / NANOS);
        }
        return best;
    }
}
