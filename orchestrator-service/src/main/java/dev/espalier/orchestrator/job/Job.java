package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.round.RoundOrder;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.model.ModelStructure;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One job.
 *
 * @param specification complete, with every default filled in
 * @param base what the base pointer meant when the job was submitted
 * @param structure of the base
 * @param waitingFor why nothing moves
 */
record Job(
        JobId id,
        JobSpecification specification,
        VersionRef base,
        ModelStructure structure,
        JobStatus status,
        @Nullable String waitingFor,
        Instant createdAt) {

    private static final String MERGED = "-merged";

    /** How many rounds there will be over all phases. */
    int rounds() {
        return specification.phases().stream().mapToInt(PhaseSpec::rounds).sum();
    }

    /** The model that takes the merged version. */
    static ModelName mergedName(ModelName publishAs) {
        return new ModelName(publishAs + MERGED);
    }

    ModelName publishAs() {
        return specification.model().publishAs();
    }

    /**
     * What is wanted of one round.
     *
     * @param number from 1 to {@link #rounds()}
     */
    RoundOrder order(int number) {
        int phase = phaseOf(number);
        return new RoundOrder(
                id,
                specification.seed(),
                base,
                structure,
                publishAs(),
                specification.data(),
                specification.task(),
                phase,
                measuredSince(phase),
                phase(phase),
                number,
                number - roundsBefore(phase),
                rounds(),
                evaluateOn(number),
                finallyOn(number));
    }

    /**
     * Modules that its adapter targets, in ascending order of name; every phase goes on with the
     * same ones.
     */
    List<ComponentMap.Module> modules() {
        RoundOrder first = order(1);
        return first.modules().stream()
                .map(name -> new ComponentMap.Module(name, first.work().adapter().rank()))
                .toList();
    }

    /**
     * The first of the phases up to this one whose clients train components of the same worth: the
     * adapter goes on from phase to phase, and so does the state of its components.
     */
    private int measuredSince(int phase) {
        int since = phase;
        while (since > 0 && goesOver(phase(since - 1), phase(since))) {
            since--;
        }
        return since;
    }

    private static boolean goesOver(PhaseSpec.FineTune from, PhaseSpec.FineTune to) {
        return from.ranks() != null
                && to.ranks() != null
                && from.ranks().importance().equals(to.ranks().importance())
                && isMean(from.aggregation())
                && isMean(to.aggregation());
    }

    /** Stacking starts afresh every round, and a decomposition forms components anew. */
    private static boolean isMean(AggregationSpec aggregation) {
        return switch (aggregation) {
            case AggregationSpec.FedAvg _,
                    AggregationSpec.HeadWeighted _,
                    AggregationSpec.RankAdaptive _,
                    AggregationSpec.ZeroPadding _ ->
                    true;
            case AggregationSpec.Stacking _, AggregationSpec.RankOptimal _ -> false;
        };
    }

    private PhaseSpec.FineTune phase(int index) {
        return switch (specification.phases().get(index)) {
            case PhaseSpec.FineTune fineTune -> fineTune;
            case PhaseSpec.Prune _ -> throw new IllegalStateException("refused when submitted");
        };
    }

    private int phaseOf(int number) {
        for (int phase = 0; phase < specification.phases().size(); phase++) {
            if (number <= roundsBefore(phase + 1)) {
                return phase;
            }
        }
        throw new IllegalArgumentException(
                "job %s has %d rounds, not %d".formatted(id, rounds(), number));
    }

    private int roundsBefore(int phase) {
        return specification.phases().stream().limit(phase).mapToInt(PhaseSpec::rounds).sum();
    }

    private @Nullable DataName finallyOn(int number) {
        EvaluationSpec evaluation = specification.evaluation();
        return evaluation == null || number < rounds() ? null : evaluation.finalData();
    }

    private @Nullable DataName evaluateOn(int number) {
        EvaluationSpec evaluation = specification.evaluation();
        if (evaluation == null) {
            return null;
        }
        boolean due = number % evaluation.everyRounds() == 0 || number == rounds();
        return due ? evaluation.data() : null;
    }
}
