package dev.espalier.benchmarks.experiment;

import dev.espalier.protocol.DataName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import java.nio.file.Path;
import java.util.List;

/** Small studies. */
public final class Jobs {

    private Jobs() {}

    /** Everyone is in its cohorts. */
    public static Arm arm(String name, int rounds) {
        return arm(name, rounds, new SelectionSpec.All());
    }

    public static Arm arm(String name, int rounds, SelectionSpec selection) {
        return new Arm(
                name,
                List.of(
                        new PhaseSpec.FineTune(
                                rounds,
                                selection,
                                new AdapterSpec(2, 4.0, 0.0, List.of("query")),
                                null,
                                null,
                                null,
                                null,
                                new TrainingSpec(1, 4, 0.01, null, null, null, null, 16),
                                null,
                                null)));
    }

    public static Study study(List<Arm> arms, List<Long> seeds, Holding... holdings) {
        return new Study(
                "small",
                "A small study",
                Path.of("model"),
                new ModelShape(2, 2, 16, 32),
                new ModelName("base"),
                TaskSpec.classification(List.of("ham", "spam"), 16),
                new DataName("mail"),
                new EvaluationSpec(
                        new DataName("mail-validation"), 1, null, new DataName("mail-test")),
                List.of(holdings),
                arms,
                seeds,
                List.of(),
                arms.getFirst().name(),
                0.4,
                List.of());
    }
}
