package dev.espalier.agent;

import dev.espalier.agent.model.Versions;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Compute;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.TaskKind;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import dev.espalier.protocol.job.WeightPruningSpec;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UploadPlan;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.HeadPlan;
import dev.espalier.protocol.work.PrunePlan;
import dev.espalier.protocol.work.RankPlan;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A tiny BERT and a tiny T5, a first adapter for each, and assignments about them. */
public final class TinyFederation {

    public static final Path MODEL = Path.of("src/test/resources/tiny-bert");
    public static final VersionRef BASE = VersionRef.parse("tiny-bert@1");
    public static final VersionRef ADAPTER = VersionRef.parse("spam-filter@1");
    public static final VersionRef OTHER_ADAPTER = VersionRef.parse("spam-filter@2");
    public static final AdapterSpec LORA = new AdapterSpec(4, 8.0, 0.1, null);
    public static final TaskSpec TASK = TaskSpec.classification(List.of("ham", "spam"), 16);
    public static final Path WRITING_MODEL = Path.of("src/test/resources/tiny-t5");
    public static final VersionRef WRITING_BASE = VersionRef.parse("tiny-t5@1");
    public static final VersionRef WRITING_ADAPTER = VersionRef.parse("subject-writer@1");
    public static final TaskSpec WRITING_TASK = new TaskSpec(TaskKind.TEXT_TO_TEXT, null, 16, 8);
    public static final String TOKEN = "upload-token";

    private static final List<String> HAM = List.of("meeting", "report", "lunch", "team", "notes");
    private static final List<String> SPAM = List.of("win", "money", "prize", "free", "cash");

    private TinyFederation() {}

    public static VersionManifest base() throws IOException {
        return Versions.base(BASE, MODEL);
    }

    /** Draws the first adapter into that folder. */
    public static VersionManifest adapter(Path folder) throws IOException {
        return adapter(folder, LORA.rank());
    }

    /** The same with another rank. */
    public static VersionManifest adapter(Path folder, int rank) throws IOException {
        Compute.useThreads(1);
        AdapterSettings settings =
                new AdapterSettings(
                        rank,
                        2.0 * rank,
                        0.1,
                        TargetModules.names("query", "value"),
                        TaskHead.trained(TASK.labels()));
        try (BaseModel base = BaseModel.load(MODEL)) {
            new PeftFolder(settings, base.freshAdapter(settings, 1)).write(folder, "tiny-bert");
        }
        return Versions.adapter(ADAPTER, folder, BASE);
    }

    public static VersionManifest writingBase() throws IOException {
        return Versions.base(WRITING_BASE, WRITING_MODEL);
    }

    /** Draws the first adapter of the model that writes into that folder. */
    public static VersionManifest writingAdapter(Path folder) throws IOException {
        Compute.useThreads(1);
        AdapterSettings settings =
                new AdapterSettings(4, 8, 0.1, TargetModules.names("q", "v"), TaskHead.frozen());
        try (BaseModel base = BaseModel.load(WRITING_MODEL)) {
            new PeftFolder(settings, base.freshAdapter(settings, 1))
                    .write(folder, "tiny-t5", base.family());
        }
        return Versions.adapter(WRITING_ADAPTER, folder, WRITING_BASE);
    }

    /** The adapter in that folder once more in another one, with this value everywhere. */
    public static AdapterWeights filled(Path like, float value, Path folder) throws IOException {
        PeftFolder adapter = PeftFolder.read(like);
        AdapterWeights.Builder filled = AdapterWeights.builder();
        for (String name : adapter.weights().names()) {
            float[] values = adapter.weights().values(name).clone();
            Arrays.fill(values, value);
            filled.put(name, adapter.weights().shape(name), values);
        }
        AdapterWeights weights = filled.build();
        new PeftFolder(adapter.settings(), weights).write(folder, "tiny");
        return weights;
    }

    /** Mail that a tiny model can learn to tell apart. */
    public static Path mail(Path file, int rows, long seed) throws IOException {
        Random any = new Random(seed);
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < rows; i++) {
            boolean spam = i % 2 == 0;
            List<String> words = spam ? SPAM : HAM;
            for (int w = 0; w < 3 + any.nextInt(6); w++) {
                csv.append(words.get(any.nextInt(words.size()))).append(' ');
            }
            csv.append(spam ? ",spam\n" : ",ham\n");
        }
        return Files.writeString(file, csv);
    }

    public static Assignment.Train train(int number, int epochs) {
        return train(number, epochs, TASK, BASE, ADAPTER);
    }

    public static Assignment.Train writingTrain(int number, int epochs) {
        return train(number, epochs, WRITING_TASK, WRITING_BASE, WRITING_ADAPTER);
    }

    private static Assignment.Train train(
            int number, int epochs, TaskSpec task, VersionRef base, VersionRef adapter) {
        return new Assignment.Train(
                new AssignmentId(new UUID(1, number)),
                new JobId(new UUID(2, 0)),
                new RoundId(new UUID(3, number)),
                number,
                new DataName("mail"),
                task,
                base,
                adapter,
                LORA,
                new TrainingSpec(epochs, 4, 0.01, null, null, null, null, null),
                Scope.whole(),
                null,
                null,
                null,
                42 + number,
                TOKEN,
                Instant.parse("2099-01-01T00:00:00Z"));
    }

    /** Layers of the tiny BERT pruned by Wanda. */
    public static Assignment.Prune prune(int number, List<Integer> layers, BigDecimal sparsity) {
        return new Assignment.Prune(
                new AssignmentId(new UUID(1, number)),
                new JobId(new UUID(2, 0)),
                new RoundId(new UUID(3, number)),
                number,
                new DataName("mail"),
                TASK,
                BASE,
                new PrunePlan(
                        layers,
                        sparsity,
                        new WeightPruningSpec(
                                sparsity,
                                null,
                                null,
                                WeightPruningSpec.Pruner.WANDA,
                                null,
                                1000,
                                null,
                                null)),
                42 + number,
                TOKEN,
                Instant.parse("2099-01-01T00:00:00Z"));
    }

    /** The same with heads pruned and this adapter. */
    public static Assignment.Train pruning(Assignment.Train like, AdapterSpec lora, HeadPlan plan) {
        return new Assignment.Train(
                like.id(),
                like.job(),
                like.round(),
                like.roundNumber(),
                like.data(),
                like.task(),
                like.base(),
                like.adapter(),
                lora,
                like.training(),
                like.scope(),
                plan,
                null,
                null,
                like.seed(),
                like.uploadToken(),
                like.deadline());
    }

    /** The same with some components, and more or less precisely sent. */
    public static Assignment.Train ranked(
            Assignment.Train like,
            VersionRef adapter,
            Scope scope,
            @Nullable HeadPlan heads,
            @Nullable RankPlan ranks,
            @Nullable UploadPlan upload) {
        return new Assignment.Train(
                like.id(),
                like.job(),
                like.round(),
                like.roundNumber(),
                like.data(),
                like.task(),
                like.base(),
                adapter,
                like.adapterSpec(),
                like.training(),
                scope,
                heads,
                ranks,
                upload,
                like.seed(),
                like.uploadToken(),
                like.deadline());
    }

    /** The adapter in that folder once more in another one, with every value moved by chance. */
    public static AdapterWeights scattered(Path like, Path folder) throws IOException {
        PeftFolder adapter = PeftFolder.read(like);
        Random any = new Random(3);
        AdapterWeights.Builder scattered = AdapterWeights.builder();
        for (String name : adapter.weights().names()) {
            float[] values = adapter.weights().values(name);
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.1 * any.nextGaussian());
            }
            scattered.put(name, adapter.weights().shape(name), values);
        }
        AdapterWeights weights = scattered.build();
        new PeftFolder(adapter.settings(), weights).write(folder, "tiny");
        return weights;
    }

    /** A plan that keeps so many heads. */
    public static HeadPlan plan(
            String sparsity,
            int atMost,
            HeadPruningSpec.Ranking ranking,
            HeadPruningSpec.Score score,
            HeadPruningSpec.Mode mode,
            Map<String, List<Integer>> forced) {
        BigDecimal share = new BigDecimal(sparsity);
        return new HeadPlan(
                share,
                new HeadPruningSpec(
                        share, null, null, ranking, 0, mode, score, 12, null, null, null, null),
                new HeadAllowance(atMost, forced));
    }

    public static Assignment.Evaluate evaluate(int number) {
        return evaluate(number, TASK, BASE, ADAPTER);
    }

    public static Assignment.Evaluate writingEvaluate(int number, VersionRef adapter) {
        return evaluate(number, WRITING_TASK, WRITING_BASE, adapter);
    }

    public static Assignment.Evaluate evaluate(
            int number, TaskSpec task, VersionRef base, VersionRef adapter) {
        return new Assignment.Evaluate(
                new AssignmentId(new UUID(1, number)),
                new JobId(new UUID(2, 0)),
                new RoundId(new UUID(3, number)),
                number,
                new DataName("mail"),
                task,
                base,
                adapter,
                LORA,
                Instant.parse("2099-01-01T00:00:00Z"));
    }

    public static Assignment.Score score(int number, int samples, boolean alsoOwn) {
        return score(number, TASK, BASE, ADAPTER, samples, alsoOwn);
    }

    public static Assignment.Score score(
            int number,
            TaskSpec task,
            VersionRef base,
            VersionRef adapter,
            int samples,
            boolean alsoOwn) {
        return new Assignment.Score(
                new AssignmentId(new UUID(1, number)),
                new JobId(new UUID(2, 0)),
                new RoundId(new UUID(3, number)),
                number,
                new DataName("mail"),
                task,
                base,
                adapter,
                LORA,
                samples,
                alsoOwn,
                42 + number,
                Instant.parse("2099-01-01T00:00:00Z"));
    }
}
