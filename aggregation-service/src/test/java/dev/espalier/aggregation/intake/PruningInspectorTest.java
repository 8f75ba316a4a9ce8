package dev.espalier.aggregation.intake;

import static dev.espalier.aggregation.LayeredModel.HALF;
import static dev.espalier.aggregation.LayeredModel.L0;
import static dev.espalier.aggregation.LayeredModel.half;
import static dev.espalier.aggregation.LayeredModel.invitation;
import static dev.espalier.aggregation.LayeredModel.pattern;
import static dev.espalier.aggregation.LayeredModel.weights;
import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.ROUND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.aggregation.LayeredModel;
import dev.espalier.aggregation.TinyModel;
import dev.espalier.aggregation.session.Figures;
import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.aggregation.sparse.BaseMatrices;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.PruningManifest;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import jakarta.validation.Validation;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class PruningInspectorTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String UP = "layer.1.up.weight"; // [12, 8]
    private static final String DOWN = "layer.1.down.weight"; // [8, 12]
    private static final long MOST_EXAMPLES = 1000;

    private static final PruningInspector INSPECTOR =
            new PruningInspector(
                    new ManifestReader(
                            JSON, Validation.buildDefaultValidatorFactory().getValidator(), 10_000),
                    MOST_EXAMPLES);

    @TempDir Path folder;
    private Path base;

    @BeforeEach
    void start() throws IOException {
        base = LayeredModel.base(folder.resolve("base"), DType.F16);
    }

    @Test
    void aPruningIsMeasured() throws IOException {
        Inspection found = inspect(half(L0), halves());

        assertThat(found)
                .isInstanceOfSatisfying(
                        Inspection.Passed.class,
                        passed -> {
                            Figures figures = passed.figures();
                            assertThat(figures.pruned()).isEqualTo(new Figures.Pruned(1, 0.5));
                            assertThat(figures.bytesUp()).isEqualTo(2 * 12 + 8);
                            assertThat(figures.examples()).isEqualTo(7);
                            assertThat(figures.trainSeconds()).isEqualTo(2.5);
                            assertThat(figures.changeNorm()).isNull();
                            assertThat(figures.wireBytesUp())
                                    .isEqualTo(folder.resolve("update").toFile().length());
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "48, F32, 205", // a bitmap of 12, 48 * 4, the format
        "48, F16, 109",
        "48, BF16, 109",
        "96, F32, 385", // dense
        "2, F32, 17", // two with their places
        "0, F32, 1"
    })
    void valuesAreCountedInTheirSmallestForm(int kept, DType type, long bytes) throws IOException {
        boolean[] mask = new boolean[96];
        Arrays.fill(mask, 0, kept, true);
        float[] values = new float[kept];
        Arrays.fill(values, 0.5f);
        List<MaskedTensor> sent =
                List.of(
                        MaskedTensor.bitmap(UP, Shape.of(12, 8), ElementMask.of(mask), values),
                        MaskedTensor.bitmap(DOWN, Shape.of(8, 12), ElementMask.of(mask), values));
        RoundWork.Prune work = new RoundWork.Prune(weights(Pruner.SPARSE_GPT), BigDecimal.ZERO, L0);

        Inspection found = inspect(work, manifest(work), sent, type);

        assertThat(found)
                .isInstanceOfSatisfying(
                        Inspection.Passed.class,
                        passed -> assertThat(passed.figures().bytesUp()).isEqualTo(2 * bytes + 8));
    }

    @Test
    void moreZerosThanWereAskedForAreTaken() throws IOException {
        assertPassed(inspect(half(L0), List.of(mask(UP, 0), mask(DOWN, 0))));
    }

    @Test
    void aClientMaySpreadItsZerosAsItLikes() throws IOException {
        assertPassed(inspect(half(L0), List.of(mask(UP, 30), mask(DOWN, 66))));
    }

    @ParameterizedTest
    @CsvSource({
        "MAGNITUDE, 0.3, 28", // floor(28.8) of each
        "SPARSE_GPT, 0.3, 28",
        "WANDA, 0.3, 24" // 12 * floor(2.4) and 8 * floor(3.6)
    })
    void aMaskAsDenseAsThePrunerLeavesItPassesAndADenserOneDoesNot(
            Pruner pruner, BigDecimal share, int zeros) throws IOException {
        RoundWork.Prune work = new RoundWork.Prune(weights(pruner), share, L0);

        assertPassed(inspect(work, some(pruner, 96 - zeros, 96 - zeros)));
        assertRefused(
                inspect(work, some(pruner, 96 - zeros, 97 - zeros)),
                ProblemType.UPDATE_DOES_NOT_FIT,
                "at least " + 2 * zeros);
    }

    private static List<MaskedTensor> some(Pruner pruner, int up, int down) {
        return Stream.of(mask(UP, up), mask(DOWN, down))
                .map(mask -> pruner.changesValues() ? changed(mask, 0.5f) : mask)
                .toList();
    }

    static Stream<Arguments> misfits() {
        return Stream.of(
                refused("a matrix missing", List.of(mask(UP, 20)), "1 matrices are missing"),
                refused(
                        "a matrix of another layer",
                        List.of(mask(UP, 20), mask(DOWN, 20), mask("layer.0.up.weight", 20)),
                        "not in scope"),
                refused(
                        "a norm",
                        List.of(mask(UP, 20), mask(DOWN, 20), mask("norm.weight", 4)),
                        "not in scope"),
                refused(
                        "another shape",
                        List.of(
                                mask(UP, 20),
                                MaskedTensor.maskOnly(
                                        DOWN, Shape.of(4, 4), ElementMask.of(new boolean[16]))),
                        DOWN),
                refused(
                        "values where none may change",
                        List.of(mask(UP, 20), changed(mask(DOWN, 20), 1)),
                        "a bitmap alone"),
                refused(
                        "all values",
                        List.of(
                                mask(UP, 0),
                                MaskedTensor.dense(DOWN, Shape.of(8, 12), new float[96])),
                        "a bitmap alone"),
                refused("too dense", List.of(mask(UP, 96), mask(DOWN, 1)), "at least 96"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("misfits")
    void aPruningOfSomethingElseIsRefused(List<MaskedTensor> sent, String reason)
            throws IOException {
        assertRefused(inspect(half(L0), sent), ProblemType.UPDATE_DOES_NOT_FIT, reason);
    }

    static Stream<Arguments> withoutMask() {
        Shape shape = Shape.of(8, 12);
        return Stream.of(
                Arguments.of(Named.of("a mask alone", mask(DOWN, 1))),
                Arguments.of(
                        Named.of(
                                "rows", MaskedTensor.rows(DOWN, shape, new int[1], new float[12]))),
                Arguments.of(
                        Named.of(
                                "columns",
                                MaskedTensor.columns(DOWN, shape, new int[1], new float[8]))),
                Arguments.of(
                        Named.of(
                                "cells",
                                MaskedTensor.cells(
                                        DOWN, shape, new int[1], new int[1], new float[1]))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("withoutMask")
    void aPrunerThatChangesValuesSendsThemWithTheirMask(MaskedTensor other) throws IOException {
        RoundWork.Prune work = new RoundWork.Prune(weights(Pruner.SPARSE_GPT), HALF, L0);

        assertRefused(
                inspect(work, List.of(changed(mask(UP, 40), 1), other)),
                ProblemType.UPDATE_DOES_NOT_FIT,
                "a bitmap with the values");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void aValueThatIsNoNumberIsRefusedByItsPlace(float value) throws IOException {
        RoundWork.Prune work = new RoundWork.Prune(weights(Pruner.SPARSE_GPT), HALF, L0);

        assertRefused(
                inspect(work, List.of(changed(mask(UP, 40), 1), changed(mask(DOWN, 7), value))),
                ProblemType.UPDATE_NOT_FINITE,
                DOWN);
    }

    @Test
    void aGroupThatKeepsTooManyIsNamed() throws IOException {
        RoundWork.Prune work = new RoundWork.Prune(pattern("2:4", Pruner.WANDA), null, L0);
        boolean[] good = new boolean[96];
        IntStream.range(0, 96).forEach(j -> good[j] = j % 4 >= 2);
        boolean[] bad = good.clone();
        bad[12 * 3 + 4] = true; // in row 3 of [8, 12], the second group
        List<MaskedTensor> sent =
                List.of(
                        MaskedTensor.maskOnly(UP, Shape.of(12, 8), ElementMask.of(good)),
                        MaskedTensor.maskOnly(DOWN, Shape.of(8, 12), ElementMask.of(bad)));

        assertPassed(inspect(work, List.of(sent.getFirst(), mask(DOWN, 0))));
        assertRefused(
                inspect(work, sent),
                ProblemType.UPDATE_DOES_NOT_FIT,
                DOWN + ": output 3 keeps 3 of inputs 4 to 7");
    }

    /** Where inputs come first, the inputs of one output stand below each other. */
    @Test
    void groupsRunAlongTheInputsHoweverTheMatrixLies() throws IOException {
        ModelStructure turned =
                LayeredModel.structure(
                        "gpt2", List.of(new Linear("net.layer.1.up", 4, 3, false, 1)));
        new SafetensorsWriter().floats(UP, Shape.of(4, 3), new float[12]).write(base);
        RoundWork.Prune work = new RoundWork.Prune(pattern("2:4", Pruner.WANDA), null, L0);
        boolean[] columns = new boolean[12]; // [4, 3]: the first two inputs of all outputs
        Arrays.fill(columns, 0, 6, true);
        boolean[] oneOutput = new boolean[12]; // all four inputs of output 1
        IntStream.range(0, 4).forEach(input -> oneOutput[input * 3 + 1] = true);

        for (boolean[] kept : List.of(columns, oneOutput)) {
            Inspection found =
                    INSPECTOR.inspect(
                            write(
                                    manifest(work),
                                    List.of(
                                            MaskedTensor.maskOnly(
                                                    UP, Shape.of(4, 3), ElementMask.of(kept))),
                                    DType.F32),
                            expectation(work, turned));
            if (kept == columns) {
                assertPassed(found);
            } else {
                assertRefused(
                        found,
                        ProblemType.UPDATE_DOES_NOT_FIT,
                        "output 1 keeps 4 of inputs 0 to 3");
            }
        }
    }

    static Stream<Arguments> liars() {
        return Stream.of(
                liar("round", m -> with(m, new RoundId(new UUID(9, 9)), ADA, m.parent(), 7)),
                liar("agent", m -> with(m, ROUND, new AgentName("mallory"), m.parent(), 7)),
                liar("parent", m -> with(m, ROUND, ADA, VersionRef.parse("layered@2"), 7)),
                liar("examples", m -> with(m, ROUND, ADA, m.parent(), MOST_EXAMPLES + 1)),
                liar("scope", m -> of(m, Scope.ofLayers(List.of(0, 1)), m.pruner())),
                liar("scope", m -> of(m, Scope.whole(), m.pruner())),
                liar("scope", m -> of(m, new Scope(null, Map.of(), List.of(1)), m.pruner())),
                liar("pruner", m -> of(m, m.scope(), Pruner.MAGNITUDE)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("liars")
    void anUpdateForSomethingElseIsRefused(String field, UnaryOperator<PruningManifest> lie)
            throws IOException {
        PruningManifest manifest = lie.apply(manifest(half(L0)));

        assertRefused(
                inspect(half(L0), manifest, halves(), DType.F32),
                ProblemType.UPDATE_DOES_NOT_FIT,
                field);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"schema\": 2}",
                "{\"examples\": 0}",
                "{\"examples\": -1}",
                "{\"examples\": 1.5}",
                "{\"examples\": \"7\"}",
                "{\"examples\": null}",
                "{\"calibrationSamples\": -1}",
                "{\"pruneSeconds\": -1}",
                "{\"pruneSeconds\": \"NaN\"}",
                "{\"pruner\": \"OBLITERATE\"}",
                "{\"scope\": null}",
                "{\"scope\": {\"heads\": null, \"components\": null, \"layers\": [1, 1]}}",
                "{\"surprise\": 1}"
            })
    void aManifestThatIsNotAsAgreedIsMalformed(String change) throws IOException {
        ObjectNode manifest = JSON.valueToTree(manifest(half(L0)));
        JSON.readTree(change).properties().forEach(p -> manifest.set(p.getKey(), p.getValue()));

        assertMalformed(manifest.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{", "{}"})
    void whatIsNoManifestIsMalformed(String json) throws IOException {
        assertMalformed(json);
    }

    @Test
    void aFieldThatIsSaidTwiceIsMalformed() throws IOException {
        String json = JSON.writeValueAsString(manifest(half(L0)));

        assertMalformed("{\"examples\": 1, " + json.substring(1));
    }

    @Test
    void anUpdateOfAnAdapterIsNoPruning() throws IOException {
        Path file = folder.resolve("update");
        UpdateFile.write(file, Map.of("espalier.update", "{}"), halves(), DType.F32);

        assertRefused(
                INSPECTOR.inspect(file, expectation(half(L0), LayeredModel.structure())),
                ProblemType.UPDATE_MALFORMED,
                PruningManifest.METADATA_KEY);
    }

    /** Any bytes changed, or the end cut off: an answer, never a surprise. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void damageIsAlwaysAnswered(long seed) throws IOException {
        Random any = new Random(seed);
        byte[] good = Files.readAllBytes(write(manifest(half(L0)), halves(), DType.F32));
        for (int i = 0; i < 200; i++) {
            byte[] bad = good.clone();
            for (int n = 1 + any.nextInt(4); n > 0; n--) {
                bad[any.nextInt(bad.length)] = (byte) any.nextInt();
            }
            int length = any.nextBoolean() ? bad.length : any.nextInt(bad.length);
            Path file = Files.write(folder.resolve("bad"), Arrays.copyOf(bad, length));

            assertThat(INSPECTOR.inspect(file, expectation(half(L0), LayeredModel.structure())))
                    .isNotNull();
        }
    }

    @ParameterizedTest
    @EnumSource(Pruner.class)
    void matricesAreThoseOfTheBaseWhoeverPrunes(Pruner pruner) throws IOException {
        RoundWork.Prune work = new RoundWork.Prune(weights(pruner), HALF, L0);

        PruningExpectation expected = expectation(work, LayeredModel.structure());

        assertThat(expected.matrices()).extracting(one -> one.name()).containsExactly(DOWN, UP);
        assertThat(expected.denseBytes()).isEqualTo(2 * 96 * 4);
        assertThat(expected.fewestZeros()).isEqualTo(96);
    }

    private void assertMalformed(String json) throws IOException {
        Path file = folder.resolve("update");
        UpdateFile.write(file, Map.of(PruningManifest.METADATA_KEY, json), halves(), DType.F32);

        assertRefused(
                INSPECTOR.inspect(file, expectation(half(L0), LayeredModel.structure())),
                ProblemType.UPDATE_MALFORMED,
                "");
    }

    private static Arguments refused(String name, List<MaskedTensor> sent, String reason) {
        return Arguments.of(Named.of(name, sent), reason);
    }

    private static Arguments liar(String field, UnaryOperator<PruningManifest> lie) {
        return Arguments.of(field, lie);
    }

    private static PruningManifest with(
            PruningManifest like,
            RoundId round,
            AgentName agent,
            VersionRef parent,
            long examples) {
        return new PruningManifest(
                like.schema(),
                round,
                agent,
                parent,
                like.scope(),
                like.pruner(),
                examples,
                like.calibrationSamples(),
                like.pruneSeconds());
    }

    private static PruningManifest of(PruningManifest like, Scope scope, Pruner pruner) {
        return new PruningManifest(
                like.schema(),
                like.round(),
                like.agent(),
                like.parent(),
                scope,
                pruner,
                like.examples(),
                like.calibrationSamples(),
                like.pruneSeconds());
    }

    private static void assertPassed(Inspection found) {
        assertThat(found).isInstanceOf(Inspection.Passed.class);
    }

    private static void assertRefused(Inspection found, ProblemType type, String reason) {
        assertThat(found)
                .isInstanceOfSatisfying(
                        Inspection.Failed.class,
                        failed -> {
                            assertThat(failed.reason()).contains(reason);
                            assertThat(failed.type()).isEqualTo(type);
                        });
    }

    private static List<MaskedTensor> halves() {
        return LayeredModel.halfOf(LayeredModel.structure(), Scope.ofLayers(List.of(1)), 3);
    }

    /** Keeps the first so many; of a norm, eight in all. */
    private static MaskedTensor mask(String name, int kept) {
        Shape shape =
                name.startsWith("norm")
                        ? Shape.of(8)
                        : name.contains("up") ? Shape.of(12, 8) : Shape.of(8, 12);
        boolean[] mask = new boolean[(int) shape.elements()];
        Arrays.fill(mask, 0, kept, true);
        return MaskedTensor.maskOnly(name, shape, ElementMask.of(mask));
    }

    private static MaskedTensor changed(MaskedTensor mask, float value) {
        boolean[] kept = new boolean[(int) mask.shape().elements()];
        IntStream.range(0, kept.length).forEach(j -> kept[j] = mask.contributes(j));
        float[] values = new float[(int) mask.valueCount()];
        Arrays.fill(values, value);
        return MaskedTensor.bitmap(mask.name(), mask.shape(), ElementMask.of(kept), values);
    }

    private Inspection inspect(RoundWork.Prune work, List<MaskedTensor> sent) throws IOException {
        return inspect(work, manifest(work), sent, DType.F32);
    }

    private Inspection inspect(
            RoundWork.Prune work, PruningManifest manifest, List<MaskedTensor> sent, DType type)
            throws IOException {
        return INSPECTOR.inspect(
                write(manifest, sent, type), expectation(work, LayeredModel.structure()));
    }

    private Path write(PruningManifest manifest, List<MaskedTensor> sent, DType type)
            throws IOException {
        return LayeredModel.write(folder.resolve("update"), manifest, new ArrayList<>(sent), type);
    }

    private static PruningManifest manifest(RoundWork.Prune work) {
        return LayeredModel.manifest(session(work), ADA, 7, 1);
    }

    private static RoundSession session(RoundWork.Prune work) {
        return LayeredModel.session(ROUND, LayeredModel.BASE, work, invitation(ADA, 1));
    }

    private PruningExpectation expectation(RoundWork.Prune work, ModelStructure structure)
            throws IOException {
        RoundSession session = session(work);
        RoundTerms terms =
                new RoundTerms(
                        session.round(),
                        session.job(),
                        session.number(),
                        session.publishAs(),
                        session.base(),
                        session.parent(),
                        work,
                        session.seed(),
                        TinyModel.DEADLINE);
        return new PruningExpectation(
                terms,
                work,
                ADA,
                Scope.ofLayers(List.of(1)),
                BaseMatrices.of(structure, List.of(base)).of(List.of(1)));
    }
}
