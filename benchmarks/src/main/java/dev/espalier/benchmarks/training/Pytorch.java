package dev.espalier.benchmarks.training;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A Python process that trains in plain PyTorch when it is told to, and sleeps between. */
final class Pytorch implements AutoCloseable {

    private static final List<String> CANDIDATES = List.of("python3", "/usr/bin/python3");

    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter orders;
    private final String version;

    private Pytorch(Process process) throws IOException {
        this.process = process;
        answers = process.inputReader();
        orders = process.outputWriter();
        version = answer();
    }

    /** A Python that has PyTorch. */
    static Optional<String> python() throws IOException, InterruptedException {
        for (String candidate : CANDIDATES) {
            Process asked =
                    new ProcessBuilder(candidate, "-c", "import torch")
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (asked.waitFor() == 0) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /**
     * @param arguments script and what it asks for
     */
    static Pytorch start(String python, List<String> arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(python);
        builder.command().addAll(arguments);
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().put("OPENBLAS_NUM_THREADS", "1");
        builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
        return new Pytorch(builder.start());
    }

    static List<String> arguments(Path script, Path model, Path adapter, Path batch, double rate) {
        return List.of(
                script.toString(),
                model.toString(),
                adapter.toString(),
                batch.toString(),
                Double.toString(rate));
    }

    String version() {
        return version;
    }

    /**
     * @param variant as the script knows it
     */
    Contender variant(String name, String variant) {
        return new Contender() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Spent run(int steps) throws IOException {
                return ordered(variant, steps);
            }
        };
    }

    private Spent ordered(String variant, int steps) throws IOException {
        orders.write("%s %d%n".formatted(variant, steps));
        orders.flush();
        String[] numbers = answer().split(" ", -1);
        double perStep = 1e3 / steps;
        return new Spent(
                Double.parseDouble(numbers[0]) * perStep,
                Double.parseDouble(numbers[1]) * perStep,
                Double.parseDouble(numbers[2]));
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the Python process ended; its last words are above");
        }
        return line;
    }

    /** Ends it: it has read all its orders. */
    @Override
    public void close() throws IOException {
        orders.close();
        process.destroy();
    }
}
