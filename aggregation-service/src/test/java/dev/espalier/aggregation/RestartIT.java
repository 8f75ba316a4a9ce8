package dev.espalier.aggregation;

import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.BLOCK;
import static dev.espalier.aggregation.TinyModel.BOB;
import static dev.espalier.aggregation.TinyModel.EVE;
import static dev.espalier.aggregation.TinyModel.NEXT_BLOCK;
import static dev.espalier.aggregation.TinyModel.ROUND;
import static dev.espalier.aggregation.TinyModel.invitation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.aggregation.combine.AggregationRule;
import dev.espalier.aggregation.combine.Brought;
import dev.espalier.aggregation.combine.RoundCombiner;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import dev.espalier.protocol.update.RoundSessionView.State;
import dev.espalier.protocol.update.RoundSessionView.UpdateState;
import dev.espalier.protocol.update.RoundSessionView.UpdateView;
import dev.espalier.protocol.update.Scope;
import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service as a process of its own, that is killed without warning (SIGKILL) and started again.
 */
class RestartIT {

    private static final String CLASSIFIER = "base_model.model.classifier.weight";

    @TempDir Path folder;

    private FakeRegistry registry;
    private ServiceProcess process;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        registry.holdTinyModel(Files.createDirectories(folder.resolve("models")));
        process = new ServiceProcess(folder, registry);
    }

    @AfterEach
    void stop() throws InterruptedException {
        process.close();
        registry.close();
    }

    @Test
    void whatWasAcceptedSurvivesAKillAndIsPublishedWithTheSameBytes() throws Exception {
        Service first = process.launch();
        first.open(
                TinyModel.session(invitation(ADA, Scope.whole()), invitation(BOB, Scope.whole())));
        assertThat(first.handIn(ROUND, ADA, update(ADA, 30, 1)).status()).isEqualTo(201);
        process.kill();

        Service second = process.launch();
        assertThat(second.view(ROUND).updates().getFirst().state()).isEqualTo(UpdateState.ACCEPTED);
        assertThat(second.handIn(ROUND, BOB, update(BOB, 10, 2)).status()).isEqualTo(201);
        registry.unwell(true);
        assertThat(second.seal(ROUND).status()).isEqualTo(202);
        process.kill();

        registry.unwell(false);
        RoundSessionView published =
                process.launch().await(ROUND, view -> view.state() == State.PUBLISHED);

        assertThat(registry.bytes(published.published(), "adapter_model.safetensors"))
                .isEqualTo(combinedWithoutAnyService());
        assertThat(registry.publications()).isEqualTo(1);
    }

    @Test
    void headsThatAgentsChoseAreCombinedAcrossKillsAsIfComputedByHand() throws Exception {
        Map<AgentName, Scope> chosen =
                Map.of(
                        ADA, TinyModel.heads(List.of(0, 1), List.of()),
                        BOB, TinyModel.heads(List.of(0), List.of(1)),
                        EVE, TinyModel.heads(List.of(), List.of(1)));
        Service first = process.launch();
        RoundSession session = headWeighted();
        assertThat(first.open(session).status()).isEqualTo(201);
        handIn(first, ADA, 30, chosen);
        handIn(first, BOB, 10, chosen);
        process.kill();

        Service second = process.launch();
        assertThat(second.open(session).status()).isEqualTo(200);
        handIn(second, EVE, 20, chosen);
        registry.unwell(true);
        second.seal(ROUND);
        process.kill();

        registry.unwell(false);
        RoundSessionView published =
                process.launch().await(ROUND, view -> view.state() == State.PUBLISHED);
        process.kill();

        assertThat(published.updates()).extracting(UpdateView::keptHeads).containsExactly(2, 2, 1);
        assertThat(published.heads())
                .containsExactly(
                        new BlockHeads(
                                BLOCK, List.of(2, 1), List.of((97 + 98) / 512.0, 97 / 128.0)),
                        new BlockHeads(
                                NEXT_BLOCK, List.of(0, 2), List.of(0.0, (98 + 101) / 256.0)));
        assertThat(process.launch().view(ROUND)).isEqualTo(published);
        assertByHand(
                Files.write(
                        folder.resolve("published"),
                        registry.bytes(published.published(), "adapter_model.safetensors")));
    }

    /**
     * The confidences of {@link TinyModel#manifest}: the first letter of the name over 256 for head
     * 0, twice that for head 1.
     */
    private void assertByHand(Path published) throws IOException {
        Path parent = folder.resolve("models/adapter_model.safetensors");
        try (SafetensorsFile result = SafetensorsFile.open(published);
                SafetensorsFile before = SafetensorsFile.open(parent);
                SafetensorsFile ada = SafetensorsFile.open(folder.resolve("update-" + ADA));
                SafetensorsFile bob = SafetensorsFile.open(folder.resolve("update-" + BOB));
                SafetensorsFile eve = SafetensorsFile.open(folder.resolve("update-" + EVE))) {
            String b = "base_model.model.%s.query.lora_B.weight"; // [8, 2], 8 values per head
            float[] first = result.floats(b.formatted(BLOCK));
            float[] second = result.floats(b.formatted(NEXT_BLOCK));
            float[] ofAda = ada.floats(b.formatted(BLOCK));
            float[] ofBob = bob.floats(b.formatted(BLOCK));
            float[] lastOfBob = bob.floats(b.formatted(NEXT_BLOCK));
            float[] lastOfEve = eve.floats(b.formatted(NEXT_BLOCK));
            for (int i = 0; i < 8; i++) {
                double both = (30 * 97.0 * ofAda[i] + 10 * 98.0 * ofBob[i]) / (30 * 97 + 10 * 98);
                double last =
                        (10 * 98.0 * lastOfBob[i] + 20 * 101.0 * lastOfEve[i])
                                / (10 * 98 + 20 * 101);
                assertThat(first[i]).as("kept by two").isEqualTo((float) both);
                assertThat(first[8 + i]).as("kept by ada alone").isEqualTo(ofAda[8 + i]);
                assertThat(second[i])
                        .as("kept by nobody")
                        .isEqualTo(before.floats(b.formatted(NEXT_BLOCK))[i]);
                assertThat(second[8 + i]).as("kept by two").isEqualTo((float) last);
            }
            String a = "base_model.model.%s.query.lora_A.weight";
            float[] shared = result.floats(a.formatted(BLOCK));
            float[] head = result.floats(CLASSIFIER);
            for (int i = 0; i < 16; i++) {
                assertThat(shared[i])
                        .as("eve kept no head of this block")
                        .isEqualTo(
                                (float)
                                        ((30.0 * ada.floats(a.formatted(BLOCK))[i]
                                                        + 10.0 * bob.floats(a.formatted(BLOCK))[i])
                                                / 40));
                assertThat(head[i])
                        .isEqualTo(
                                (float)
                                        ((30.0 * ada.floats(CLASSIFIER)[i]
                                                        + 10.0 * bob.floats(CLASSIFIER)[i]
                                                        + 20.0 * eve.floats(CLASSIFIER)[i])
                                                / 60));
            }
        }
    }

    private static RoundSession headWeighted() {
        return TinyModel.with(
                new AggregationSpec.HeadWeighted(null, 50.0),
                TinyModel.session(
                        invitation(ADA, new HeadAllowance(2, Map.of(BLOCK, List.of(0)))),
                        invitation(BOB, new HeadAllowance(2, Map.of())),
                        invitation(EVE, new HeadAllowance(2, Map.of()))));
    }

    private void handIn(
            Service service, AgentName agent, long examples, Map<AgentName, Scope> chosen)
            throws IOException {
        byte[] update = update(agent, chosen.get(agent), examples, examples);
        assertThat(service.handIn(ROUND, agent, update).status()).isEqualTo(201);
    }

    private byte[] combinedWithoutAnyService() throws IOException {
        Path result = folder.resolve("expected.safetensors");
        new RoundCombiner(MaskedMean.sequential())
                .combine(
                        TinyModel.layout(),
                        folder.resolve("models/adapter_model.safetensors"),
                        List.of(brought(ADA, 30), brought(BOB, 10)),
                        AggregationRule.of(
                                TinyModel.training(TinyModel.session()).aggregation(),
                                TinyModel.layout()),
                        result);
        return Files.readAllBytes(result);
    }

    private Brought brought(AgentName agent, long examples) {
        return new Brought(agent, examples, null, folder.resolve("update-" + agent));
    }

    private byte[] update(AgentName agent, long examples, long seed) throws IOException {
        return update(agent, Scope.whole(), examples, seed);
    }

    private byte[] update(AgentName agent, Scope scope, long examples, long seed)
            throws IOException {
        return Files.readAllBytes(
                TinyModel.update(
                        folder.resolve("update-" + agent),
                        folder.resolve("models/adapter_model.safetensors"),
                        TinyModel.manifest(agent, scope, examples),
                        seed));
    }
}
