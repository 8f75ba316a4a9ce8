package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.combine.AggregationRule;
import dev.espalier.aggregation.combine.Brought;
import dev.espalier.aggregation.combine.HeadCensus;
import dev.espalier.aggregation.combine.KeptHeads;
import dev.espalier.aggregation.combine.RoundCombiner;
import dev.espalier.aggregation.importance.AggregationState;
import dev.espalier.aggregation.intake.TakenUpdates;
import dev.espalier.aggregation.neighbour.ModelRegistry;
import dev.espalier.aggregation.neighbour.VersionPaths;
import dev.espalier.aggregation.session.Outcome;
import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.aggregation.session.SealedRounds.Counted;
import dev.espalier.aggregation.session.SealedRounds.Work;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import dev.espalier.protocol.update.RoundWork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Turns one sealed round into its version. Safe to call again after a crash, and by two at once.
 */
@Component
class RoundPublisher {

    private final Publisher publisher;
    private final ModelRegistry registry;
    private final TakenUpdates updates;
    private final RoundCombiner combiner;
    private final ProductRounds products;
    private final PruneRounds prunings;

    RoundPublisher(
            Publisher publisher,
            ModelRegistry registry,
            TakenUpdates updates,
            RoundCombiner combiner,
            ProductRounds products,
            PruneRounds prunings) {
        this.publisher = publisher;
        this.registry = registry;
        this.updates = updates;
        this.combiner = combiner;
        this.products = products;
        this.prunings = prunings;
    }

    Outcome publish(Work work) throws IOException {
        return switch (work.terms().work()) {
            case RoundWork.FineTune training -> trained(inputs(work, training));
            case RoundWork.Prune pruning -> prunings.publish(work, pruning);
        };
    }

    private Outcome trained(RoundInputs round) throws IOException {
        return switch (round.work().aggregation()) {
            case AggregationSpec.Stacking _ -> products.stacked(round);
            case AggregationSpec.RankOptimal _ -> products.nearest(round);
            case AggregationSpec.FedAvg _,
                    AggregationSpec.HeadWeighted _,
                    AggregationSpec.RankAdaptive _,
                    AggregationSpec.ZeroPadding _ ->
                    mean(round);
        };
    }

    private Outcome mean(RoundInputs round) throws IOException {
        RoundTerms terms = round.terms();
        AdapterLayout layout = round.frame().layout();
        AggregationRule rule = AggregationRule.of(round.work().aggregation(), layout);
        List<Brought> brought = round.brought();
        try (Draft draft = publisher.draft()) {
            Path weights = draft.file(VersionPaths.ADAPTER_WEIGHTS);
            combiner.combine(layout, round.parent(), brought, rule, weights);
            List<ModuleComponents> components =
                    components(
                            round.work().ranks(),
                            layout,
                            registry.version(terms.parent()),
                            round.parent(),
                            brought,
                            draft);
            VersionManifest version =
                    publisher.adapter(
                            terms.publishAs(), round.key(), round.frame(), round.lineage(), draft);
            return new Outcome(
                    version.ref(), null, heads(round.frame().structure(), brought), components);
        }
    }

    private RoundInputs inputs(Work work, RoundWork.FineTune training) throws IOException {
        RoundTerms terms = work.terms();
        return new RoundInputs(
                terms,
                training,
                publisher.frame(terms.base(), training.adapter(), training.task()),
                registry.file(registry.version(terms.parent()), VersionPaths.ADAPTER_WEIGHTS),
                brought(work),
                work.lineage(work.counted(), null));
    }

    /** What became of components where ranks differ, with what lasts of it in the draft. */
    private @Nullable List<ModuleComponents> components(
            @Nullable RankSpec ranks,
            AdapterLayout layout,
            VersionManifest parent,
            Path before,
            List<Brought> brought,
            Draft draft)
            throws IOException {
        if (ranks == null) {
            return null;
        }
        Optional<Path> prior =
                parent.file(VersionPaths.AGGREGATION_STATE)
                        .map(file -> registry.file(parent, file.path()));
        return new AggregationState(ranks.importance(), layout, brought)
                .follow(
                        prior,
                        before,
                        draft.file(VersionPaths.ADAPTER_WEIGHTS),
                        draft.file(VersionPaths.AGGREGATION_STATE));
    }

    private List<Brought> brought(Work work) throws IOException {
        List<Brought> brought = new ArrayList<>();
        for (Counted counted : work.counted()) {
            brought.add(updates.brought(work.terms().round(), counted));
        }
        return brought;
    }

    private static @Nullable List<BlockHeads> heads(
            ModelStructure structure, List<Brought> brought) {
        List<KeptHeads> kept =
                brought.stream().map(Brought::heads).filter(Objects::nonNull).toList();
        return kept.isEmpty() ? null : HeadCensus.of(structure, kept);
    }
}
