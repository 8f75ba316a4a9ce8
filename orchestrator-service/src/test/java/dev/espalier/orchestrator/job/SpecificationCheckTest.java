package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.espalier.orchestrator.neighbour.FakeRegistry;
import dev.espalier.orchestrator.neighbour.Models;
import dev.espalier.orchestrator.neighbour.NeighbourUnavailable;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.problem.ProblemType;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class SpecificationCheckTest {

    private static final Validator VALIDATOR =
            Validation.buildDefaultValidatorFactory().getValidator();

    private final JsonMapper json = JsonMapper.shared();
    private final FakeRegistry registry = new FakeRegistry();
    private final SpecificationCheck check = new SpecificationCheck(VALIDATOR, registry);

    @BeforeEach
    void registerTheBase() {
        registry.publishBase(new ModelName("all-minilm-l6-v2"));
    }

    @Test
    void theDocumentedSpecificationsAreSound() {
        assertThat(check.check(read(Examples.SHORT_SPECIFICATION)))
                .isInstanceOf(SpecificationCheck.Checked.Sound.class);
        assertThat(check.check(read(Examples.SPECIFICATION)))
                .isInstanceOf(SpecificationCheck.Checked.Sound.class);
        assertThat(check.check(read(Examples.RANKS_SPECIFICATION)))
                .isInstanceOf(SpecificationCheck.Checked.Sound.class);
    }

    @Test
    void everyDefaultIsFilledIn() {
        SpecificationCheck.Checked.Sound sound =
                (SpecificationCheck.Checked.Sound) check.check(read(SOUND));

        PhaseSpec.FineTune phase = (PhaseSpec.FineTune) sound.complete().phases().getFirst();
        assertThat(phase.adapter().targetModules()).containsExactly("query", "value");
        assertThat(phase.adapter().alpha()).isEqualTo(4);
        assertThat(phase.deadline()).isEqualTo(Duration.ofMinutes(10));
        assertThat(phase.quorum()).isEqualTo(0.5);
        assertThat(phase.training().batchSize()).isEqualTo(16);
        assertThat(sound.base().ref()).isEqualTo(Models.TINY);
    }

    @ParameterizedTest(name = "{2}: {3}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "PT10M | PT4S | phases[0].deadline | must be from PT5S to P7D (PT168H)",
                "PT10M | P8D | phases[0].deadline | must be from PT5S to P7D (PT168H)",
                "\"ham\", | \"spam\", | task.labels[1] | 'spam' is in the list twice",
                "\"rank\": 2 | \"rank\": 0 | phases[0].adapter.rank | must be greater than or equal"
                        + " to 1",
                "\"rounds\": 1 | \"rounds\": 0 | phases[0].rounds | must be greater than or equal"
                        + " to 1",
                "0.001 | -1 | phases[0].training.learningRate | must be greater than 0",
                "\"rank\": 2 | \"rank\": 2, \"alpha\": 1e999 | phases[0].adapter.alpha | must be"
                        + " finite",
                "\"name\": \"t\" | \"name\": \"\" | name | must be 1 to 100 printable characters",
                "tiny-spam | all-minilm-l6-v2 | model.publishAs | must be another name than that of"
                        + " the base, which stays as it is"
            })
    void aWrongValueIsRefusedByItsField(String sound, String wrong, String field, String reason) {
        assertThat(refused(SOUND.replace(sound, wrong)))
                .anySatisfy(violation -> {
                    assertThat(violation.field()).isEqualTo(field);
                    assertThat(violation.reason()).isEqualTo(reason);
                });
    }

    @Test
    void anUnknownModelIsRefused() {
        assertThat(refused(SOUND.replace("all-minilm-l6-v2@1", "bert-large@7")))
                .containsExactly(Violation.model("model.base", "'bert-large@7' is not registered"));
        assertThat(refused(SOUND.replace("all-minilm-l6-v2@1", "all-minilm-l6-v2@2")))
                .extracting(Violation::type)
                .containsExactly(ProblemType.UNKNOWN_MODEL);
    }

    @Test
    void anAdapterIsNoBase() {
        registry.publish("a", new ModelName("adapters"), VersionKind.ADAPTER, null, "x");

        assertThat(refused(SOUND.replace("all-minilm-l6-v2@1", "adapters@1")))
                .containsExactly(
                        Violation.fit(
                                "model.base",
                                "adapters@1 is an adapter; a job needs a BASE or a MERGED model"));
    }

    @Test
    void aBaseWithoutStructureCannotBePlannedWith() {
        registry.publish("b", new ModelName("bare"), VersionKind.BASE, null, "x");

        assertThat(refused(SOUND.replace("all-minilm-l6-v2@1", "bare")))
                .extracting(Violation::reason)
                .containsExactly(
                        "bare@1 was registered without its structure, so no job can be planned");
    }

    @Test
    void aNameThatHoldsWholeModelsTakesNoAdapters() {
        registry.publish("m", new ModelName("tiny-spam"), VersionKind.MERGED, null, "x");

        assertThat(refused(SOUND))
                .extracting(Violation::field, Violation::type)
                .containsExactly(tuple("model.publishAs", ProblemType.COMBINATION_REFUSED));
    }

    @ParameterizedTest
    @EnumSource(names = {"BASE", "ADAPTER"})
    void stackedBasesDoNotGoAmongOtherModels(VersionKind kind) {
        registry.publish("o", new ModelName("tiny-spam-base"), kind, null, "x");

        assertThat(refused(stacking(SOUND)))
                .containsExactly(
                        Violation.combination(
                                "phases[0].aggregation.rule",
                                "STACKING publishes its bases as 'tiny-spam-base', which holds"
                                        + " other models; choose another model.publishAs"));
    }

    @Test
    void stackedBasesGoOnWhereEarlierOnesLie() {
        registry.publish("o", new ModelName("tiny-spam-base"), VersionKind.MERGED, null, "x");

        assertThat(check.check(read(stacking(SOUND))))
                .isInstanceOf(SpecificationCheck.Checked.Sound.class);
    }

    private static String stacking(String job) {
        return job.replace(
                "\"rounds\": 1", "\"rounds\": 1, \"aggregation\": {\"rule\": \"STACKING\"}");
    }

    @Test
    void textsLongerThanTheBaseTakesAreRefused() {
        assertThat(refused(SOUND.replace("\"maxLength\": 32", "\"maxLength\": 513")))
                .containsExactly(
                        Violation.fit("task.maxLength", "the base takes 512 tokens at most"));
    }

    @Test
    void targetModulesMustExistAndRanksMakeSense() {
        String job =
                SOUND.replace(
                        "\"rank\": 2", "\"rank\": 9, \"targetModules\": [\"query\", \"c_attn\"]");

        assertThat(refused(job))
                .containsExactly(
                        Violation.fit(
                                "phases[0].adapter.rank",
                                "a rank above 8 makes no sense on"
                                        + " bert.encoder.layer.0.attention.self.query [8, 8]"),
                        Violation.fit(
                                "phases[0].adapter.targetModules[1]",
                                "'c_attn' names no linear layer of this bert model"));
    }

    @Test
    void aSecondFineTuningMustKeepTheShapeOfTheAdapter() {
        String phase =
                SOUND.substring(SOUND.indexOf("{\"kind\": \"FINE_TUNE\""), SOUND.indexOf("]}"));
        String same = SOUND.replace(phase, phase + ", " + phase);
        String other =
                SOUND.replace(phase, phase + ", " + phase.replace("\"rank\": 2", "\"rank\": 3"));

        assertThat(check.check(read(same))).isInstanceOf(SpecificationCheck.Checked.Sound.class);
        assertThat(refused(other))
                .extracting(Violation::field, Violation::type)
                .containsExactly(tuple("phases[1].adapter", ProblemType.COMBINATION_REFUSED));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"aggregation\": {\"rule\": \"HEAD_WEIGHTED\"} | aggregation.rule | HEAD_WEIGHTED"
                        + " needs pruning.heads, which says how heads are scored",
                "\"pruning\": {\"heads\": {\"sparsity\": 1}} | pruning.heads.sparsity | must be"
                        + " less than 1",
                "\"pruning\": {\"heads\": {}} | pruning.heads.sparsity | must not be null",
                "\"pruning\": {\"heads\": {\"sparsity\": 0.5, \"rampRounds\": 2}} |"
                        + " pruning.heads.rampRounds | needs initialSparsity, from which the"
                        + " sparsity climbs",
                "\"pruning\": {\"heads\": {\"sparsity\": 0.5, \"initialSparsity\": 0.5}} |"
                        + " pruning.heads.initialSparsity | must be below the sparsity 0.5 to which"
                        + " it climbs",
                "\"pruning\": {\"heads\": {\"sparsity\": 0.5, \"initialSparsity\": 0}} |"
                        + " pruning.heads.initialSparsity | needs a phase of at least 2 rounds to"
                        + " climb in",
                "\"pruning\": {\"heads\": {\"sparsity\": 0.5, \"initialSparsity\": 0,"
                        + " \"rampRounds\": 2}} | pruning.heads.rampRounds | must be at most the 1"
                        + " rounds of the phase, else the sparsity is never reached",
                "\"pruning\": {\"heads\": {\"sparsity\": 0.5, \"ranking\": \"PER_BLOCK\","
                        + " \"minPerBlock\": 1}} | pruning.heads.minPerBlock | makes no sense with"
                        + " the ranking PER_BLOCK, only with GLOBAL",
                "\"pruning\": {\"heads\": {\"sparsity\": 0.5, \"ranking\": \"TOP_BLOCKS\","
                        + " \"minPerBlock\": 1}} | pruning.heads.minPerBlock | makes no sense with"
                        + " the ranking TOP_BLOCKS, only with GLOBAL",
                "\"pruning\": {\"heads\": {\"sparsity\": 0.5, \"minPerBlock\": 2}} |"
                        + " pruning.heads.minPerBlock | asks for 2 heads in 1 blocks, but the"
                        + " sparsity 0.5 leaves 1",
                "\"pruning\": {\"heads\": {\"sparsity\": 0, \"minPerBlock\": 3}} |"
                        + " pruning.heads.minPerBlock | a block of the base has 2 heads only",
                "\"selection\": {\"policy\": \"POWER_OF_CHOICE\", \"fraction\": 0.5,"
                        + " \"candidates\": 0.2} | selection.candidates | must be at least the"
                        + " fraction 0.5 that is chosen from them",
                "\"selection\": {\"policy\": \"LOSS_DIFFERENCE\", \"fraction\": 0.5, \"scoring\":"
                        + " {\"deadline\": \"PT1S\"}} | selection.scoring.deadline | must be from"
                        + " PT5S to P7D (PT168H)",
                "\"selection\": {\"policy\": \"RESOURCE_AWARE\", \"then\": {\"policy\": \"ALL\"}} |"
                        + " selection | must name minMemoryBytes, minUplinkBytesPerSecond or"
                        + " minProcessors, else it leaves out nobody",
                "\"selection\": {\"policy\": \"RESOURCE_AWARE\", \"minProcessors\": 2, \"then\":"
                        + " {\"policy\": \"RESOURCE_AWARE\", \"minProcessors\": 2, \"then\":"
                        + " {\"policy\": \"ALL\"}}} | selection.then.policy | must be another"
                        + " policy; one RESOURCE_AWARE can hold all minimums"
            })
    void combinationsThatMakeNoSenseAreRefused(String option, String field, String reason) {
        assertThat(refused(with(option)))
                .anySatisfy(violation -> {
                    assertThat(violation.field()).isEqualTo("phases[0]." + field);
                    assertThat(violation.reason()).isEqualTo(reason);
                });
    }

    @ParameterizedTest(name = "{0}: {1} {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"ranks\": {} | ranks.allotment | is needed by FREEZING, whose clients train"
                        + " different numbers of components",
                "\"ranks\": {\"variant\": \"HOMOGENEOUS\", \"allotment\": {\"by\": \"BUDGET\","
                        + " \"uploadBytes\": 9}} | ranks.allotment | makes no sense with"
                        + " HOMOGENEOUS, whose clients all train all components",
                "\"ranks\": {\"allotment\": {\"by\": \"TIERS\", \"tiers\": [{\"rank\": 3}]}} |"
                        + " ranks.allotment.tiers[0].rank | must be at most the adapter's rank 2",
                "\"ranks\": {\"allotment\": {\"by\": \"TIERS\", \"tiers\": []}} |"
                        + " ranks.allotment.tiers | size must be between 1 and 32",
                "\"ranks\": {\"allotment\": {\"by\": \"TIERS\", \"tiers\": [{\"rank\": 2,"
                        + " \"minProcessors\": 2}, {\"rank\": 1}, {\"rank\": 1,"
                        + " \"minMemoryBytes\": 5}]}} | ranks.allotment.tiers[2] | can never be"
                        + " reached: whoever meets it meets tiers[1], which comes first",
                "\"ranks\": {\"allotment\": {\"by\": \"TIERS\", \"tiers\": [{\"rank\": 2,"
                        + " \"minProcessors\": 2}, {\"rank\": 1, \"minProcessors\": 4,"
                        + " \"minUplinkBytesPerSecond\": 1}]}} | ranks.allotment.tiers[1] | can"
                        + " never be reached: whoever meets it meets tiers[0], which comes first",
                "\"ranks\": {\"allotment\": {\"by\": \"BUDGET\"}} | ranks.allotment | must name"
                        + " exactly one of uploadBytes and uploadSeconds, not 0",
                "\"ranks\": {\"allotment\": {\"by\": \"BUDGET\", \"uploadBytes\": 1,"
                        + " \"uploadSeconds\": 1}} | ranks.allotment | must name exactly one of"
                        + " uploadBytes and uploadSeconds, not 2",
                "\"ranks\": {\"variant\": \"PREFIX\", \"coldStartRounds\": 2, \"allotment\":"
                        + " {\"by\": \"BUDGET\", \"uploadBytes\": 1}} | ranks.coldStartRounds |"
                        + " makes no sense with PREFIX, which does not choose by importance",
                "\"ranks\": {\"variant\": \"HOMOGENEOUS\", \"starvationEvery\": 5} |"
                        + " ranks.starvationEvery | makes no sense with HOMOGENEOUS, which does not"
                        + " choose by importance",
                "\"ranks\": {\"importance\": {\"beta1\": 1}} | ranks.importance.beta1 | must be"
                        + " less than 1",
                "\"quantisation\": {} | quantisation | must name exactly one of bits, budgetBytes"
                        + " and budgetSeconds, not 0",
                "\"quantisation\": {\"bits\": 8, \"budgetBytes\": 9} | quantisation | must name"
                        + " exactly one of bits, budgetBytes and budgetSeconds, not 2",
                "\"quantisation\": {\"bits\": 5} | quantisation.bits | must be 4, 8, 16 or 32",
                "\"pruning\": {\"heads\": {\"sparsity\": 0.5}}, \"aggregation\": {\"rule\":"
                        + " \"STACKING\"} | aggregation.rule | STACKING does not go with pruned"
                        + " heads: their rows would be stacked as zeros",
                "\"ranks\": {\"allotment\": {\"by\": \"BUDGET\", \"uploadBytes\": 1}},"
                        + " \"aggregation\": {\"rule\": \"STACKING\"} | aggregation.rule | STACKING"
                        + " does not go with FREEZING: every round begins with a fresh adapter, in"
                        + " which no component is worth more than another",
                "\"ranks\": {\"variant\": \"HOMOGENEOUS\", \"importance\": {\"source\":"
                        + " \"CLIENT_GRADIENT\"}}, \"aggregation\": {\"rule\": \"STACKING\"} |"
                        + " ranks.importance.source | CLIENT_GRADIENT does not go with STACKING,"
                        + " whose components live for one round",
                "\"selection\": {\"policy\": \"RESOURCE_AWARE\", \"minProcessors\": 1, \"then\":"
                        + " {\"policy\": \"LOSS_DIFFERENCE\", \"fraction\": 0.5}}, \"aggregation\":"
                        + " {\"rule\": \"STACKING\"} | selection.policy | LOSS_DIFFERENCE does not"
                        + " go with STACKING in this phase or an earlier one: clients' own adapters"
                        + " belong to other bases",
                "\"pruning\": {\"heads\": {\"sparsity\": 0.5}}, \"aggregation\": {\"rule\":"
                        + " \"RANK_OPTIMAL\"} | aggregation.rule | RANK_OPTIMAL does not go with"
                        + " pruned heads: it needs whole products of B and A",
                "\"ranks\": {\"variant\": \"HOMOGENEOUS\", \"importance\": {\"source\":"
                    + " \"CLIENT_GRADIENT\"}}, \"aggregation\": {\"rule\": \"RANK_OPTIMAL\"} |"
                    + " ranks.importance.source | CLIENT_GRADIENT does not go with RANK_OPTIMAL,"
                    + " whose importances are singular values"
            })
    void ranksThatMakeNoSenseAreRefused(String option, String field, String reason) {
        assertThat(refused(with(option)))
                .anySatisfy(violation -> {
                    assertThat(violation.field()).isEqualTo("phases[0]." + field);
                    assertThat(violation.reason()).isEqualTo(reason);
                });
    }

    @Test
    void ownLossesSayNothingInAPhaseAfterStacking() {
        String phase =
                SOUND.substring(SOUND.indexOf("{\"kind\": \"FINE_TUNE\""), SOUND.indexOf("]}"));
        String stacking =
                phase.replace(
                        "\"rounds\": 1",
                        "\"rounds\": 1, \"aggregation\": {\"rule\": \"STACKING\"}");
        String byLoss =
                phase.replace(
                        "\"rounds\": 1",
                        "\"rounds\": 1, \"selection\": {\"policy\": \"LOSS_DIFFERENCE\","
                                + " \"fraction\": 0.5}");

        assertThat(refused(SOUND.replace(phase, stacking + ", " + byLoss)))
                .extracting(Violation::field)
                .containsExactly("phases[1].selection.policy");
        assertThat(check.check(read(SOUND.replace(phase, byLoss + ", " + stacking))))
                .isInstanceOf(SpecificationCheck.Checked.Sound.class);
    }

    @Test
    void whatMaySurpriseIsSaidAndNotRefused() {
        String diluted =
                with(
                        "\"pruning\": {\"heads\": {\"sparsity\": 0.5}}, \"aggregation\":"
                                + " {\"rule\": \"ZERO_PADDING\"}");

        assertThat(check.check(read(diluted))).isInstanceOf(SpecificationCheck.Checked.Sound.class);
        assertThat(AggregationRules.warnings(read(diluted).phases()))
                .containsExactly(
                        "phases[0]: ZERO_PADDING counts pruned heads as zeros, which dilutes those"
                                + " that others kept");
        assertThat(AggregationRules.warnings(read(SOUND).phases())).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "\"ranks\": {\"allotment\": {\"by\": \"TIERS\", \"tiers\": [{\"rank\": 2,"
                    + " \"minMemoryBytes\": 9, \"minProcessors\": 2}, {\"rank\": 1,"
                    + " \"minMemoryBytes\": 9}, {\"rank\": 1, \"minUplinkBytesPerSecond\": 1}]}}",
                "\"ranks\": {\"variant\": \"PREFIX\", \"starvationEvery\": 0, \"coldStartRounds\":"
                        + " 0, \"allotment\": {\"by\": \"BUDGET\", \"uploadSeconds\": 0.5}},"
                        + " \"quantisation\": {\"budgetBytes\": 100}, \"aggregation\": {\"rule\":"
                        + " \"STACKING\"}",
                "\"ranks\": {\"variant\": \"TRUNCATION\", \"allotment\": {\"by\": \"BUDGET\","
                        + " \"uploadBytes\": 5}}, \"pruning\": {\"heads\": {\"sparsity\": 0.5}},"
                        + " \"aggregation\": {\"rule\": \"HEAD_WEIGHTED\"}",
                "\"ranks\": {\"variant\": \"FREEZING\", \"allotment\": {\"by\": \"BUDGET\","
                    + " \"uploadBytes\": 5}, \"importance\": {\"source\": \"CLIENT_GRADIENT\"}},"
                    + " \"aggregation\": {\"rule\": \"RANK_ADAPTIVE\"}",
                "\"ranks\": {\"variant\": \"HOMOGENEOUS\"}, \"aggregation\": {\"rule\":"
                        + " \"RANK_OPTIMAL\"}",
                "\"pruning\": {\"heads\": {\"sparsity\": 0.5}}, \"aggregation\": {\"rule\":"
                        + " \"HEAD_WEIGHTED\"}",
                "\"pruning\": {\"heads\": {\"sparsity\": 0.5, \"minPerBlock\": 1}}",
                "\"pruning\": {\"heads\": {\"sparsity\": 0.9, \"ranking\": \"TOP_BLOCKS\"}}",
                "\"selection\": {\"policy\": \"RESOURCE_AWARE\", \"minProcessors\": 2, \"then\":"
                        + " {\"policy\": \"LOSS_DIFFERENCE\", \"fraction\": 0.5}}"
            })
    void combinationsThatMakeSenseAreSound(String option) {
        assertThat(check.check(read(with(option))))
                .isInstanceOf(SpecificationCheck.Checked.Sound.class);
    }

    @Test
    void anAdapterOutsideAttentionDoesNotGoWithPrunedHeads() {
        String job =
                with("\"pruning\": {\"heads\": {\"sparsity\": 0.5}}")
                        .replace(
                                "\"rank\": 2",
                                "\"rank\": 2, \"targetModules\": [\"intermediate.dense\"]");

        assertThat(refused(job))
                .extracting(Violation::type, Violation::field)
                .containsExactly(
                        tuple(ProblemType.COMBINATION_REFUSED, "phases[0].adapter.targetModules"));
    }

    @Test
    void aBaseWithoutProperBlocksCannotBePruned() {
        ModelStructure sound = Models.structure();
        AttentionBlock block = sound.attentionBlocks().getFirst();
        publish("blockless", "bert", List.of(), sound.classificationHead());
        publish(
                "nameless",
                "bert",
                List.of(
                        new AttentionBlock(
                                block.name(), 2, 2, 4, "", block.key(), block.value(), "?")),
                sound.classificationHead());
        String pruned = with("\"pruning\": {\"heads\": {\"sparsity\": 0.5}}");

        assertThat(refused(pruned.replace("all-minilm-l6-v2@1", "blockless")))
                .containsExactly(
                        Violation.fit(
                                "phases[0].pruning.heads", "the base has no attention blocks"));
        assertThat(refused(pruned.replace("all-minilm-l6-v2@1", "nameless")))
                .singleElement()
                .satisfies(violation -> {
                    assertThat(violation.field()).isEqualTo("phases[0].pruning.heads");
                    assertThat(violation.reason())
                            .startsWith("the base was registered without proper names");
                });
    }

    @Test
    void aTextIsWrittenByT5WithoutLabels() {
        publish("t5", "t5", Models.structure().attentionBlocks(), List.of());
        String writing = SOUND.replace("all-minilm-l6-v2@1", "t5").replace(CLASSES, WRITING);

        assertThat(check.check(read(writing)))
                .isInstanceOfSatisfying(
                        SpecificationCheck.Checked.Sound.class,
                        sound ->
                                assertThat(sound.complete().task().maxTargetLength())
                                        .isEqualTo(64));
        assertThat(refused(SOUND.replace(CLASSES, WRITING)))
                .containsExactly(
                        Violation.fit(
                                "task.kind",
                                "the base is a 'bert' classifier; TEXT_TO_TEXT needs one of the"
                                        + " family 't5' that writes"));
        assertThat(refused(writing.replace(WRITING, WRITING + ", \"labels\": [\"ham\"]")))
                .extracting(Violation::field)
                .containsExactly("task.labels");
        assertThat(refused(writing.replace(WRITING, WRITING + ", \"maxTargetLength\": 513")))
                .containsExactly(
                        Violation.fit("task.maxTargetLength", "the base takes 512 tokens at most"));
        assertThat(refused(SOUND.replace("\"maxLength\": 32", "\"maxTargetLength\": 32")))
                .containsExactly(
                        Violation.combination("task.maxTargetLength", "is only for TEXT_TO_TEXT"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"opt", "llama", "gpt2"})
    void aTextIsContinuedByADecoderWithoutLabels(String family) {
        publish(family, family, Models.structure().attentionBlocks(), List.of());
        String continuing =
                SOUND.replace("all-minilm-l6-v2@1", family).replace(CLASSES, CONTINUING);

        assertThat(check.check(read(continuing)))
                .isInstanceOf(SpecificationCheck.Checked.Sound.class);
        assertThat(refused(continuing.replace(CONTINUING, CONTINUING + ", \"labels\": [\"ham\"]")))
                .containsExactly(
                        Violation.combination(
                                "task.labels",
                                "must be empty for CAUSAL_LANGUAGE_MODELLING, which tells no"
                                        + " classes apart"));
        assertThat(refused(continuing.replace(CONTINUING, CONTINUING + ", \"maxTargetLength\": 8")))
                .containsExactly(
                        Violation.combination("task.maxTargetLength", "is only for TEXT_TO_TEXT"));
        assertThat(refused(continuing.replace("\"maxLength\": 32", "\"maxLength\": 513")))
                .containsExactly(
                        Violation.fit("task.maxLength", "the base takes 512 tokens at most"));
        assertThat(refused(SOUND.replace("all-minilm-l6-v2@1", family)))
                .extracting(Violation::field)
                .containsExactly("task.kind");
        assertThat(refused(SOUND.replace("all-minilm-l6-v2@1", family).replace(CLASSES, WRITING)))
                .extracting(Violation::field)
                .containsExactly("task.kind");
    }

    @Test
    void noOtherFamilyContinuesTexts() {
        publish("t5", "t5", Models.structure().attentionBlocks(), List.of());
        String needs =
                "; CAUSAL_LANGUAGE_MODELLING needs a decoder that continues texts, of one of the"
                        + " families gpt2, llama, opt";

        assertThat(refused(SOUND.replace(CLASSES, CONTINUING)))
                .containsExactly(
                        Violation.fit("task.kind", "the base is a 'bert' classifier" + needs));
        assertThat(refused(SOUND.replace("all-minilm-l6-v2@1", "t5").replace(CLASSES, CONTINUING)))
                .containsExactly(Violation.fit("task.kind", "the base is a 't5' model" + needs));
    }

    @Test
    void theFinalDataMustBeOtherData() {
        String evaluated =
                SOUND.replace(
                        "\"data\": \"mail\"",
                        "\"data\": \"mail\", \"evaluation\": {\"data\": \"test\", \"finalData\":"
                                + " \"test\"}");

        assertThat(refused(evaluated))
                .extracting(Violation::field)
                .containsExactly("evaluation.finalData");
    }

    private static final String CLASSES =
            "\"kind\": \"SEQUENCE_CLASSIFICATION\", \"labels\": [\"ham\", \"spam\"]";
    private static final String CONTINUING = "\"kind\": \"CAUSAL_LANGUAGE_MODELLING\"";
    private static final String WRITING = "\"kind\": \"TEXT_TO_TEXT\"";

    private void publish(
            String name, String family, List<AttentionBlock> blocks, List<Linear> classifier) {
        ModelStructure sound = Models.structure();
        registry.publish(
                name,
                new ModelName(name),
                VersionKind.BASE,
                new ModelStructure(
                        family,
                        1,
                        8,
                        512,
                        100,
                        2_000,
                        sound.linears(),
                        blocks,
                        classifier,
                        sound.defaultTargetModules()),
                name);
    }

    private static String with(String option) {
        return SOUND.replace("\"rounds\": 1", "\"rounds\": 1, " + option);
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        String job =
                SOUND.replace("0.001", "0")
                        .replace("\"maxLength\": 32", "\"maxLength\": 600")
                        .replace("\"rank\": 2", "\"rank\": 2, \"targetModules\": [\"nope\"]");

        assertThat(refused(job))
                .extracting(Violation::field)
                .containsExactly(
                        "phases[0].adapter.targetModules[0]",
                        "phases[0].training.learningRate",
                        "task.maxLength");
        assertThat(Refusals.of(refused(job)).type()).isEqualTo(ProblemType.INVALID_VALUE);
        assertThat(Refusals.of(refused(job)))
                .hasMessage(
                        "phases[0].training.learningRate: must be greater than 0 (and 2 more, see"
                                + " fields)");
    }

    @Test
    void missingPartsAreNamedAndHideNothing() {
        assertThat(refused("{\"name\": \"t\", \"seed\": 1, \"phases\": [null]}"))
                .extracting(Violation::field)
                .containsExactly("data", "model", "phases[0]", "task");
    }

    @Test
    void whileTheRegistryIsSilentNothingSoundIsAccepted() {
        registry.outage().begin();

        assertThatThrownBy(() -> check.check(read(SOUND))).isInstanceOf(NeighbourUnavailable.class);
        assertThat(refused(SOUND.replace("0.001", "0")))
                .extracting(Violation::field)
                .containsExactly("phases[0].training.learningRate");
    }

    private static final String SOUND =
            """
            {"name": "t", "seed": 1,
             "model": {"base": "all-minilm-l6-v2@1", "publishAs": "tiny-spam"}, "data": "mail",
             "task": {"kind": "SEQUENCE_CLASSIFICATION", "labels": ["ham", "spam"],
                      "maxLength": 32},
             "phases": [{"kind": "FINE_TUNE", "rounds": 1, "adapter": {"rank": 2},
                         "training": {"learningRate": 0.001}, "deadline": "PT10M"}]}\
            """;

    private List<Violation> refused(String job) {
        return ((SpecificationCheck.Checked.Refused) check.check(read(job))).violations();
    }

    private JobSpecification read(String job) {
        return json.readValue(job, JobSpecification.class);
    }
}
