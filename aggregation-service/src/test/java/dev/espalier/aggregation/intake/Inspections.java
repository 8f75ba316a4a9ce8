package dev.espalier.aggregation.intake;

import static dev.espalier.aggregation.TinyModel.ADA;

import dev.espalier.aggregation.TinyModel;
import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UploadPlan;
import jakarta.validation.Validation;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The check as the service puts it together, without the service. */
final class Inspections {

    static final long MOST_EXAMPLES = 1000;
    static final long LONGEST_MANIFEST = 10_000;

    private static final UpdateInspector INSPECTOR =
            new UpdateInspector(
                    new ManifestReader(
                            JsonMapper.shared(),
                            Validation.buildDefaultValidatorFactory().getValidator(),
                            LONGEST_MANIFEST),
                    MOST_EXAMPLES);

    private Inspections() {}

    static UpdateInspector inspector() {
        return INSPECTOR;
    }

    /**
     * For an agent that is asked for these components and may choose these heads, if it keeps any.
     */
    static TrainingExpectation expectation(Scope scope, @Nullable Double maxNorm, Path parent) {
        Scope asked = new Scope(null, scope.components());
        HeadAllowance heads = scope.heads() == null ? null : TinyModel.anyHeads();
        return expectation(asked, heads, TinyModel.layout(), maxNorm, parent);
    }

    /**
     * For an agent of a round in which ranks differ; it may choose heads where the scope has any.
     */
    static TrainingExpectation expectation(
            Scope scope,
            @Nullable RankSpec ranks,
            @Nullable UploadPlan upload,
            @Nullable Double maxNorm,
            Path parent) {
        TrainingExpectation plain = expectation(scope, maxNorm, parent);
        RoundTerms terms = plain.terms();
        RoundWork.FineTune work =
                new RoundWork.FineTune(
                        plain.work().adapter(),
                        plain.work().task(),
                        plain.work().aggregation(),
                        ranks);
        return new TrainingExpectation(
                new RoundTerms(
                        terms.round(),
                        terms.job(),
                        terms.number(),
                        terms.publishAs(),
                        terms.base(),
                        terms.parent(),
                        work,
                        terms.seed(),
                        terms.deadline()),
                work,
                ADA,
                plain.scope(),
                plain.heads(),
                upload,
                plain.layout(),
                parent);
    }

    static TrainingExpectation expectation(
            Scope asked,
            @Nullable HeadAllowance heads,
            AdapterLayout layout,
            @Nullable Double maxNorm,
            Path parent) {
        RoundWork.FineTune work =
                new RoundWork.FineTune(
                        TinyModel.ADAPTER,
                        TinyModel.TASK,
                        new AggregationSpec.FedAvg(maxNorm),
                        null);
        RoundTerms terms =
                new RoundTerms(
                        TinyModel.ROUND,
                        TinyModel.JOB,
                        1,
                        TinyModel.FILTER,
                        TinyModel.BASE,
                        TinyModel.PARENT,
                        work,
                        1,
                        TinyModel.DEADLINE);
        return new TrainingExpectation(terms, work, ADA, asked, heads, null, layout, parent);
    }
}
