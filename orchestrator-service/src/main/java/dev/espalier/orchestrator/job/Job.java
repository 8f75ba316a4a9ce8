package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.orchestrator.ranks.ComponentMaps;
import dev.espalier.orchestrator.round.Exam;
import dev.espalier.orchestrator.round.RoundOrder;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.TaskKind;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.update.AdapterLayout;
import java.time.Instant;
import java.util.ArrayList;
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
                exams(number));
    }

    /** Whether the job prunes its base at first. */
    boolean prunes() {
        return phase(0) instanceof PhaseSpec.Prune;
    }

    /**
     * Modules that its adapter targets, in ascending order of name; every phase that fine-tunes
     * goes on with the same ones. None where no phase does.
     */
    List<ComponentMap.Module> modules() {
        return specification.phases().stream()
                .filter(PhaseSpec.FineTune.class::isInstance)
                .findFirst()
                .map(phase -> ((PhaseSpec.FineTune) phase).adapter())
                .map(this::modules)
                .orElse(List.of());
    }

    private List<ComponentMap.Module> modules(AdapterSpec adapter) {
        return ComponentMaps.modules(AdapterLayout.of(structure, adapter, specification.task()))
                .stream()
                .map(name -> new ComponentMap.Module(name, adapter.rank()))
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

    private static boolean goesOver(PhaseSpec before, PhaseSpec after) {
        return before instanceof PhaseSpec.FineTune from
                && after instanceof PhaseSpec.FineTune to
                && from.ranks() != null
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

    private PhaseSpec phase(int index) {
        return specification.phases().get(index);
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

    /**
     * A round that prunes cannot be evaluated where the model has no task head before it trains.
     */
    private List<Exam> exams(int number) {
        EvaluationSpec wanted = specification.evaluation();
        boolean headless =
                specification.task().kind() == TaskKind.SEQUENCE_CLASSIFICATION
                        && phase(phaseOf(number)) instanceof PhaseSpec.Prune;
        if (wanted == null || headless) {
            return List.of();
        }
        List<Exam> exams = new ArrayList<>();
        boolean last = number == rounds();
        if (last || number % wanted.everyRounds() == 0) {
            exams.add(new Exam(Piece.Kind.EVALUATE, wanted.data()));
            if (wanted.clientData() != null) {
                exams.add(new Exam(Piece.Kind.EVALUATE_AT_CLIENTS, wanted.clientData()));
            }
        }
        if (last && wanted.finalData() != null) {
            exams.add(new Exam(Piece.Kind.EVALUATE_FINALLY, wanted.finalData()));
        }
        return exams;
    }
}
