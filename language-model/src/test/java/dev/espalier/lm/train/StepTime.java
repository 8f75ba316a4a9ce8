package dev.espalier.lm.train;

import com.sun.management.OperatingSystemMXBean;
import dev.espalier.lm.MiniLm;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.compute.RandomStream;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.TokenSequence;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Measures training steps of the real MiniLM with LoRA r 8 on query and value, batch 16, full
 * texts. Not a test: run its main with the arguments length, steps, threads, adapter dropout, model
 * dropout, such as {@code 64 30 1 0.05 false}. The time that counts on a shared machine is the
 * processor time of the whole process.
 */
final class StepTime {

    private static final int BATCH = 16;

    private StepTime() {}

    public static void main(String[] args) throws IOException {
        int length = Integer.parseInt(args[0]);
        int steps = Integer.parseInt(args[1]);
        Compute.useThreads(Integer.parseInt(args[2]));
        AdapterSettings adapter =
                new AdapterSettings(
                        8,
                        16,
                        Double.parseDouble(args[3]),
                        TargetModules.names("query", "value"),
                        TaskHead.trained(List.of("ham", "spam")));
        TrainingSettings settings =
                new TrainingSettings(
                        1,
                        BATCH,
                        1,
                        5e-4,
                        LearningRateSchedule.LINEAR,
                        0.01,
                        0,
                        1,
                        steps,
                        Boolean.parseBoolean(args[4]),
                        1);
        Path folder = Files.createTempDirectory("minilm");
        try (BaseModel base =
                        BaseModel.load(
                                MiniLm.importInto(folder),
                                args.length > 5 ? Precision.valueOf(args[5]) : Precision.SINGLE);
                TrainingRun run =
                        new ClassificationTrainer(base, adapter, settings)
                                .begin(base.freshAdapter(adapter, 1), texts(steps, length))) {
            System.out.println(String.join(" ", args) + ": " + measured(run));
        } finally {
            for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
                Files.deleteIfExists(folder.resolve(file));
            }
            Files.delete(folder);
        }
    }

    private static String measured(TrainingRun run) throws IOException {
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        double[] processor = new double[run.steps()];
        double[] wall = new double[run.steps()];
        String early = "";
        for (int step = 0; !run.isDone(); step++) {
            long processorBefore = system.getProcessCpuTime();
            long wallBefore = System.nanoTime();
            run.step();
            processor[step] = (system.getProcessCpuTime() - processorBefore) / 1e6;
            wall[step] = (System.nanoTime() - wallBefore) / 1e6;
            if (step == run.steps() / 4) {
                early = resident();
            }
        }
        return "ms per step: processor %s, wall %s; resident %s after a quarter, %s at the end"
                .formatted(summary(processor), summary(wall), early, resident());
    }

    private static String summary(double[] millis) {
        double[] sorted = Arrays.stream(millis).sorted().toArray();
        return "%.0f min, %.0f median".formatted(sorted[0], sorted[sorted.length / 2]);
    }

    /** As Linux tells. */
    private static String resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .map(line -> line.replaceAll("\\D", "") + " kB")
                .findFirst()
                .orElse("unknown");
    }

    private static List<Example> texts(int steps, int length) {
        RandomStream any = RandomStream.of(1);
        List<Example> texts = new ArrayList<>();
        for (int n = 0; n < steps * BATCH; n++) {
            int[] ids = new int[length];
            for (int t = 0; t < length; t++) {
                ids[t] = 1000 + any.nextInt(20_000);
            }
            texts.add(new Example(new TokenSequence(ids, new int[length]), any.nextInt(2)));
        }
        return texts;
    }
}
