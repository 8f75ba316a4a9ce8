package dev.espalier.agent.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.model.Versions;
import dev.espalier.agent.upload.MemoryAggregation;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.lm.prune.Calibration;
import dev.espalier.lm.prune.LayerwisePruning;
import dev.espalier.lm.prune.PrunedMatrix;
import dev.espalier.lm.prune.PrunedWeights;
import dev.espalier.lm.prune.PruningProgress;
import dev.espalier.lm.prune.PruningSettings;
import dev.espalier.lm.prune.Sparsity;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.train.LanguageModelEvaluator;
import dev.espalier.lm.train.TextToTextEvaluator;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A base without an adapter over it, dense or sparse. */
class BareBaseTest {

    private static final VersionRef SPARSE = VersionRef.parse("tiny-llama-base@1");

    @TempDir private Path folder;

    private final MemoryAggregation aggregation = new MemoryAggregation();
    private TestBench bench;

    @BeforeEach
    void settle() throws IOException {
        bench = new TestBench(folder);
    }

    @AfterEach
    void leave() {
        bench.close();
    }

    @Test
    void perplexityIsThatOfTheBaseItself() throws Exception {
        Path data = read(PruningKind.CONTINUES);

        Outcome.Evaluated found = (Outcome.Evaluated) perform(evaluate(PruningKind.CONTINUES));

        LanguageEvaluation whole = whole(PruningKind.CONTINUES.model, data);
        assertThat(found.loss()).isCloseTo(whole.loss(), within(1e-6));
        assertThat(found.perplexity()).isCloseTo(Math.exp(whole.loss()), within(1e-3));
        assertThat(found.tokens()).isEqualTo(whole.predictions());
        assertThat(found.bytesDown()).isEqualTo(found.baseBytesDown()).isPositive();
    }

    @Test
    void textsAreWrittenByTheBaseItself() throws Exception {
        PruningKind kind = PruningKind.WRITES;
        Path data = read(kind);

        Outcome.Evaluated found = (Outcome.Evaluated) perform(evaluate(kind));

        try (BaseModel base = BaseModel.load(kind.model)) {
            Calibration.Pairs pairs = (Calibration.Pairs) kind.calibration(base, data);
            assertThat(found.loss())
                    .isCloseTo(
                            new TextToTextEvaluator(base, 32).evaluate(pairs.pairs()).loss(),
                            within(1e-6));
        }
        assertThat(found.bleu()).isBetween(0.0, 100.0);
        assertThat(found.rougeL()).isBetween(0.0, 1.0);
    }

    @Test
    void itsLossIsScoredAndNoAdapterIsItsOwn() throws Exception {
        Path data = read(PruningKind.CONTINUES);
        Assignment.Score score = score(PruningKind.CONTINUES);
        bench.own(folder.resolve("home"))
                .keep(score.job(), PeftFolder.read(folder.resolve("adapter")).weights());

        Outcome.Scored found = (Outcome.Scored) perform(score);

        LanguageEvaluation whole = whole(PruningKind.CONTINUES.model, data);
        assertThat(found.loss()).isCloseTo(whole.loss(), within(1e-6));
        assertThat(found.ownLoss()).isNull();
        assertThat(found.cost().scoringMacs()).isPositive();
    }

    @Test
    void classesCannotBeToldApartWithoutAHead() throws Exception {
        read(PruningKind.CLASSIFIES);

        for (Assignment bare :
                List.of(evaluate(PruningKind.CLASSIFIES), score(PruningKind.CLASSIFIES))) {
            Outcome.Failed failed = (Outcome.Failed) perform(bare);
            assertThat(failed.reason()).contains("tiny-bert@1 has no head to tell classes apart");
            assertThat(failed.bytesDown()).isZero();
        }
    }

    @Test
    void halfAnAdapterIsRefusedByName() throws Exception {
        read(PruningKind.CLASSIFIES);
        Assignment.Train train = TinyFederation.train(1, 1);

        assertThat(
                        reason(
                                evaluate(
                                        PruningKind.CLASSIFIES,
                                        PruningKind.CLASSIFIES.base,
                                        TinyFederation.ADAPTER,
                                        null)))
                .isEqualTo("adapterSpec is missing");
        assertThat(reason(TinyFederation.ranked(train, null, train.scope(), null, null, null)))
                .contains("needs an adapter");
    }

    @Test
    void aSparseBaseIsMeasuredAndPrunedAgain() throws Exception {
        PruningKind kind = PruningKind.CONTINUES;
        Path data = read(kind);
        Path sparse = sparse(kind, data);
        bench.publish(Versions.base(SPARSE, sparse), sparse);

        Outcome.Evaluated found = (Outcome.Evaluated) perform(evaluate(kind, SPARSE, null, null));
        Assignment.Prune next =
                kind.prune(7, SPARSE, PruningWorkTest.plan("0.7", Pruner.WANDA, 8, 0, 1));
        Outcome again = perform(next);

        assertThat(found.loss()).isCloseTo(whole(sparse, data).loss(), within(1e-6));
        assertThat(found.loss()).isNotCloseTo(whole(kind.model, data).loss(), within(1e-4));
        assertThat(again).isInstanceOf(Outcome.Pruned.class);
    }

    private Path read(PruningKind kind) throws IOException {
        Path data = kind.data(folder, 40);
        kind.read(bench, data);
        return data;
    }

    /** The kind's model with half of its weights zero and their mask beside them. */
    private Path sparse(PruningKind kind, Path data) throws IOException {
        Path sparse = Files.createDirectories(folder.resolve("sparse"));
        for (String file : List.of("config.json", "tokenizer.json")) {
            Files.copy(kind.model.resolve(file), sparse.resolve(file));
        }
        Map<String, PrunedMatrix> pruned = pruned(kind, data);
        SafetensorsWriter weights = new SafetensorsWriter();
        SafetensorsWriter masks = new SafetensorsWriter();
        try (SafetensorsFile dense =
                SafetensorsFile.open(kind.model.resolve("model.safetensors"))) {
            for (String name : dense.names()) {
                PrunedMatrix matrix = pruned.get(name);
                float[] values = dense.floats(name);
                weights.floats(
                        name,
                        dense.info(name).shape(),
                        matrix == null ? values : matrix.appliedTo(values));
            }
        }
        pruned.forEach((name, matrix) -> {
            byte[] bits = matrix.mask().bytes().toArray(ValueLayout.JAVA_BYTE);
            masks.bytes(name, Shape.of(bits.length), bits);
        });
        weights.write(sparse.resolve("model.safetensors"));
        masks.write(sparse.resolve("mask.safetensors"));
        return sparse;
    }

    private static Map<String, PrunedMatrix> pruned(PruningKind kind, Path data)
            throws IOException {
        PrunedWeights matrices = new PrunedWeights();
        try (BaseModel base = BaseModel.load(kind.model)) {
            PruningSettings settings =
                    PruningSettings.exact(
                            new dev.espalier.lm.prune.Pruner.Wanda(), Sparsity.unstructured("0.5"));
            new LayerwisePruning(base, settings, 8)
                    .prune(
                            kind.calibration(base, data),
                            LayerwisePruning.allLayers(base),
                            matrices,
                            PruningProgress.Listener.none(),
                            () -> false);
        }
        return matrices.matrices().stream()
                .collect(Collectors.toMap(m -> m.tensor().name(), Function.identity()));
    }

    private static LanguageEvaluation whole(Path model, Path data) throws IOException {
        try (BaseModel base = BaseModel.load(model)) {
            Calibration.Texts texts =
                    (Calibration.Texts) PruningKind.CONTINUES.calibration(base, data);
            return new LanguageModelEvaluator(base, 1)
                    .evaluate(texts.texts().stream().map(LanguageExample::of).toList());
        }
    }

    private String reason(Assignment assignment) throws Exception {
        return ((Outcome.Failed) perform(assignment)).reason();
    }

    private Outcome perform(Assignment assignment) throws Exception {
        return bench.agent(folder.resolve("home"), () -> 0, aggregation)
                .perform(assignment, new StillHeart())
                .orElseThrow();
    }

    private static Assignment.Evaluate evaluate(PruningKind kind) {
        return evaluate(kind, kind.base, null, null);
    }

    private static Assignment.Evaluate evaluate(
            PruningKind kind,
            VersionRef base,
            @Nullable VersionRef adapter,
            @Nullable AdapterSpec form) {
        Assignment.Prune like = any(kind);
        return new Assignment.Evaluate(
                like.id(),
                like.job(),
                like.round(),
                like.roundNumber(),
                like.data(),
                like.task(),
                base,
                adapter,
                form,
                like.deadline());
    }

    private static Assignment.Score score(PruningKind kind) {
        Assignment.Prune like = any(kind);
        return new Assignment.Score(
                like.id(),
                like.job(),
                like.round(),
                like.roundNumber(),
                like.data(),
                like.task(),
                like.base(),
                null,
                null,
                1000,
                true,
                like.seed(),
                like.deadline());
    }

    /** For all that assignments have in common. */
    private static Assignment.Prune any(PruningKind kind) {
        return kind.prune(1, PruningWorkTest.plan("0", Pruner.MAGNITUDE, 1, 0));
    }
}
