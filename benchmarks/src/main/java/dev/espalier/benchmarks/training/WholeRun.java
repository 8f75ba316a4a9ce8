package dev.espalier.benchmarks.training;

import com.sun.management.OperatingSystemMXBean;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.train.ClassificationTrainer;
import dev.espalier.lm.train.LearningRateSchedule;
import dev.espalier.lm.train.ProgressListener;
import dev.espalier.lm.train.TrainingRun;
import dev.espalier.lm.train.TrainingSettings;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * A whole training from its beginning, again in every turn: what it spends is per run.
 *
 * @param stateBytes memory for states that are computed once; 0 for none
 */
record WholeRun(String name, BaseModel base, List<Example> texts, int epochs, long stateBytes)
        implements Contender {

    static final int BATCH = 16;

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    @Override
    public Spent run(int steps) {
        long cpu = SYSTEM.getProcessCpuTime();
        long wall = System.nanoTime();
        double loss;
        try (TrainingRun run =
                new ClassificationTrainer(base, MiniLm.ADAPTER, settings())
                        .begin(base.freshAdapter(MiniLm.ADAPTER, 1), texts)) {
            run.run(ProgressListener.none(), () -> false);
            loss = run.result().lastLoss();
        }
        return new Spent(
                (SYSTEM.getProcessCpuTime() - cpu) / 1e6, (System.nanoTime() - wall) / 1e6, loss);
    }

    private TrainingSettings settings() {
        return new TrainingSettings(
                epochs,
                BATCH,
                1,
                2e-5,
                LearningRateSchedule.CONSTANT,
                0.01,
                0,
                1,
                Integer.MAX_VALUE,
                false,
                1,
                stateBytes);
    }
}
