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
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
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

    RoundPublisher(
            Publisher publisher,
            ModelRegistry registry,
            TakenUpdates updates,
            RoundCombiner combiner) {
        this.publisher = publisher;
        this.registry = registry;
        this.updates = updates;
        this.combiner = combiner;
    }

    Outcome publish(Work work) throws IOException {
        RoundTerms terms = work.terms();
        Publisher.Frame frame = publisher.frame(terms.base(), terms.adapter(), terms.task());
        AdapterLayout layout = frame.layout();
        VersionManifest parent = registry.version(terms.parent());
        Path before = registry.file(parent, VersionPaths.ADAPTER_WEIGHTS);
        List<Brought> brought = brought(work);
        AggregationRule rule = AggregationRule.of(terms.aggregation(), layout);
        try (Draft draft = publisher.draft()) {
            combiner.combine(
                    layout, before, brought, rule, draft.file(VersionPaths.ADAPTER_WEIGHTS));
            List<ModuleComponents> components =
                    components(terms, layout, parent, before, brought, draft);
            VersionManifest version =
                    publisher.adapter(
                            terms.publishAs(),
                            "round:" + terms.round(),
                            frame,
                            lineage(work),
                            draft);
            return new Outcome(version.ref(), null, heads(frame.structure(), brought), components);
        }
    }

    /** What became of components where ranks differ, with what lasts of it in the draft. */
    private @Nullable List<ModuleComponents> components(
            RoundTerms terms,
            AdapterLayout layout,
            VersionManifest parent,
            Path before,
            List<Brought> brought,
            Draft draft)
            throws IOException {
        if (terms.ranks() == null) {
            return null;
        }
        Optional<Path> prior =
                parent.file(VersionPaths.AGGREGATION_STATE)
                        .map(file -> registry.file(parent, file.path()));
        return new AggregationState(terms.ranks().importance(), layout, brought)
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

    private static Lineage lineage(Work work) {
        RoundTerms terms = work.terms();
        return new Lineage(
                terms.parent(),
                terms.job(),
                terms.round(),
                terms.number(),
                work.counted().stream()
                        .map(one -> new Lineage.Contributor(one.agent(), one.examples()))
                        .toList());
    }
}
