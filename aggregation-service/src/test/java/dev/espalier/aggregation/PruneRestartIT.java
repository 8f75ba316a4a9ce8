package dev.espalier.aggregation;

import static dev.espalier.aggregation.LayeredModel.BASE;
import static dev.espalier.aggregation.LayeredModel.BASES;
import static dev.espalier.aggregation.LayeredModel.EXPANDED;
import static dev.espalier.aggregation.LayeredModel.STANDALONE;
import static dev.espalier.aggregation.LayeredModel.invitation;
import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.BOB;
import static dev.espalier.aggregation.TinyModel.EVE;
import static dev.espalier.aggregation.TinyModel.ROUND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.aggregation.sparse.Expansion;
import dev.espalier.aggregation.sparse.SparseUpdate;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.SparseAggregationSpec;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.OwnVersion;
import dev.espalier.protocol.update.RoundSessionView.State;
import dev.espalier.protocol.update.RoundSessionView.UpdateState;
import dev.espalier.protocol.update.Scope;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.combine.TieOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds that prune a base, by a process that is killed in their midst. */
class PruneRestartIT {

    private static final String WEIGHTS = "model.safetensors";
    private static final String MASK = "mask.safetensors";

    @TempDir Path folder;

    private FakeRegistry registry;
    private ServiceProcess process;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        registry.hold(
                BASE,
                VersionKind.BASE,
                null,
                LayeredModel.structure(),
                LayeredModel.base(folder.resolve(WEIGHTS), DType.F32),
                Files.writeString(folder.resolve("config.json"), "{}"));
        process = new ServiceProcess(folder, registry);
    }

    @AfterEach
    void stop() throws InterruptedException {
        process.close();
        registry.close();
    }

    @Test
    void whatWasAcceptedSurvivesKillsAndBecomesTheSameBytes() throws Exception {
        RoundSession session = session(EXPANDED);
        Service first = process.launch();
        assertThat(first.open(session).status()).isEqualTo(201);
        handIn(first, session, EVE);
        handIn(first, session, ADA);
        process.kill();

        Service second = process.launch();
        assertThat(second.open(session).status()).isEqualTo(200);
        assertThat(second.view(ROUND).updates().getFirst().state()).isEqualTo(UpdateState.ACCEPTED);
        assertThat(second.view(ROUND).updates().getFirst().layers()).isEqualTo(3);
        handIn(second, session, BOB);
        registry.unwell(true);
        second.seal(ROUND);
        process.kill();

        registry.unwell(false);
        RoundSessionView view =
                process.launch().await(ROUND, one -> one.state() == State.PUBLISHED);
        process.kill();

        assertThat(registry.publications()).isEqualTo(1);
        assertBytes(
                view.published(),
                new Expansion.Adaptive(
                        LayeredModel.HALF, TieOrder.MAGNITUDE_THEN_INDEX, session.seed()),
                ADA,
                BOB,
                EVE);
        assertThat(process.launch().view(ROUND)).isEqualTo(view);
    }

    @Test
    void basesOfClientsThatLieThereBeforeAKillAreFoundAgain() throws Exception {
        RoundSession session = session(STANDALONE);
        Service first = process.launch();
        first.open(session);
        for (AgentName agent : List.of(BOB, EVE, ADA)) {
            handIn(first, session, agent);
        }
        registry.taking(1);
        first.seal(ROUND);
        awaitVersion(1);
        process.kill();

        registry.taking(Integer.MAX_VALUE);
        RoundSessionView view =
                process.launch().await(ROUND, one -> one.state() == State.PUBLISHED);

        assertThat(registry.publications()).as("the one that was there, once").isEqualTo(3);
        assertThat(view.standalone())
                .containsExactly(
                        new OwnVersion(ADA, new VersionRef(BASES, 1)),
                        new OwnVersion(BOB, new VersionRef(BASES, 2)),
                        new OwnVersion(EVE, new VersionRef(BASES, 3)));
        for (OwnVersion own : view.standalone()) {
            assertBytes(own.version(), new Expansion.None(), own.agent());
        }
    }

    private static RoundSession session(SparseAggregationSpec rule) {
        return LayeredModel.session(
                ROUND,
                BASE,
                LayeredModel.half(rule),
                invitation(EVE, 0, 1, 2),
                invitation(BOB, 0, 1, 2),
                invitation(ADA, 0, 1, 2));
    }

    private void handIn(Service service, RoundSession session, AgentName agent) throws IOException {
        Scope all = Scope.ofLayers(List.of(0, 1, 2));
        Path file =
                LayeredModel.write(
                        file(agent),
                        LayeredModel.manifest(session, agent, 4, 0, 1, 2),
                        LayeredModel.halfOf(LayeredModel.structure(), all, agent.hashCode()),
                        DType.F32);
        assertThat(service.handIn(ROUND, agent, Files.readAllBytes(file)).status()).isEqualTo(201);
    }

    private Path file(AgentName agent) {
        return folder.resolve("update-" + agent);
    }

    /** The same files as by one thread, without any service. */
    private void assertBytes(VersionRef version, Expansion expansion, AgentName... agents)
            throws IOException {
        List<SparseUpdate> updates = new ArrayList<>();
        for (AgentName agent : agents) {
            updates.add(new SparseUpdate(agent, 1, file(agent)));
        }
        LayeredModel.Combined wanted = LayeredModel.combined(folder, updates, expansion);
        assertThat(registry.bytes(version, MASK)).isEqualTo(wanted.mask());
        assertThat(registry.bytes(version, WEIGHTS)).isEqualTo(wanted.weights());
    }

    private void awaitVersion(int number) {
        long giveUp = System.nanoTime() + 120_000_000_000L;
        while (registry.version(new VersionRef(BASES, number)) == null) {
            assertThat(System.nanoTime()).as("nothing is published").isLessThan(giveUp);
            LockSupport.parkNanos(20_000_000);
        }
    }
}
