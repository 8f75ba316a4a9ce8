package dev.espalier.benchmarks.training;

import com.sun.management.OperatingSystemMXBean;
import dev.espalier.lm.train.TrainingRun;
import java.lang.management.ManagementFactory;

/** A run of ours. Its processor time is that of the whole process: compiler and collector too. */
record OurTraining(String name, TrainingRun run) implements Contender {

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    @Override
    public Spent run(int steps) {
        long cpu = SYSTEM.getProcessCpuTime();
        long wall = System.nanoTime();
        double loss = Double.NaN;
        for (int step = 0; step < steps; step++) {
            loss = run.step().loss();
        }
        double nanos = 1e6 * steps;
        return new Spent(
                (SYSTEM.getProcessCpuTime() - cpu) / nanos,
                (System.nanoTime() - wall) / nanos,
                loss);
    }
}
