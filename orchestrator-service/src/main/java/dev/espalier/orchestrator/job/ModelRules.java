package dev.espalier.orchestrator.job;

import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.update.RoundSession;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Whether a specification fits the models it names (algorithms.md D.3). Looks only at fields whose
 * values are sound in themselves.
 */
final class ModelRules {

    private static final int LONGEST_PUBLISH_NAME = 56; // so that '-merged' fits behind it

    private ModelRules() {}

    /** What can be said of names without looking them up. */
    static List<Violation> names(JobSpecification.@Nullable ModelSpec model) {
        List<Violation> found = new ArrayList<>();
        if (model == null || model.base() == null || model.publishAs() == null) {
            return found; // said already
        }
        ModelName base = model.base().model();
        String publishAs = model.publishAs().value();
        if (publishAs.length() > LONGEST_PUBLISH_NAME) {
            found.add(
                    Violation.value(
                            "model.publishAs",
                            "must be 56 characters at most, since '-merged' is put behind it"));
        } else if (model.publishAs().equals(base)
                || Job.mergedName(model.publishAs()).equals(base)) {
            found.add(
                    Violation.combination(
                            "model.publishAs",
                            "must be another name than that of the base, which stays as it is"));
        }
        return found;
    }

    /** Whether what was published under the name before are adapters too. */
    static Optional<Violation> publishable(Optional<VersionManifest> latest) {
        return latest.filter(version -> version.kind() != VersionKind.ADAPTER)
                .map(version ->
                        Violation.combination(
                                "model.publishAs",
                                "holds versions of kind %s; choose another name for the adapters"
                                        .formatted(version.kind())));
    }

    /** Whether the bases that stacking and pruning make have a name to themselves. */
    static Optional<Violation> basesFit(
            JobSpecification job, Function<ModelPointer, Optional<VersionManifest>> registry) {
        return firstMaker(job.phases())
                .filter(maker -> !isFree(job.model(), registry))
                .map(maker ->
                        Violation.combination(
                                maker.field(),
                                ("%s publishes its bases as '%s', which holds other models; choose"
                                                + " another model.publishAs")
                                        .formatted(
                                                maker.name(),
                                                RoundSession.basesOf(job.model().publishAs()))));
    }

    private static boolean isFree(
            JobSpecification.ModelSpec model,
            Function<ModelPointer, Optional<VersionManifest>> registry) {
        ModelName bases = RoundSession.basesOf(model.publishAs());
        return !bases.equals(model.base().model())
                && registry.apply(new ModelPointer(bases, ModelPointer.LATEST.value()))
                        .filter(version -> version.kind() != VersionKind.MERGED)
                        .isEmpty();
    }

    /** What makes bases. */
    private record Maker(String field, String name) {}

    private static Optional<Maker> firstMaker(List<PhaseSpec> phases) {
        for (int i = 0; i < phases.size(); i++) {
            String at = "phases[" + i + "]";
            PhaseSpec phase = phases.get(i); // a list from outside may hold null
            if (phase instanceof PhaseSpec.Prune) {
                return Optional.of(new Maker(at + ".kind", "PRUNE"));
            }
            if (phase instanceof PhaseSpec.FineTune tuning
                    && tuning.aggregation() instanceof AggregationSpec.Stacking) {
                return Optional.of(new Maker(at + ".aggregation.rule", "STACKING"));
            }
        }
        return Optional.empty();
    }

    /** Whether the job can be done with this base at all. */
    static List<Violation> base(JobSpecification job, VersionManifest base) {
        List<Violation> found = new ArrayList<>();
        if (base.kind() == VersionKind.ADAPTER) {
            found.add(
                    Violation.fit(
                            "model.base",
                            "%s is an adapter; a job needs a BASE or a MERGED model"
                                    .formatted(base.ref())));
            return found;
        }
        ModelStructure structure = base.structure();
        if (structure == null) {
            found.add(
                    Violation.fit(
                            "model.base",
                            "%s was registered without its structure, so no job can be planned"
                                    .formatted(base.ref())));
            return found;
        }
        if (job.task() != null) {
            TaskRules.fit(job.task(), structure, found);
        }
        for (int i = 0; i < job.phases().size(); i++) {
            switch (job.phases().get(i)) {
                case PhaseSpec.FineTune tune -> phase("phases[" + i + "]", tune, structure, found);
                case PhaseSpec.Prune prune ->
                        PruneRules.fit("phases[" + i + "]", prune, structure, found);
                case null -> {} // said already
            }
        }
        sameShape(job.phases(), structure, found);
        return found;
    }

    private static void phase(
            String at, PhaseSpec.FineTune phase, ModelStructure structure, List<Violation> found) {
        adapter(at + ".adapter", phase.adapter(), structure, found);
        if (phase.adapter() != null) {
            HeadRules.fit(at, phase, structure, linears(phase.adapter(), structure), found);
        }
    }

    private static void adapter(
            String at,
            @Nullable AdapterSpec adapter,
            ModelStructure structure,
            List<Violation> found) {
        if (adapter == null) {
            return; // said already
        }
        List<String> named = adapter.targetModules();
        List<String> targets = targets(adapter, structure);
        if (targets.isEmpty()) {
            found.add(
                    Violation.fit(
                            at + ".targetModules",
                            "the base has no usual target modules, so they must be named"));
        }
        for (int i = 0; i < targets.size(); i++) {
            String field = at + ".targetModules" + (named == null ? "" : "[" + i + "]");
            target(field, at + ".rank", targets.get(i), adapter.rank(), structure, found);
        }
    }

    private static void target(
            String field,
            String rankField,
            String target,
            int rank,
            ModelStructure structure,
            List<Violation> found) {
        List<Linear> linears = structure.targets(target);
        if (linears.isEmpty()) {
            found.add(
                    Violation.fit(
                            field,
                            "'%s' names no linear layer of this %s model"
                                    .formatted(target, structure.family())));
        }
        linears.stream()
                .filter(linear -> rank > Math.min(linear.in(), linear.out()))
                .findFirst()
                .map(linear ->
                        Violation.fit(
                                rankField,
                                "a rank above %d makes no sense on %s [%d, %d]"
                                        .formatted(
                                                Math.min(linear.in(), linear.out()),
                                                linear.name(),
                                                linear.out(),
                                                linear.in())))
                .filter(violation -> !found.contains(violation))
                .ifPresent(found::add);
    }

    private static List<String> targets(AdapterSpec adapter, ModelStructure structure) {
        return adapter.targetModules() == null
                ? structure.defaultTargetModules()
                : adapter.targetModules();
    }

    /**
     * A later phase goes on with the adapter of the one before, so it must be of the same shape.
     */
    private static void sameShape(
            List<PhaseSpec> phases, ModelStructure structure, List<Violation> found) {
        AdapterSpec first = null;
        for (int i = 0; i < phases.size(); i++) {
            if (!(phases.get(i) instanceof PhaseSpec.FineTune phase) || phase.adapter() == null) {
                continue;
            }
            AdapterSpec adapter = phase.adapter();
            if (first != null && !sameShape(first, adapter, structure)) {
                found.add(
                        Violation.combination(
                                "phases[" + i + "].adapter",
                                "must have the rank, alpha and target modules of the first"
                                        + " FINE_TUNE phase, since it goes on with its adapter"));
            }
            first = first == null ? adapter : first;
        }
    }

    private static boolean sameShape(AdapterSpec one, AdapterSpec other, ModelStructure structure) {
        return one.rank() == other.rank()
                && one.alpha().equals(other.alpha())
                && linears(one, structure).equals(linears(other, structure));
    }

    private static Set<Linear> linears(AdapterSpec adapter, ModelStructure structure) {
        Set<Linear> linears = new HashSet<>();
        targets(adapter, structure).forEach(name -> linears.addAll(structure.targets(name)));
        return linears;
    }
}
