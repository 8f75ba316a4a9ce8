package dev.espalier.aggregation.intake;

import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.BLOCK;
import static dev.espalier.aggregation.TinyModel.NEXT_BLOCK;
import static dev.espalier.aggregation.TinyModel.QUERY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.aggregation.Quantised;
import dev.espalier.aggregation.TinyModel;
import dev.espalier.aggregation.session.Figures;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.protocol.update.UploadPlan;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Updates with fewer bits, of an adapter of rank 2 on six modules of 8 by 8. */
class QuantisedIntakeTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final long TASK_HEAD = 4 * (2 * 8 + 2);
    private static final int SCALARS = 3 * 8; // n and two losses
    private static final String QUERY_A = "base_model.model." + QUERY + ".lora_A.weight";
    private static final UploadPlan FOUR = new UploadPlan(4, null);
    private static final UploadPlan EIGHT = new UploadPlan(8, null);

    @TempDir Path folder;

    private Path parent;

    @BeforeEach
    void parent() throws IOException {
        parent = TinyModel.adapter(folder.resolve("parent"), 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 16, 32})
    void bytesAreThoseOfTheFormula(int bits) throws IOException {
        UploadPlan plan = new UploadPlan(bits, null);
        long vector = 8 * bits / 8 + (bits < 16 ? 4 : 0);

        Figures figures = passed(inspect(update(Scope.whole(), bits), Scope.whole(), plan));

        assertThat(figures.bytesUp()).isEqualTo(6 * 2 * 2 * vector + TASK_HEAD + SCALARS);
        assertThat(figures.quantisationError()).isEqualTo(0.01);
        assertThat(figures.keptComponents()).isEqualTo(12);
    }

    @Test
    void theNormIsThatOfWhatIsDecoded() throws IOException {
        List<MaskedTensor> plain = TinyModel.tensors(parent, Scope.whole(), 2);
        List<MaskedTensor> sent =
                Quantised.of(
                        TinyModel.layout(), plain, Quantised.bits(TinyModel.layout(), plain, 4));
        double squared = 0;
        try (SafetensorsFile before = SafetensorsFile.open(parent)) {
            for (MaskedTensor one : sent) {
                float[] now = new float[(int) one.valueCount()];
                one.readValues(0, now, 0, now.length);
                float[] old = before.floats(one.name());
                for (int i = 0; i < now.length; i++) {
                    squared += Math.pow((double) now[i] - old[i], 2);
                }
            }
        }
        Path file = update(Scope.whole(), 4);

        Figures figures = passed(inspect(file, Scope.whole(), FOUR));

        assertThat(figures.changeNorm()).isCloseTo(Math.sqrt(squared), within(1e-9));
        assertThat(failed(inspect(file, Scope.whole(), FOUR, figures.changeNorm() * 0.999)).type())
                .isEqualTo(ProblemType.UPDATE_TOO_FAR);
    }

    @Test
    void headsComponentsAndBitsAreCheckedTogether() throws IOException {
        Scope composed =
                new Scope(Map.of(BLOCK, List.of(1), NEXT_BLOCK, List.of()), every(List.of(0)));

        Figures figures = passed(inspect(update(composed, 8), composed, EIGHT));

        // of each module a vector of eight and one of four values, each with a scale
        long values = 3 * (8 + 4 + 2 * 4);
        assertThat(figures.bytesUp()).isEqualTo(values + (2 + 4) + 6 + TASK_HEAD + SCALARS);
    }

    @Test
    void aBudgetMayLeaveComponentsOutAndSayHowManyBitsTheOthersHave() throws IOException {
        Map<String, List<Integer>> left = every(List.of(1));
        left.put(QUERY, List.of(0, 1));
        left.put(NEXT_BLOCK + ".out", List.of());
        Scope some = new Scope(null, left);
        long bytes = 2 * 2 * 12 + 4 * 2 * 12; // eight bits: 8 codes and a scale a vector

        assertThat(
                        passed(inspect(update(some, 8), Scope.whole(), new UploadPlan(null, bytes)))
                                .keptComponents())
                .isEqualTo(6);
        assertThat(
                        failed(
                                        inspect(
                                                update(some, 8),
                                                Scope.whole(),
                                                new UploadPlan(null, bytes - 1)))
                                .reason())
                .contains("take 144 bytes, where the agent was given 143");
    }

    @Test
    void whatABudgetLeavesOutIsLeftOutByName() throws IOException {
        Map<String, List<Integer>> left = every(List.of(1));
        left.remove(QUERY);
        UploadPlan plan = new UploadPlan(null, 10_000L);

        assertThat(failed(inspect(update(new Scope(null, left), 8), Scope.whole(), plan)).reason())
                .contains("scope.components leaves out [" + QUERY);
        assertThat(
                        failed(
                                        inspect(
                                                update(new Scope(null, every(List.of(0))), 8),
                                                new Scope(null, every(List.of(1))),
                                                plan))
                                .reason())
                .contains("component 0 of");
    }

    static Stream<Arguments> bits() {
        Map<String, List<Integer>> right = every(List.of(8, 8));
        Map<String, List<Integer>> missing = new TreeMap<>(right);
        missing.remove(QUERY);
        Map<String, List<Integer>> unknown = new TreeMap<>(right);
        unknown.put("elsewhere", List.of(8));
        Map<String, List<Integer>> few = new TreeMap<>(right);
        few.put(QUERY, List.of(8));
        Map<String, List<Integer>> odd = new TreeMap<>(right);
        odd.put(QUERY, List.of(8, 7));
        Map<String, List<Integer>> other = new TreeMap<>(right);
        other.put(QUERY, List.of(8, 4));
        return Stream.of(
                Arguments.of("quantisation is missing", null),
                Arguments.of("quantisation.bits leaves out", missing),
                Arguments.of("names elsewhere, of which nothing is sent", unknown),
                Arguments.of("1 numbers for the 2 components", few),
                Arguments.of("has 7; known are", odd),
                Arguments.of("has 4, where every component was to have 8", other));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bits")
    void bitsThatDoNotBelongToThePlanAreRefused(
            String reason, @Nullable Map<String, List<Integer>> said) throws IOException {
        UpdateManifest plain = TinyModel.manifest(ADA, Scope.whole(), 50);
        UpdateManifest manifest = said == null ? plain : Quantised.manifest(plain, said, 0.01);
        Path file = write(manifest, quantised(Scope.whole(), 8));

        Inspection.Failed failed = failed(inspect(file, Scope.whole(), EIGHT));

        assertThat(failed.type()).isEqualTo(ProblemType.UPDATE_DOES_NOT_FIT);
        assertThat(failed.reason()).contains(reason);
    }

    @Test
    void whoWasNotToldToSendFewerBitsMustNot() throws IOException {
        assertThat(failed(inspect(update(Scope.whole(), 8), Scope.whole(), null)).reason())
                .contains("leave quantisation out");
        Path unsaid =
                write(TinyModel.manifest(ADA, Scope.whole(), 50), quantised(Scope.whole(), 8));
        assertThat(failed(inspect(unsaid, Scope.whole(), null)).reason())
                .contains("values are quantised");
    }

    @Test
    void floatsAreNoQuantisedValues() throws IOException {
        List<MaskedTensor> plain = TinyModel.tensors(parent, Scope.whole(), 2);
        UpdateManifest manifest =
                Quantised.manifest(
                        TinyModel.manifest(ADA, Scope.whole(), 50), every(List.of(32, 32)), 0);

        assertThat(
                        failed(
                                        inspect(
                                                write(manifest, plain),
                                                Scope.whole(),
                                                new UploadPlan(32, null)))
                                .reason())
                .contains("values are not quantised");
    }

    @Test
    void bytesOfAnotherLengthThanTheBitsSayAreRefused() throws IOException {
        UpdateManifest manifest =
                Quantised.manifest(
                        TinyModel.manifest(ADA, Scope.whole(), 50), every(List.of(8, 8)), 0.01);

        Inspection.Failed failed =
                failed(inspect(write(manifest, quantised(Scope.whole(), 4)), Scope.whole(), EIGHT));

        assertThat(failed.type()).isEqualTo(ProblemType.UPDATE_DOES_NOT_FIT);
        assertThat(failed.reason()).contains("bytes where 2 vectors of 8 values need 24");
    }

    static Stream<Arguments> spoiled() {
        return Stream.of(
                Arguments.of(8, 4, new byte[] {(byte) 0x80}, "the code -128 is out of range"),
                Arguments.of(4, 4, new byte[] {0x08}, "the code -8 is out of range"),
                Arguments.of(8, 0, new byte[] {0, 0, (byte) 0x80, (byte) 0xbf}, "the scale -1.0"),
                Arguments.of(8, 0, new byte[] {0, 0, (byte) 0xc0, 0x7f}, "the scale NaN"),
                Arguments.of(8, 0, new byte[] {0, 0, (byte) 0x80, 0x7f}, "the scale Infinity"),
                Arguments.of(16, 0, new byte[] {0, 0x7c}, "value 0 is not finite"),
                Arguments.of(32, 0, new byte[] {0, 0, (byte) 0xc0, 0x7f}, "value 0 is not finite"));
    }

    @ParameterizedTest(name = "{0} bit: {3}")
    @MethodSource("spoiled")
    void whatNoEncoderWritesIsRefused(int bits, int at, byte[] bytes, String reason)
            throws IOException {
        Path file = update(Scope.whole(), bits);
        long place;
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            place = opened.info(QUERY_A).offset() + at;
        }
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.seek(place);
            raw.write(bytes);
        }

        Inspection.Failed failed = failed(inspect(file, Scope.whole(), new UploadPlan(bits, null)));

        assertThat(failed.type()).isEqualTo(ProblemType.UPDATE_DOES_NOT_FIT);
        assertThat(failed.reason()).contains(QUERY_A).contains(reason);
    }

    @Test
    void anErrorThatIsNoNumberIsRefused() throws IOException {
        String json = JSON.writeValueAsString(manifest(Scope.whole(), 8)).replace("0.01", "1e999");
        Path file = TinyModel.write(folder.resolve("u"), json, quantised(Scope.whole(), 8));

        assertThat(failed(inspect(file, Scope.whole(), EIGHT)).type())
                .isEqualTo(ProblemType.UPDATE_MALFORMED);
    }

    private static <T> Map<String, List<T>> every(List<T> list) {
        Map<String, List<T>> every = new TreeMap<>();
        TinyModel.layout().tensors().stream()
                .filter(tensor -> tensor.kind() == AdapterTensor.Kind.LORA_A)
                .forEach(tensor -> every.put(tensor.module(), list));
        return every;
    }

    private List<MaskedTensor> quantised(Scope scope, int bits) throws IOException {
        List<MaskedTensor> plain = TinyModel.tensors(parent, scope, 2);
        return Quantised.of(
                TinyModel.layout(), plain, Quantised.bits(TinyModel.layout(), plain, bits));
    }

    private UpdateManifest manifest(Scope scope, int bits) throws IOException {
        List<MaskedTensor> plain = TinyModel.tensors(parent, scope, 2);
        return Quantised.manifest(
                TinyModel.manifest(ADA, scope, 50),
                Quantised.bits(TinyModel.layout(), plain, bits),
                0.01);
    }

    private Path update(Scope scope, int bits) throws IOException {
        return write(manifest(scope, bits), quantised(scope, bits));
    }

    private Path write(UpdateManifest manifest, List<MaskedTensor> tensors) throws IOException {
        return TinyModel.write(folder.resolve("u"), JSON.writeValueAsString(manifest), tensors);
    }

    private Inspection inspect(Path file, Scope asked, @Nullable UploadPlan plan)
            throws IOException {
        return inspect(file, asked, plan, null);
    }

    private Inspection inspect(
            Path file, Scope asked, @Nullable UploadPlan plan, @Nullable Double maxNorm)
            throws IOException {
        return Inspections.inspector()
                .inspect(file, Inspections.expectation(asked, null, plan, maxNorm, parent));
    }

    private static Inspection.Failed failed(Inspection inspection) {
        assertThat(inspection).isInstanceOf(Inspection.Failed.class);
        return (Inspection.Failed) inspection;
    }

    private static Figures passed(Inspection inspection) {
        assertThat(inspection).isInstanceOf(Inspection.Passed.class);
        return ((Inspection.Passed) inspection).figures();
    }
}
