package dev.espalier.aggregation.intake;

import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.BLOCK;
import static dev.espalier.aggregation.TinyModel.BOB;
import static dev.espalier.aggregation.TinyModel.NEXT_BLOCK;
import static dev.espalier.aggregation.TinyModel.PARENT;
import static dev.espalier.aggregation.TinyModel.QUERY;
import static dev.espalier.aggregation.TinyModel.ROUND;
import static dev.espalier.aggregation.TinyModel.manifest;
import static dev.espalier.aggregation.TinyModel.tensors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.espalier.aggregation.TinyModel;
import dev.espalier.aggregation.session.Figures;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class UpdateInspectorTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String HEAD = "base_model.model.classifier.weight";
    private static final Scope SOME_HEADS = TinyModel.heads(List.of(1), List.of(0, 1));
    private static final Scope NO_HEADS = TinyModel.heads(List.of(), List.of(1));
    private static final Scope COMPOSED =
            new Scope(Map.of(BLOCK, List.of(0), NEXT_BLOCK, List.of()), Map.of(QUERY, List.of(1)));

    @TempDir Path folder;

    private Path parent;

    @BeforeEach
    void parent() throws IOException {
        parent = TinyModel.adapter(folder.resolve("parent.safetensors"), 1);
    }

    static Stream<Scope> scopes() {
        return Stream.of(Scope.whole(), SOME_HEADS, NO_HEADS, COMPOSED);
    }

    @ParameterizedTest
    @MethodSource("scopes")
    void whatWasTrainedAsAskedPasses(Scope scope) throws IOException {
        UpdateManifest manifest = manifest(ADA, scope, 50);
        Path file = TinyModel.update(folder.resolve("u"), parent, manifest, 2);

        Inspection inspection = Inspections.inspector().inspect(file, expected(scope, null));

        assertThat(inspection).isInstanceOf(Inspection.Passed.class);
    }

    @Test
    void theFiguresAreThoseOfTheUpdate() throws IOException {
        Path file = TinyModel.update(folder.resolve("u"), parent, manifest(ADA, COMPOSED, 50), 2);

        Figures figures = passed(file, COMPOSED);

        assertThat(figures.examples()).isEqualTo(50);
        assertThat(figures.wireBytesUp()).isEqualTo(Files.size(file));
        assertThat(figures.taskHeadBytesUp()).isEqualTo(4 * (2 * 8 + 2));
        // query: A row 1, B 4x1; value: A whole, B 4 rows; out: A 4 columns, B whole; head
        long values = 8 + 4 + 16 + 8 + 8 + 16 + 18;
        // two bitmaps of heads, one of components; one confidence; n and two losses
        assertThat(figures.bytesUp()).isEqualTo(4 * values + 2 + 1 + 4 + 8 + 16);
        assertThat(figures.changeNorm()).isEqualTo(norm(file, COMPOSED), offset(1e-9));
    }

    @Test
    void aTensorThatIsMissingDoesNotFit() throws IOException {
        List<MaskedTensor> tensors = new ArrayList<>(tensors(parent, Scope.whole(), 2));
        tensors.removeFirst();

        assertRefused(ProblemType.UPDATE_DOES_NOT_FIT, write(tensors));
    }

    @Test
    void aTensorThatNobodyAskedForDoesNotFit() throws IOException {
        List<MaskedTensor> tensors = new ArrayList<>(tensors(parent, Scope.whole(), 2));
        tensors.add(MaskedTensor.dense("extra", Shape.of(1), new float[] {1}));

        assertRefused(ProblemType.UPDATE_DOES_NOT_FIT, write(tensors));
    }

    @Test
    void moduleOfPrunedHeadsMustNotBeSent() throws IOException {
        Path file =
                TinyModel.write(
                        folder.resolve("u"),
                        JSON.writeValueAsString(manifest(ADA, NO_HEADS, 50)),
                        tensors(parent, Scope.whole(), 2));

        assertThat(refusal(file, NO_HEADS).type()).isEqualTo(ProblemType.UPDATE_DOES_NOT_FIT);
    }

    @Test
    void anotherShapeDoesNotFit() throws IOException {
        assertRefused(
                ProblemType.UPDATE_DOES_NOT_FIT,
                write(replaced(MaskedTensor.dense(HEAD, Shape.of(8, 2), new float[16]))));
    }

    @Test
    void rowsOfOtherHeadsDoNotFit() throws IOException {
        Scope otherHead = TinyModel.heads(List.of(0), List.of(0, 1));
        Path file =
                TinyModel.write(
                        folder.resolve("u"),
                        JSON.writeValueAsString(manifest(ADA, SOME_HEADS, 50)),
                        tensors(parent, otherHead, 2));

        assertThat(refusal(file, SOME_HEADS).type()).isEqualTo(ProblemType.UPDATE_DOES_NOT_FIT);
    }

    @Test
    void aBitmapIsNoWayToSendPartOfAnAdapter() throws IOException {
        boolean[] all = new boolean[16];
        java.util.Arrays.fill(all, true);

        assertRefused(
                ProblemType.UPDATE_DOES_NOT_FIT,
                write(
                        replaced(
                                MaskedTensor.bitmap(
                                        HEAD,
                                        Shape.of(2, 8),
                                        ElementMask.of(all),
                                        new float[16]))));
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void oneValueThatIsNotFiniteRefusesTheWhole(float value) throws IOException {
        float[] values = new float[16];
        values[11] = value;

        assertRefused(
                ProblemType.UPDATE_NOT_FINITE,
                write(replaced(MaskedTensor.dense(HEAD, Shape.of(2, 8), values))));
    }

    @Test
    void aChangeBeyondTheNormIsTooFar() throws IOException {
        Path file =
                TinyModel.update(folder.resolve("u"), parent, manifest(ADA, Scope.whole(), 5), 2);
        double norm = passed(file, Scope.whole()).changeNorm();

        assertThat(Inspections.inspector().inspect(file, expected(Scope.whole(), norm)))
                .isInstanceOf(Inspection.Passed.class);
        assertThat(
                        Inspections.inspector()
                                .inspect(file, expected(Scope.whole(), Math.nextDown(norm))))
                .isInstanceOfSatisfying(
                        Inspection.Failed.class,
                        failed -> assertThat(failed.type()).isEqualTo(ProblemType.UPDATE_TOO_FAR));
    }

    @Test
    void anUpdateThatEqualsItsParentIsUntrained() throws IOException {
        List<MaskedTensor> same = new ArrayList<>();
        try (SafetensorsFile before = SafetensorsFile.open(parent)) {
            for (String name : before.names()) {
                same.add(MaskedTensor.dense(name, before.info(name).shape(), before.floats(name)));
            }
        }

        assertRefused(ProblemType.UPDATE_UNTRAINED, write(same));
    }

    static Stream<UpdateManifest> foreign() {
        UpdateManifest good = manifest(ADA, Scope.whole(), 50);
        return Stream.of(
                with(good, new RoundId(new UUID(9, 9)), PARENT, 50),
                with(good, ROUND, VersionRef.parse("filter@2"), 50),
                with(good, ROUND, PARENT, Inspections.MOST_EXAMPLES + 1),
                manifest(BOB, Scope.whole(), 50),
                manifest(ADA, SOME_HEADS, 50));
    }

    @ParameterizedTest
    @MethodSource("foreign")
    void aManifestOfSomethingElseDoesNotFit(UpdateManifest manifest) throws IOException {
        Path file =
                TinyModel.write(
                        folder.resolve("u"),
                        JSON.writeValueAsString(manifest),
                        tensors(parent, Scope.whole(), 2));

        assertRefused(ProblemType.UPDATE_DOES_NOT_FIT, file);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "[1]",
                "no json",
                "{\"schema\":1}",
                "{\"schema\":1,\"scope\":{\"heads\":{\"x\":null},\"components\":null}}",
                "{\"schema\":1,\"scope\":{\"heads\":{\"x\":[null]},\"components\":null}}",
                "{\"schema\":1,\"scope\":{\"heads\":{\"x\":[1,1]},\"components\":null}}"
            })
    void aManifestThatIsNoneIsMalformed(String json) throws IOException {
        assertRefused(
                ProblemType.UPDATE_MALFORMED,
                TinyModel.write(folder.resolve("u"), json, tensors(parent, Scope.whole(), 2)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"examples\":50->\"examples\":0",
                "\"examples\":50->\"examples\":-3",
                "\"examples\":50->\"examples\":\"50\"",
                "\"examples\":50->\"examples\":50.5",
                "\"examples\":50->\"examples\":50,\"examples\":60",
                "\"examples\":50->\"examples\":50,\"surprise\":1",
                "\"examples\":50->\"examples\":null",
                "\"examples\":50->\"examples\":99999999999999999999",
                "\"examples\":50->\"examples\":9223372036854775807",
                "\"examples\":50->\"examples\":1000000001",
                "\"schema\":1->\"schema\":2",
                "\"lossAfter\":0.2->\"lossAfter\":\"NaN\"",
                "\"lossAfter\":0.2->\"lossAfter\":1e999",
                "\"lossAfter\":0.2->\"lossAfter\":1e308",
                "\"lossAfter\":0.2->\"lossAfter\":-0.1",
                "\"trainSeconds\":1.5->\"trainSeconds\":1e308",
                "\"trainSeconds\":1.5->\"trainSeconds\":-1"
            })
    void aWrongFieldInTheManifestIsMalformed(String edit) throws IOException {
        String good = JSON.writeValueAsString(manifest(ADA, Scope.whole(), 50));
        String[] parts = edit.split("->");
        assertThat(good).contains(parts[0]);

        assertRefused(
                ProblemType.UPDATE_MALFORMED,
                TinyModel.write(
                        folder.resolve("u"),
                        good.replace(parts[0], parts[1]),
                        tensors(parent, Scope.whole(), 2)));
    }

    @Test
    void aFileThatIsNoSafetensorsIsMalformed() throws IOException {
        for (byte[] bytes :
                List.of(
                        new byte[0],
                        new byte[7],
                        "hello, world".getBytes(StandardCharsets.UTF_8))) {
            Path file = Files.write(folder.resolve("u"), bytes);
            assertRefused(ProblemType.UPDATE_MALFORMED, file);
        }
    }

    @Test
    void reasonsAreShortAndPrintableWhateverTheFileSays() throws IOException {
        List<MaskedTensor> tensors = new ArrayList<>(tensors(parent, Scope.whole(), 2));
        String name = "\u0000\ud83d\ude00\u202e\n".repeat(1000);
        tensors.add(MaskedTensor.dense(name, Shape.of(1), new float[] {1}));

        String reason = refusal(write(tensors), Scope.whole()).reason();

        assertThat(reason).hasSizeLessThanOrEqualTo(500).doesNotContainPattern("\\p{C}");
    }

    static Stream<Long> seeds() {
        return Stream.iterate(0L, seed -> seed + 1).limit(200);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aDamagedFileIsRefusedOrHarmlessNeverASurprise(long seed) throws IOException {
        Random any = new Random(seed);
        Scope scope = scopes().toList().get(any.nextInt(4));
        Path file = TinyModel.update(folder.resolve("u"), parent, manifest(ADA, scope, 50), 2);
        Files.write(file, damaged(Files.readAllBytes(file), any));

        Inspection inspection = Inspections.inspector().inspect(file, expected(scope, 100.0));

        if (inspection instanceof Inspection.Passed(Figures figures)) {
            assertThat(figures.changeNorm()).isPositive().isLessThanOrEqualTo(100.0);
        }
    }

    /** Bytes changed, cut off, repeated or added; the header more often than the values. */
    private static byte[] damaged(byte[] bytes, Random any) {
        int header = 8 + (bytes[0] & 0xff) + ((bytes[1] & 0xff) << 8);
        for (int edits = 1 + any.nextInt(3); edits > 0; edits--) {
            int at = any.nextInt(any.nextBoolean() ? Math.min(header, bytes.length) : bytes.length);
            switch (any.nextInt(4)) {
                case 0 -> bytes[at] = (byte) any.nextInt(256);
                case 1 -> bytes[at] = (byte) "0123456789{}[]\",:#".charAt(any.nextInt(18));
                case 2 -> bytes = java.util.Arrays.copyOf(bytes, Math.max(9, at));
                default -> bytes[at] ^= (byte) (1 << any.nextInt(8));
            }
        }
        return bytes;
    }

    private Path write(List<MaskedTensor> tensors) throws IOException {
        return TinyModel.write(
                folder.resolve("u"),
                JSON.writeValueAsString(manifest(ADA, Scope.whole(), 50)),
                tensors);
    }

    private List<MaskedTensor> replaced(MaskedTensor other) throws IOException {
        List<MaskedTensor> tensors = new ArrayList<>(tensors(parent, Scope.whole(), 2));
        tensors.replaceAll(tensor -> tensor.name().equals(other.name()) ? other : tensor);
        return tensors;
    }

    private void assertRefused(ProblemType type, Path file) throws IOException {
        assertThat(refusal(file, Scope.whole()).type()).isEqualTo(type);
    }

    private Inspection.Failed refusal(Path file, Scope scope) throws IOException {
        return (Inspection.Failed) Inspections.inspector().inspect(file, expected(scope, null));
    }

    private Figures passed(Path file, Scope scope) throws IOException {
        return ((Inspection.Passed) Inspections.inspector().inspect(file, expected(scope, null)))
                .figures();
    }

    private TrainingExpectation expected(Scope scope, Double maxNorm) {
        return Inspections.expectation(scope, maxNorm, parent);
    }

    private double norm(Path file, Scope scope) throws IOException {
        double sum = 0;
        try (var update = dev.espalier.tensors.masked.UpdateFile.open(file);
                SafetensorsFile before = SafetensorsFile.open(parent)) {
            for (var tensor : TinyModel.layout().tensors()) {
                if (update.tensorNames().contains(tensor.name())) {
                    MaskedTensor sent = update.tensor(tensor.name(), TinyModel.shape(tensor));
                    float[] old = before.floats(tensor.name());
                    float[] sentValues = new float[(int) sent.valueCount()];
                    sent.readValues(0, sentValues, 0, sentValues.length);
                    int at = 0;
                    for (int i = 0; i < old.length; i++) {
                        if (sent.contributes(i)) {
                            sum += Math.pow((double) sentValues[at++] - old[i], 2);
                        }
                    }
                }
            }
        }
        return Math.sqrt(sum);
    }

    private static UpdateManifest with(
            UpdateManifest manifest, RoundId round, VersionRef parent, long examples) {
        return new UpdateManifest(
                manifest.schema(),
                round,
                manifest.agent(),
                parent,
                manifest.scope(),
                manifest.headConfidence(),
                null,
                null,
                examples,
                manifest.steps(),
                manifest.lossBefore(),
                manifest.lossAfter(),
                manifest.trainSeconds());
    }
}
