package dev.espalier.aggregation;

import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.BOB;
import static dev.espalier.aggregation.TinyModel.ROUND;
import static dev.espalier.aggregation.TinyModel.invitation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.aggregation.combine.AggregationRule;
import dev.espalier.aggregation.combine.Brought;
import dev.espalier.aggregation.combine.RoundCombiner;
import dev.espalier.postgres.testing.TestPostgres;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.State;
import dev.espalier.protocol.update.RoundSessionView.UpdateState;
import dev.espalier.protocol.update.Scope;
import dev.espalier.tensors.combine.MaskedMean;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * The service as a process of its own, that is killed without warning (SIGKILL) and started again.
 */
class RestartIT {

    @TempDir Path folder;

    private final JdbcConnectionDetails database = TestPostgres.shared().freshDatabase();
    private FakeRegistry registry;
    private Process process;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        registry.holdTinyModel(Files.createDirectories(folder.resolve("models")));
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
        registry.close();
    }

    @Test
    void whatWasAcceptedSurvivesAKillAndIsPublishedWithTheSameBytes() throws Exception {
        Service first = launch();
        first.open(
                TinyModel.session(invitation(ADA, Scope.whole()), invitation(BOB, Scope.whole())));
        assertThat(first.handIn(ROUND, ADA, update(ADA, 30, 1)).status()).isEqualTo(201);
        kill();

        Service second = launch();
        assertThat(second.view(ROUND).updates().getFirst().state()).isEqualTo(UpdateState.ACCEPTED);
        assertThat(second.handIn(ROUND, BOB, update(BOB, 10, 2)).status()).isEqualTo(201);
        registry.unwell(true);
        assertThat(second.seal(ROUND).status()).isEqualTo(202);
        kill();

        registry.unwell(false);
        RoundSessionView published = launch().await(ROUND, view -> view.state() == State.PUBLISHED);

        assertThat(registry.bytes(published.published(), "adapter_model.safetensors"))
                .isEqualTo(combinedWithoutAnyService());
        assertThat(registry.publications()).isEqualTo(1);
    }

    private byte[] combinedWithoutAnyService() throws IOException {
        Path result = folder.resolve("expected.safetensors");
        new RoundCombiner(MaskedMean.sequential())
                .combine(
                        TinyModel.layout(),
                        folder.resolve("models/adapter_model.safetensors"),
                        List.of(brought(ADA, 30), brought(BOB, 10)),
                        AggregationRule.of(TinyModel.session().aggregation(), TinyModel.layout()),
                        result);
        return Files.readAllBytes(result);
    }

    private Brought brought(AgentName agent, long examples) {
        return new Brought(agent, examples, null, folder.resolve("update-" + agent));
    }

    private byte[] update(AgentName agent, long examples, long seed) throws IOException {
        return Files.readAllBytes(
                TinyModel.update(
                        folder.resolve("update-" + agent),
                        folder.resolve("models/adapter_model.safetensors"),
                        TinyModel.manifest(agent, Scope.whole(), examples),
                        seed));
    }

    private Service launch() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                AggregationApplication.class.getName(),
                                "--server.port=" + port,
                                "--spring.datasource.url=" + database.getJdbcUrl(),
                                "--spring.datasource.username=" + database.getUsername(),
                                "--spring.datasource.password=" + database.getPassword(),
                                "--espalier.registry.url=" + registry.url(),
                                "--espalier.registry.attempts=1",
                                "--espalier.publish.lease=1s",
                                "--espalier.storage.folder=" + folder.resolve("service"))
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("service.log").toFile())
                        .start();
        Service service = new Service(port);
        service.awaitReady();
        return service;
    }

    private void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
