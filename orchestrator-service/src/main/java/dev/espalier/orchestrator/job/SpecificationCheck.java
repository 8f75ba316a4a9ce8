package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.neighbour.NeighbourUnavailable;
import dev.espalier.orchestrator.neighbour.Registry;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.VersionManifest;
import jakarta.validation.Validator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Checks a specification as a whole, so that its author learns everything at once. */
@Component
class SpecificationCheck {

    private final ValueRules values;
    private final Registry registry;

    SpecificationCheck(Validator validator, Registry registry) {
        this.values = new ValueRules(validator);
        this.registry = registry;
    }

    /** What came of a check. */
    sealed interface Checked {

        /**
         * @param complete the specification with every default filled in
         * @param base what its base pointer means now
         */
        record Sound(JobSpecification complete, VersionManifest base, ModelStructure structure)
                implements Checked {}

        /**
         * @param violations in ascending order of field; never empty
         */
        record Refused(List<Violation> violations) implements Checked {}
    }

    /**
     * @throws NeighbourUnavailable if the registry does not answer, and nothing else is wrong
     */
    Checked check(JobSpecification job) {
        List<Violation> found = new ArrayList<>(values.of(job));
        found.addAll(ModelRules.names(job.model()));
        Optional<VersionManifest> base = Optional.empty();
        try {
            base = lookUp(job, found);
        } catch (NeighbourUnavailable silent) {
            if (found.isEmpty()) {
                throw silent;
            }
        }
        if (found.isEmpty() && base.isPresent() && base.get().structure() != null) {
            ModelStructure structure = base.get().structure();
            return new Checked.Sound(complete(job, structure), base.get(), structure);
        }
        found.sort(Comparator.comparing(Violation::field).thenComparing(Violation::reason));
        return new Checked.Refused(List.copyOf(found));
    }

    private Optional<VersionManifest> lookUp(JobSpecification job, List<Violation> found) {
        if (job.model() == null || job.model().base() == null) {
            return Optional.empty(); // said already
        }
        Optional<VersionManifest> base = registry.find(job.model().base());
        if (base.isEmpty()) {
            found.add(
                    Violation.model(
                            "model.base", "'%s' is not registered".formatted(job.model().base())));
        } else if (job.phases() != null) {
            found.addAll(ModelRules.base(job, base.get()));
        }
        if (job.model().publishAs() != null
                && !job.model().publishAs().equals(job.model().base().model())) {
            String latest = ModelPointer.LATEST.value();
            ModelRules.publishable(registry.find(new ModelPointer(job.model().publishAs(), latest)))
                    .ifPresent(found::add);
        }
        if (found.isEmpty()) {
            ModelRules.basesFit(job, registry::find).ifPresent(found::add);
        }
        return base;
    }

    private static JobSpecification complete(JobSpecification job, ModelStructure structure) {
        List<PhaseSpec> phases =
                job.phases().stream().map(phase -> complete(phase, structure)).toList();
        return new JobSpecification(
                job.name(),
                job.seed(),
                job.model(),
                job.data(),
                job.task(),
                phases,
                job.evaluation(),
                job.alias());
    }

    private static PhaseSpec complete(PhaseSpec phase, ModelStructure structure) {
        return switch (phase) {
            case PhaseSpec.Prune p -> p;
            case PhaseSpec.FineTune p -> {
                AdapterSpec adapter =
                        p.adapter().targetModules() == null
                                ? p.adapter().withTargetModules(structure.defaultTargetModules())
                                : p.adapter();
                yield new PhaseSpec.FineTune(
                        p.rounds(),
                        p.selection(),
                        adapter,
                        p.pruning(),
                        p.ranks(),
                        p.quantisation(),
                        p.aggregation(),
                        p.training(),
                        p.deadline(),
                        p.quorum());
            }
        };
    }
}
