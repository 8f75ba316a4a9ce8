package dev.espalier.aggregation.intake;

import static dev.espalier.aggregation.TinyModel.ADA;

import dev.espalier.aggregation.TinyModel;
import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.update.Scope;
import jakarta.validation.Validation;
import java.nio.file.Path;
import tools.jackson.databind.json.JsonMapper;

/** The check as the service puts it together, without the service. */
final class Inspections {

    static final long MOST_EXAMPLES = 1000;

    private static final UpdateInspector INSPECTOR =
            new UpdateInspector(
                    new ManifestReader(
                            JsonMapper.shared(),
                            Validation.buildDefaultValidatorFactory().getValidator()),
                    MOST_EXAMPLES);

    private Inspections() {}

    static UpdateInspector inspector() {
        return INSPECTOR;
    }

    static Expectation expectation(Scope scope, Double maxNorm, Path parent) {
        RoundTerms terms =
                new RoundTerms(
                        TinyModel.ROUND,
                        TinyModel.JOB,
                        1,
                        TinyModel.FILTER,
                        TinyModel.BASE,
                        TinyModel.PARENT,
                        TinyModel.ADAPTER,
                        TinyModel.TASK,
                        new AggregationSpec.FedAvg(maxNorm),
                        TinyModel.DEADLINE);
        return new Expectation(terms, ADA, scope, TinyModel.layout(), parent);
    }
}
