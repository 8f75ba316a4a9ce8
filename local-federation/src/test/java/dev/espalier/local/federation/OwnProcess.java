package dev.espalier.local.federation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/**
 * Each part in a JVM of its own, on the class path of the tests. It is never asked to stop: it is
 * killed, as by {@code kill -9}.
 */
final class OwnProcess implements Launcher {

    private static final Duration READY_WITHIN = Duration.ofMinutes(2);
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    private final Path logs;
    private final HttpClient http = HttpClient.newHttpClient();

    OwnProcess(Path logs) {
        this.logs = logs;
    }

    @Override
    public Running launch(Part part, Map<String, String> settings) {
        try {
            Process process = start(part, settings);
            Thread reaper = new Thread(process::destroyForcibly);
            Runtime.getRuntime().addShutdownHook(reaper);
            awaitReady(part, process, settings.get("server.port"));
            return () -> {
                kill(process);
                Runtime.getRuntime().removeShutdownHook(reaper);
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Process start(Part part, Map<String, String> settings) throws IOException {
        Files.createDirectories(logs);
        Path log = logs.resolve(part.program() + ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx300m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED"));
        command.add(program(part));
        settings.forEach((name, value) -> command.add("--" + name + "=" + value));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private static String program(Part part) {
        return switch (part) {
            case REGISTRY -> "dev.espalier.registry.RegistryApplication";
            case AGGREGATION -> "dev.espalier.aggregation.AggregationApplication";
            case ORCHESTRATOR -> "dev.espalier.orchestrator.OrchestratorApplication";
            case AGENTS -> "dev.espalier.agent.AgentApplication";
        };
    }

    private void awaitReady(Part part, Process process, String port) throws InterruptedException {
        HttpRequest readiness =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:" + port + "/actuator/health/readiness"))
                        .timeout(Duration.ofSeconds(5))
                        .build();
        long patience = READY_WITHIN.dividedBy(LOOK_EVERY);
        for (long looked = 0; looked < patience; looked++) {
            if (!process.isAlive()) {
                throw new IllegalStateException(part + " ended; see " + logs);
            }
            if (answers(readiness)) {
                return;
            }
            Thread.sleep(LOOK_EVERY);
        }
        throw new IllegalStateException(part + " was not ready in time; see " + logs);
    }

    private boolean answers(HttpRequest readiness) throws InterruptedException {
        try {
            return http.send(readiness, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static void kill(Process process) {
        try {
            process.destroyForcibly().onExit().get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
