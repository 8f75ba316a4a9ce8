package dev.espalier.aggregation.intake;

import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.BLOCK;
import static dev.espalier.aggregation.TinyModel.NEXT_BLOCK;
import static dev.espalier.aggregation.TinyModel.QUERY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.aggregation.Quantised;
import dev.espalier.aggregation.TinyModel;
import dev.espalier.aggregation.session.Figures;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.job.ImportanceSpec.Source;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import java.io.IOException;
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
import tools.jackson.databind.json.JsonMapper;

/** Updates of agents that train some rank-1 components of an adapter of rank 2, six modules. */
class ComponentIntakeTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int SCALARS = 3 * 8; // n and two losses
    private static final long TASK_HEAD = 4 * (2 * 8 + 2);
    private static final RankSpec RANKS = new RankSpec(null, null, null, null, null);
    private static final RankSpec SCORED =
            new RankSpec(
                    null,
                    null,
                    new ImportanceSpec(null, Source.CLIENT_GRADIENT, null, null),
                    null,
                    null);

    @TempDir Path folder;

    private Path parent;

    @BeforeEach
    void parent() throws IOException {
        parent = TinyModel.adapter(folder.resolve("parent.safetensors"), 1);
    }

    @Test
    void theComponentsThatWereAskedForAreTakenAndCounted() throws IOException {
        Scope asked = new Scope(null, every(List.of(1)));

        Figures figures = passed(inspect(manifest(asked), asked, RANKS));

        assertThat(figures.keptComponents()).isEqualTo(6);
        assertThat(figures.quantisationError()).isNull();
        long values = 6 * (8 + 8) * 4;
        assertThat(figures.bytesUp()).isEqualTo(values + 6 + TASK_HEAD + SCALARS);
        assertThat(figures.taskHeadBytesUp()).isEqualTo(TASK_HEAD);
    }

    @Test
    void whoTrainsAllComponentsSendsNoMasks() throws IOException {
        long whole = passed(inspect(manifest(Scope.whole()), Scope.whole(), RANKS)).bytesUp();
        Scope all = new Scope(null, every(List.of(0, 1)));

        Figures figures = passed(inspect(manifest(all), all, RANKS));

        assertThat(figures.bytesUp()).isEqualTo(whole);
        assertThat(figures.keptComponents()).isEqualTo(12);
        assertThat(passed(inspect(manifest(Scope.whole()), Scope.whole(), null)).keptComponents())
                .as("where ranks do not differ")
                .isNull();
    }

    @Test
    void thoseWhoHoldTheFirstComponentsSayTheirRankOnce() throws IOException {
        RankSpec prefix = new RankSpec(RankSpec.Variant.PREFIX, null, null, null, null);
        Scope first = new Scope(null, every(List.of(0)));
        long values = 6 * (8 + 8) * 4;

        assertThat(passed(inspect(manifest(first), first, prefix)).bytesUp())
                .isEqualTo(values + 4 + TASK_HEAD + SCALARS);
    }

    @Test
    void headsAndComponentsAreCheckedTogether() throws IOException {
        Map<String, List<Integer>> trained = every(List.of(0));
        Scope composed = new Scope(Map.of(BLOCK, List.of(1), NEXT_BLOCK, List.of()), trained);

        Figures figures = passed(inspect(manifest(composed), composed, RANKS));

        // query and value: a row of A, four values of a column of B; out: the other way round
        long values = 3 * (8 + 4) * 4;
        long heads = 2 + 4;
        assertThat(figures.bytesUp()).isEqualTo(values + heads + 6 + TASK_HEAD + SCALARS);
        assertThat(figures.keptComponents()).isEqualTo(3);
        assertThat(figures.heads().count()).isEqualTo(1);
    }

    static Stream<Arguments> wrong() {
        Map<String, List<Integer>> unknown = every(List.of(1));
        unknown.put("elsewhere", List.of(0));
        Map<String, List<Integer>> missing = every(List.of(1));
        missing.remove(QUERY);
        Map<String, List<Integer>> empty = every(List.of(1));
        empty.put(QUERY, List.of());
        return Stream.of(
                Arguments.of("names no target module: elsewhere", unknown),
                Arguments.of("names component 2 of", every(List.of(1, 2))),
                Arguments.of("component 0 of", every(List.of(0))),
                Arguments.of("component 0 of", every(List.of(0, 1))),
                Arguments.of("does not name all", missing),
                Arguments.of("does not name all", empty),
                Arguments.of("does not name all", null));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrong")
    void otherComponentsThanThoseThatWereAskedForAreRefused(
            String reason, @Nullable Map<String, List<Integer>> named) throws IOException {
        Scope asked = new Scope(null, every(List.of(1)));

        Inspection.Failed failed =
                failed(inspect(manifest(new Scope(null, named)), asked, asked, RANKS));

        assertThat(failed.type()).isEqualTo(ProblemType.UPDATE_DOES_NOT_FIT);
        assertThat(failed.reason()).contains(reason);
    }

    @Test
    void whereAllWereAskedForNoneMayBeLeftOut() throws IOException {
        Scope some = new Scope(null, every(List.of(1)));

        Inspection.Failed failed = failed(inspect(manifest(some), Scope.whole(), RANKS));

        assertThat(failed.reason()).contains("does not name all");
    }

    @Test
    void tensorsThatAreNotThoseOfTheNamedComponentsDoNotFit() throws IOException {
        Scope asked = new Scope(null, every(List.of(1)));
        Scope sent = new Scope(null, every(List.of(0)));

        assertThat(failed(inspect(manifest(asked), sent, asked, RANKS)).reason())
                .contains("not exactly those rows and columns");
        assertThat(failed(inspect(manifest(asked), Scope.whole(), asked, RANKS)).reason())
                .contains("not exactly those rows and columns");
    }

    @Test
    void importancesAreTakenWhereTheyWereAskedForAndCountFourBytesEach() throws IOException {
        Scope asked = new Scope(null, every(List.of(1)));
        UpdateManifest plain = manifest(asked);

        Figures figures =
                passed(inspect(Quantised.scored(plain, every(List.of(0.5))), asked, SCORED));

        assertThat(figures.bytesUp())
                .isEqualTo(passed(inspect(plain, asked, RANKS)).bytesUp() + 6 * 4);
    }

    @Test
    void modulesOfWhichNothingIsSentHaveNoImportances() throws IOException {
        Scope composed =
                new Scope(Map.of(BLOCK, List.of(1), NEXT_BLOCK, List.of()), every(List.of(0)));
        Map<String, List<Double>> sent = every(List.of(0.5));
        sent.keySet().removeIf(module -> module.startsWith(NEXT_BLOCK));

        assertThat(inspect(Quantised.scored(manifest(composed), sent), composed, SCORED))
                .isInstanceOf(Inspection.Passed.class);
        assertThat(
                        failed(
                                        inspect(
                                                Quantised.scored(
                                                        manifest(composed), every(List.of(0.5))),
                                                composed,
                                                SCORED))
                                .reason())
                .contains("of which nothing is sent");
    }

    static Stream<Arguments> importances() {
        Map<String, List<Double>> missing = every(List.of(0.5));
        missing.remove(QUERY);
        Map<String, List<Double>> unknown = every(List.of(0.5));
        unknown.put("elsewhere", List.of(0.5));
        return Stream.of(
                Arguments.of("is missing", null, ProblemType.UPDATE_DOES_NOT_FIT),
                Arguments.of("leaves out [" + QUERY, missing, ProblemType.UPDATE_DOES_NOT_FIT),
                Arguments.of(
                        "names elsewhere, of which nothing",
                        unknown,
                        ProblemType.UPDATE_DOES_NOT_FIT),
                Arguments.of(
                        "2 numbers for the 1 components",
                        every(List.of(0.5, 0.5)),
                        ProblemType.UPDATE_DOES_NOT_FIT),
                Arguments.of("negative", every(List.of(-1e-9)), ProblemType.UPDATE_DOES_NOT_FIT),
                Arguments.of(
                        "float can hold", every(List.of(1e39)), ProblemType.UPDATE_NOT_FINITE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("importances")
    void importancesThatDoNotBelongToTheComponentsAreRefused(
            String reason, @Nullable Map<String, List<Double>> scores, ProblemType type)
            throws IOException {
        Scope asked = new Scope(null, every(List.of(1)));

        Inspection.Failed failed =
                failed(inspect(Quantised.scored(manifest(asked), scores), asked, SCORED));

        assertThat(failed.type()).isEqualTo(type);
        assertThat(failed.reason()).contains(reason);
    }

    @Test
    void anImportanceThatIsNoNumberIsRefused() throws IOException {
        Scope asked = new Scope(null, every(List.of(1)));
        String json =
                JSON.writeValueAsString(
                        Quantised.scored(manifest(asked), every(List.of(0.515625))));

        assertThat(failed(inspect(json.replace("0.515625", "1e999"), asked, asked, SCORED)).type())
                .isEqualTo(ProblemType.UPDATE_NOT_FINITE);
        assertThat(failed(inspect(json.replace("0.515625", "null"), asked, asked, SCORED)).type())
                .isEqualTo(ProblemType.UPDATE_MALFORMED);
    }

    @Test
    void importancesThatNobodyAskedForAreRefused() throws IOException {
        Scope asked = new Scope(null, every(List.of(1)));
        UpdateManifest scored = Quantised.scored(manifest(asked), every(List.of(0.5)));

        for (RankSpec ranks : new RankSpec[] {RANKS, null}) {
            assertThat(failed(inspect(scored, asked, ranks)).reason())
                    .contains("not asked for: leave them out");
        }
    }

    private static <T> Map<String, List<T>> every(List<T> list) {
        Map<String, List<T>> every = new TreeMap<>();
        TinyModel.layout().tensors().stream()
                .filter(tensor -> tensor.kind() == AdapterTensor.Kind.LORA_A)
                .forEach(tensor -> every.put(tensor.module(), list));
        return every;
    }

    private static UpdateManifest manifest(Scope scope) {
        return TinyModel.manifest(ADA, scope, 50);
    }

    private Inspection inspect(UpdateManifest manifest, Scope asked, @Nullable RankSpec ranks)
            throws IOException {
        return inspect(manifest, manifest.scope(), asked, ranks);
    }

    private Inspection inspect(
            UpdateManifest manifest, Scope sent, Scope asked, @Nullable RankSpec ranks)
            throws IOException {
        return inspect(JSON.writeValueAsString(manifest), sent, asked, ranks);
    }

    private Inspection inspect(String json, Scope sent, Scope asked, @Nullable RankSpec ranks)
            throws IOException {
        Path file = TinyModel.write(folder.resolve("u"), json, TinyModel.tensors(parent, sent, 2));
        return Inspections.inspector()
                .inspect(file, Inspections.expectation(asked, ranks, null, null, parent));
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
