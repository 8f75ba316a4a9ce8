package dev.espalier.aggregation.intake;

import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.BLOCK;
import static dev.espalier.aggregation.TinyModel.NEXT_BLOCK;
import static dev.espalier.aggregation.TinyModel.manifest;
import static dev.espalier.aggregation.TinyModel.tensors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.espalier.aggregation.AttentionModel;
import dev.espalier.aggregation.TinyModel;
import dev.espalier.aggregation.Vectors;
import dev.espalier.aggregation.combine.KeptHeads;
import dev.espalier.aggregation.session.Figures;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Updates of agents that chose their heads themselves. */
class HeadIntakeTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Scope CHOICE = TinyModel.heads(List.of(1), List.of(0, 1));
    private static final HeadAllowance ALLOWED = new HeadAllowance(3, Map.of(BLOCK, List.of(1)));

    @TempDir Path folder;

    private Path parent;

    @BeforeEach
    void parent() throws IOException {
        parent = TinyModel.adapter(folder.resolve("parent.safetensors"), 1);
    }

    @Test
    void theChosenHeadsAndTheirConfidencesAreTaken() throws IOException {
        UpdateManifest manifest = manifest(ADA, CHOICE, 50);
        Path file = TinyModel.update(folder.resolve("u"), parent, manifest, 2);

        Figures figures = passed(inspect(file, ALLOWED));

        assertThat(figures.heads())
                .isEqualTo(KeptHeads.of(CHOICE.heads(), manifest.headConfidence()));
        assertThat(figures.heads().count()).isEqualTo(3);
    }

    @Test
    void confidencesOutsideOfTheirRangeAreTakenAndHeldToItLater() throws IOException {
        String json =
                JSON.writeValueAsString(manifest(ADA, CHOICE, 50))
                        .replace(confidence(CHOICE), "{\"%s\":[7],\"%s\":[-1,1e300]}");

        Inspection inspection = inspect(write(json.formatted(BLOCK, NEXT_BLOCK), CHOICE), ALLOWED);

        assertThat(inspection).isInstanceOf(Inspection.Passed.class);
    }

    static Stream<Arguments> choices() {
        return Stream.of(
                refused("is missing", null),
                refused("leaves out [" + NEXT_BLOCK, Map.of(BLOCK, List.of(1))),
                refused(
                        "names no attention blocks of the model: [elsewhere]",
                        Map.of(BLOCK, List.of(1), NEXT_BLOCK, List.of(), "elsewhere", List.of())),
                refused("not below its 2 heads", both(List.of(1, 2), List.of())),
                refused("at least 1 and at most 3", both(List.of(0, 1), List.of(0, 1))),
                refused("at least 1", both(List.of(), List.of())),
                refused("head 1 of " + BLOCK + " had to be kept", both(List.of(0), List.of(0))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("choices")
    void aChoiceThatIsNotAllowedIsRefusedWithItsReason(
            String reason, @Nullable Map<String, List<Integer>> heads) throws IOException {
        Scope scope = new Scope(heads, null);
        UpdateManifest manifest = manifest(ADA, scope, 50);

        Inspection.Failed failed =
                failed(inspect(write(JSON.writeValueAsString(manifest), CHOICE), ALLOWED));

        assertThat(failed.type()).isEqualTo(ProblemType.UPDATE_DOES_NOT_FIT);
        assertThat(failed.reason()).contains(reason);
    }

    static Stream<Arguments> confidences() {
        return Stream.of(
                Arguments.of("null", ProblemType.UPDATE_DOES_NOT_FIT, "leaves out"),
                Arguments.of(
                        "{'B':[0.5]}",
                        ProblemType.UPDATE_DOES_NOT_FIT,
                        "leaves out [" + NEXT_BLOCK),
                Arguments.of(
                        "{'B':[0.5],'N':[0.5,0.5],'x':[]}",
                        ProblemType.UPDATE_DOES_NOT_FIT,
                        "no attention blocks of the model: [x]"),
                Arguments.of(
                        "{'B':[0.5],'N':[0.5]}",
                        ProblemType.UPDATE_DOES_NOT_FIT,
                        "1 numbers for the 2 kept heads"),
                Arguments.of(
                        "{'B':[0.5],'N':[0.5,1e999]}",
                        ProblemType.UPDATE_NOT_FINITE,
                        "headConfidence of " + NEXT_BLOCK),
                Arguments.of("{'B':[0.5],'N':[0.5,NaN]}", ProblemType.UPDATE_MALFORMED, "NaN"),
                Arguments.of("{'B':[0.5],'N':[0.5,null]}", ProblemType.UPDATE_MALFORMED, "null"),
                Arguments.of("{'B':[0.5],'N':null}", ProblemType.UPDATE_MALFORMED, "null"),
                Arguments.of("{'B':[0.5],'N':[0.5,'1']}", ProblemType.UPDATE_MALFORMED, "manifest"),
                Arguments.of(
                        "{'B':[0.5],'B':[0.5],'N':[1,1]}",
                        ProblemType.UPDATE_MALFORMED,
                        "uplicate"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("confidences")
    void confidencesThatDoNotBelongToTheHeadsAreRefused(
            String confidence, ProblemType type, String reason) throws IOException {
        String json =
                JSON.writeValueAsString(manifest(ADA, CHOICE, 50))
                        .replace(
                                confidence(CHOICE),
                                confidence
                                        .replace("'B'", "'" + BLOCK + "'")
                                        .replace("'N'", "'" + NEXT_BLOCK + "'")
                                        .replace('\'', '"'));

        Inspection.Failed failed = failed(inspect(write(json, CHOICE), ALLOWED));

        assertThat(failed.type()).isEqualTo(type);
        assertThat(failed.reason()).contains(reason);
    }

    @Test
    void whereAllHeadsAreInScopeNoneMayBeNamed() throws IOException {
        Scope all = TinyModel.heads(List.of(0, 1), List.of(0, 1));
        Path file = TinyModel.update(folder.resolve("u"), parent, manifest(ADA, all, 50), 2);

        Inspection.Failed failed = failed(inspect(file, null));

        assertThat(failed.type()).isEqualTo(ProblemType.UPDATE_DOES_NOT_FIT);
        assertThat(failed.reason()).contains("leave scope.heads and headConfidence out");
    }

    static Stream<Scope> otherScopes() {
        return Stream.of(
                Scope.whole(), // rows of heads that were pruned
                TinyModel.heads(List.of(0), List.of(0, 1)), // rows of another head
                TinyModel.heads(List.of(1), List.of(0)), // rows of a kept head are missing
                TinyModel.heads(List.of(1), List.of()), // a module with heads is missing
                TinyModel.heads(List.of(), List.of(0, 1)));
    }

    @ParameterizedTest
    @MethodSource("otherScopes")
    void tensorsThatAreNotThoseOfTheNamedHeadsDoNotFit(Scope sent) throws IOException {
        String json = JSON.writeValueAsString(manifest(ADA, CHOICE, 50));

        Inspection.Failed failed = failed(inspect(write(json, sent), ALLOWED));

        assertThat(failed.type()).isEqualTo(ProblemType.UPDATE_DOES_NOT_FIT);
    }

    @Test
    void aModuleWithoutHeadsMustNotBeSent() throws IOException {
        Scope named = TinyModel.heads(List.of(1), List.of());
        String json = JSON.writeValueAsString(manifest(ADA, named, 50));

        Inspection.Failed failed = failed(inspect(write(json, CHOICE), ALLOWED));

        assertThat(failed.reason()).contains("not in scope").contains(NEXT_BLOCK);
    }

    @Test
    void aManifestBeyondAllMeasureIsNotEvenRead() throws IOException {
        String blocks = String.join(",", Collections.nCopies(2000, "\"no-block\":[0]"));
        String json =
                JSON.writeValueAsString(manifest(ADA, CHOICE, 50))
                        .replaceFirst("\"heads\":\\{", "\"heads\":{" + blocks + ",");
        assertThat(json.length()).isGreaterThan((int) Inspections.LONGEST_MANIFEST);

        Inspection.Failed failed = failed(inspect(write(json, CHOICE), ALLOWED));

        assertThat(failed.type()).isEqualTo(ProblemType.UPDATE_MALFORMED);
        assertThat(failed.reason()).contains("characters, at most 10000 are read");
    }

    @Test
    void onlyWhatWasSentIsComparedWithTheParent() throws IOException {
        List<MaskedTensor> unchanged = new ArrayList<>();
        double squared = 0;
        try (SafetensorsFile before = SafetensorsFile.open(parent)) {
            for (AdapterTensor tensor : TinyModel.layout().tensors()) {
                AdapterLayout.Part part = TinyModel.layout().part(tensor, CHOICE);
                if (!part.isEmpty()) {
                    unchanged.add(TinyModel.part(tensor, part, before.floats(tensor.name())));
                }
            }
        }
        String json = JSON.writeValueAsString(manifest(ADA, CHOICE, 50));
        Path same = TinyModel.write(folder.resolve("same"), json, unchanged);
        Path trained = write(json, CHOICE);
        try (SafetensorsFile before = SafetensorsFile.open(parent);
                SafetensorsFile after = SafetensorsFile.open(trained)) {
            for (MaskedTensor sent : unchanged) {
                float[] now = after.floats(sent.name());
                float[] old = new float[now.length];
                sent.readValues(0, old, 0, old.length);
                for (int i = 0; i < now.length; i++) {
                    squared += Math.pow((double) now[i] - old[i], 2);
                }
            }
        }

        assertThat(failed(inspect(same, ALLOWED)).type()).isEqualTo(ProblemType.UPDATE_UNTRAINED);
        assertThat(passed(inspect(trained, ALLOWED)).changeNorm())
                .isEqualTo(Math.sqrt(squared), offset(1e-9));
    }

    @Test
    void denseBytesAreThoseOfTheVector() throws IOException {
        JsonNode one = Vectors.one("communication_bytes.json", "t5_small_dense_lora_r8_qv");

        assertThat(payload(null, null)).isEqualTo(one.at("/expected/bytes").asLong());
    }

    /**
     * The vector sends A of every module; where no head of a block is left we do not (A.3 step 6),
     * and that is the only difference.
     */
    @ParameterizedTest(name = "15 heads in {0} of 18 blocks")
    @CsvSource({"2", "5", "12", "15"})
    void headPrunedBytesAreThoseOfTheVectorWithoutModulesThatHaveNoHeads(int blocks)
            throws IOException {
        JsonNode one = Vectors.one("communication_bytes.json", "t5_small_head_pruned_90pct");
        long unsent = (18 - blocks) * 2L * 8 * 512 * 4;

        assertThat(payload(spread(15, blocks), null) + unsent)
                .isEqualTo(one.at("/expected/total").asLong());
    }

    @ParameterizedTest(name = "15 heads in {0} of 18 blocks")
    @CsvSource({"2", "15"})
    void composedBytesAreThoseOfTheVectorWithoutModulesThatHaveNoHeads(int blocks)
            throws IOException {
        JsonNode one =
                Vectors.one(
                        "communication_bytes.json", "t5_small_composed_2_of_8_components_15_heads");
        long unsent = (18 - blocks) * 2L * 2 * 512 * 4;

        assertThat(payload(spread(15, blocks), List.of(3, 5)) + unsent)
                .isEqualTo(one.at("/expected/total").asLong());
    }

    /** {@code bytesUp} without scalars of an update of T5-small's shape, rank 8 on q and v. */
    private long payload(
            @Nullable Map<String, List<Integer>> heads, @Nullable List<Integer> trained)
            throws IOException {
        AdapterLayout layout =
                new AttentionModel(18, 8, 8, 64, 512, 512, false).layout(8, "query", "value");
        Map<String, List<Integer>> components = new TreeMap<>();
        if (trained != null) {
            layout.tensors().forEach(tensor -> components.put(tensor.module(), trained));
        }
        Scope scope = new Scope(heads, trained == null ? null : components);
        Path zeros = zeros(layout);
        List<MaskedTensor> tensors = new ArrayList<>();
        for (AdapterTensor tensor : layout.tensors()) {
            AdapterLayout.Part part = layout.part(tensor, scope);
            if (!part.isEmpty()) {
                float[] ones = new float[(int) tensor.elements()];
                Arrays.fill(ones, 1);
                tensors.add(TinyModel.part(tensor, part, ones));
            }
        }
        Path file =
                TinyModel.write(
                        folder.resolve("u"),
                        JSON.writeValueAsString(manifest(ADA, scope, 50)),
                        tensors);
        TrainingExpectation expected =
                Inspections.expectation(
                        new Scope(null, scope.components()),
                        heads == null ? null : new HeadAllowance(15, Map.of()),
                        layout,
                        null,
                        zeros);
        int scalars = 3 * 8; // n and two losses
        return passed(Inspections.inspector().inspect(file, expected)).bytesUp() - scalars;
    }

    private Path zeros(AdapterLayout layout) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (AdapterTensor tensor : layout.tensors()) {
            writer.floats(
                    tensor.name(), TinyModel.shape(tensor), new float[(int) tensor.elements()]);
        }
        Path file = folder.resolve("zeros");
        writer.write(file);
        return file;
    }

    private static Map<String, List<Integer>> spread(int heads, int blocks) {
        Map<String, List<Integer>> kept = new TreeMap<>();
        for (int block = 0; block < 18; block++) {
            kept.put(AttentionModel.block(block), new ArrayList<>());
        }
        for (int i = 0; i < heads; i++) {
            kept.get(AttentionModel.block(i % blocks)).add(i / blocks);
        }
        return kept;
    }

    private static Arguments refused(String reason, @Nullable Map<String, List<Integer>> heads) {
        return Arguments.of(reason, heads);
    }

    private static Map<String, List<Integer>> both(List<Integer> first, List<Integer> second) {
        return Map.of(BLOCK, first, NEXT_BLOCK, second);
    }

    private static String confidence(Scope scope) {
        return JSON.writeValueAsString(manifest(ADA, scope, 50).headConfidence());
    }

    private Path write(String json, Scope sent) throws IOException {
        return TinyModel.write(folder.resolve("u"), json, tensors(parent, sent, 2));
    }

    private Inspection inspect(Path file, @Nullable HeadAllowance allowed) throws IOException {
        return Inspections.inspector()
                .inspect(
                        file,
                        Inspections.expectation(
                                Scope.whole(), allowed, TinyModel.layout(), null, parent));
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
