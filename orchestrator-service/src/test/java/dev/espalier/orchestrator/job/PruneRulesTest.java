package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.espalier.orchestrator.neighbour.FakeRegistry;
import dev.espalier.orchestrator.neighbour.Models;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.problem.ProblemType;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class PruneRulesTest {

    private static final Validator VALIDATOR =
            Validation.buildDefaultValidatorFactory().getValidator();

    private static final String WEIGHTS = "{\"sparsity\": 0.5}";
    private static final String HEALING =
            """
            {"kind": "FINE_TUNE", "rounds": 1, "adapter": {"rank": 2},
             "training": {"learningRate": 0.001}}\
            """;
    private static final String PRUNING =
            "{\"kind\": \"PRUNE\", \"rounds\": 2, \"weights\": " + WEIGHTS + "}";
    private static final String SOUND = job(PRUNING, HEALING);
    private static final String CLASSIFYING =
            job(PRUNING, HEALING)
                    .replace("opt-tiny@1", "all-minilm-l6-v2@1")
                    .replace(
                            "{\"kind\": \"CAUSAL_LANGUAGE_MODELLING\"}",
                            "{\"kind\": \"SEQUENCE_CLASSIFICATION\", \"labels\": [\"a\", \"b\"]}");

    private final JsonMapper json = JsonMapper.shared();
    private final FakeRegistry registry = new FakeRegistry();
    private final SpecificationCheck check = new SpecificationCheck(VALIDATOR, registry);

    @BeforeEach
    void registerTheBases() {
        registry.publishBase(new ModelName("opt-tiny"), Models.opt(2));
        registry.publishBase(new ModelName("all-minilm-l6-v2"));
    }

    private static String job(String... phases) {
        return """
        {"name": "t", "seed": 1, "model": {"base": "opt-tiny@1", "publishAs": "half"},
         "data": "letters", "task": {"kind": "CAUSAL_LANGUAGE_MODELLING"},
         "phases": [%s]}\
        """
                .formatted(String.join(", ", phases));
    }

    private static String pruning(String options) {
        return PRUNING.replace("\"rounds\": 2", "\"rounds\": 2, " + options);
    }

    private static String weights(String weights) {
        return job(PRUNING.replace(WEIGHTS, weights), HEALING);
    }

    @Test
    void theDocumentedSpecificationIsSound() {
        registry.publishBase(new ModelName("opt-125m"), Models.opt(12));

        sound(Examples.PRUNE_SPECIFICATION);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"sparsity\": 0}",
                "{\"sparsity\": 0.999999}",
                "{\"sparsity\": 0.5, \"pruner\": \"SPARSE_GPT\", \"schedule\": \"CONSTANT\"}",
                "{\"pattern\": \"2:4\"}",
                "{\"pattern\": \"1:8\", \"pruner\": \"MAGNITUDE\"}"
            })
    void whateverPrunesSomethingIsAccepted(String weights) {
        sound(weights(weights));
        sound(job(PRUNING.replace(WEIGHTS, weights)));
        sound(job(PRUNING, PRUNING.replace(WEIGHTS, weights), HEALING));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | phases[0].weights | must name exactly one of sparsity and pattern, not 0",
                "{\"sparsity\": 0.5, \"pattern\": \"2:4\"} | phases[0].weights | must name exactly"
                        + " one of sparsity and pattern, not 2",
                "{\"sparsity\": 1} | phases[0].weights.sparsity | must be less than 1",
                "{\"sparsity\": 1e-999999999} | phases[0].weights.sparsity | numeric value out of"
                        + " bounds (<1 digits>.<6 digits> expected)",
                "{\"pattern\": \"4:4\"} | phases[0].weights.pattern | must keep fewer than all 4"
                        + " weights of a group, not 4",
                "{\"pattern\": \"6:4\"} | phases[0].weights.pattern | must keep fewer than all 4"
                        + " weights of a group, not 6",
                "{\"pattern\": \"half\"} | phases[0].weights.pattern | must be N:M, such as 2:4",
                "{\"pattern\": \"2:9999999999\"} | phases[0].weights.pattern | must be N:M, such"
                        + " as 2:4",
                "{\"pattern\": \"2:3\"} | phases[0].weights.pattern | the 8 weights in a row of"
                        + " model.decoder.layers.0.self_attn.q_proj do not fall into groups of 3",
                "{\"sparsity\": 0.5, \"calibrationSamples\": 0} |"
                        + " phases[0].weights.calibrationSamples | must be greater than or equal"
                        + " to 1"
            })
    void senselessWeightsAreRefusedByTheirField(String weights, String field, String reason) {
        assertThat(refused(weights(weights)))
                .extracting(Violation::field, Violation::reason)
                .containsExactly(tuple(field, reason));
    }

    @ParameterizedTest
    @ValueSource(strings = {"L0_MASK_EXPANSION", "RANDOM_EXPANSION"})
    void groupsAreNotExpanded(String rule) {
        String phase =
                pruning("\"aggregation\": {\"rule\": \"%s\"}".formatted(rule))
                        .replace(WEIGHTS, "{\"pattern\": \"2:4\"}");

        assertThat(refused(job(phase)))
                .containsExactly(
                        Violation.combination(
                                "phases[0].aggregation.rule",
                                "must be L0 or STANDALONE with a pattern: what expands a mask to a"
                                        + " sparsity breaks its groups"));
    }

    @Test
    void pruningComesBeforeAdapters() {
        assertThat(refused(job(PRUNING, HEALING, PRUNING)))
                .containsExactly(
                        Violation.combination(
                                "phases[2].kind",
                                "PRUNE must come before every FINE_TUNE phase: an adapter belongs"
                                        + " to the base on which it was trained"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"policy\": \"LOSS_DIFFERENCE\", \"fraction\": 1}",
                "{\"policy\": \"RESOURCE_AWARE\", \"minProcessors\": 2, \"then\":"
                        + " {\"policy\": \"LOSS_DIFFERENCE\", \"fraction\": 1}}"
            })
    void nobodyHasAnAdapterOfItsOwnToCompareWith(String policy) {
        assertThat(refused(job(pruning("\"selection\": " + policy))))
                .containsExactly(
                        Violation.combination(
                                "phases[0].selection.policy",
                                "LOSS_DIFFERENCE does not go with PRUNE: clients have no adapters"
                                        + " of their own to compare with"));
    }

    @Test
    void aBaseHasALossWhereItContinuesTextsButNoneWithoutATaskHead() {
        String byLoss = "\"selection\": {\"policy\": \"POWER_OF_CHOICE\", \"fraction\": 1}";

        sound(job(pruning(byLoss)));
        assertThat(refused(CLASSIFYING.replace(PRUNING, pruning(byLoss))))
                .containsExactly(
                        Violation.combination(
                                "phases[0].selection.policy",
                                "POWER_OF_CHOICE does not go with PRUNE and"
                                        + " SEQUENCE_CLASSIFICATION: without a task head a base has"
                                        + " no loss"));
    }

    @Test
    void aBaseWithoutATaskHeadIsNotEvaluated() {
        String evaluated =
                CLASSIFYING.replace(
                        "\"seed\": 1", "\"seed\": 1, \"evaluation\": {\"data\": \"d\"}");

        sound(evaluated);
        sound(CLASSIFYING.replace(", " + HEALING, ""));
        assertThat(refused(evaluated.replace(", " + HEALING, "")))
                .containsExactly(
                        Violation.combination(
                                "evaluation",
                                "needs a FINE_TUNE phase with SEQUENCE_CLASSIFICATION: a base has"
                                        + " no task head that could be evaluated"));
    }

    @Test
    void dataOfClientsAreOtherDataThanThoseOfAll() {
        UnaryOperator<String> evaluated =
                data ->
                        SOUND.replace(
                                "\"seed\": 1",
                                "\"seed\": 1, \"evaluation\": {\"data\": \"test\", \"clientData\":"
                                        + " \"%s\"}".formatted(data));

        sound(evaluated.apply("letters"));
        assertThat(refused(evaluated.apply("test")))
                .extracting(Violation::field)
                .containsExactly("evaluation.clientData");
    }

    @Test
    void nothingGoesOnFromModelsOfSingleClients() {
        String alone = pruning("\"aggregation\": {\"rule\": \"STANDALONE\"}");

        sound(job(alone.replace("\"rounds\": 2", "\"rounds\": 1")));
        sound(job(PRUNING, alone.replace("\"rounds\": 2", "\"rounds\": 1")));
        assertThat(
                        refused(
                                job(alone, HEALING)
                                        .replace(
                                                "\"seed\": 1", "\"seed\": 1, \"alias\": \"best\"")))
                .extracting(Violation::field, Violation::type)
                .containsExactly(
                        tuple("alias", ProblemType.COMBINATION_REFUSED),
                        tuple("phases[0].aggregation.rule", ProblemType.COMBINATION_REFUSED),
                        tuple("phases[0].rounds", ProblemType.COMBINATION_REFUSED));
    }

    @Test
    void everyTierCanBeReached() {
        String tiers =
                """
                "layers": {"tiers": [{"ratio": 1, "minProcessors": 8}, {"ratio": 0.5},
                           {"ratio": 0.25, "minMemoryBytes": 1}]}\
                """;

        assertThat(refused(job(pruning(tiers))))
                .containsExactly(
                        Violation.combination(
                                "phases[0].layers.tiers[2]",
                                "can never be reached: whoever meets it meets tiers[1], which comes"
                                        + " first"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1.1", "1e-999999999", "0.1234567", "-1e999999999"})
    void aShareOfTheLayersIsASaneNumber(String ratio) {
        String tiers = "\"layers\": {\"tiers\": [{\"ratio\": %s}]}".formatted(ratio);

        assertThat(refused(job(pruning(tiers))))
                .extracting(Violation::field)
                .contains("phases[0].layers.tiers[0].ratio");
    }

    @Test
    void missingPartsAreNamedAndHideNothing() {
        assertThat(
                        refused(
                                job(
                                        "{\"kind\": \"PRUNE\", \"rounds\": 1, \"layers\":"
                                                + " {\"tiers\": [null]}}")))
                .extracting(Violation::field)
                .containsExactly("phases[0].layers.tiers[0]", "phases[0].weights");
    }

    @Test
    void aBaseThatDoesNotTellItsLayersIsToBeRegisteredAgain() {
        publish("old", linear -> new Linear(linear.name(), 8, 8, true));
        publish("gaps", linear -> new Linear(linear.name(), 8, 8, true, 2 * linear.layer()));

        for (String base : List.of("old@1", "gaps@1")) {
            assertThat(refused(job(PRUNING, PRUNING, HEALING).replace("opt-tiny@1", base)))
                    .containsExactly(
                            Violation.fit(
                                    "model.base",
                                    "was registered without the layers that its linears lie in, by"
                                            + " which it is pruned: register the base again"));
            sound(job(HEALING).replace("opt-tiny@1", base));
        }
    }

    /** As an encoder's pooler lies, whose rows are cut into no groups either. */
    @Test
    void aLinearOutsideOfAllLayersIsNoHindrance() {
        List<Linear> linears = new ArrayList<>(Models.opt(2).linears());
        linears.add(new Linear("pooler.dense", 7, 7, true));
        publish("pooled", linears);

        sound(job(PRUNING, PRUNING, HEALING).replace("opt-tiny@1", "pooled@1"));
        sound(
                job("{\"kind\": \"PRUNE\", \"rounds\": 1, \"weights\": {\"pattern\": \"2:4\"}}")
                        .replace("opt-tiny@1", "pooled@1"));
    }

    private void publish(String name, UnaryOperator<Linear> change) {
        publish(name, Models.opt(2).linears().stream().map(change).toList());
    }

    private void publish(String name, List<Linear> linears) {
        ModelStructure opt = Models.opt(2);
        registry.publishBase(
                new ModelName(name),
                new ModelStructure(
                        opt.family(),
                        opt.layers(),
                        opt.hiddenSize(),
                        opt.maxPositions(),
                        opt.vocabularySize(),
                        opt.parameters(),
                        linears,
                        opt.attentionBlocks(),
                        opt.classificationHead(),
                        opt.defaultTargetModules()));
    }

    @ParameterizedTest
    @EnumSource(names = {"BASE", "ADAPTER"})
    void prunedBasesDoNotGoAmongOtherModels(VersionKind kind) {
        registry.publish("o", new ModelName("half-base"), kind, null, "x");

        assertThat(refused(SOUND))
                .containsExactly(
                        Violation.combination(
                                "phases[0].kind",
                                "PRUNE publishes its bases as 'half-base', which holds other"
                                        + " models; choose another model.publishAs"));
    }

    @Test
    void prunedBasesGoOnWhereEarlierOnesLie() {
        registry.publish("o", new ModelName("half-base"), VersionKind.MERGED, null, "x");

        sound(SOUND);
    }

    private void sound(String job) {
        assertThat(check.check(read(job))).isInstanceOf(SpecificationCheck.Checked.Sound.class);
    }

    private List<Violation> refused(String job) {
        return ((SpecificationCheck.Checked.Refused) check.check(read(job))).violations();
    }

    private JobSpecification read(String job) {
        return json.readValue(job, JobSpecification.class);
    }
}
