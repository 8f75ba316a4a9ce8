package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.combine.AggregationRule;
import dev.espalier.aggregation.combine.Brought;
import dev.espalier.aggregation.combine.HeadCensus;
import dev.espalier.aggregation.combine.KeptHeads;
import dev.espalier.aggregation.combine.RoundCombiner;
import dev.espalier.aggregation.intake.UpdateShelf;
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
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Turns one sealed round into its version. Safe to call again after a crash, and by two at once.
 */
@Component
class RoundPublisher {

    private final Publisher publisher;
    private final ModelRegistry registry;
    private final UpdateShelf shelf;
    private final RoundCombiner combiner;

    RoundPublisher(
            Publisher publisher,
            ModelRegistry registry,
            UpdateShelf shelf,
            RoundCombiner combiner) {
        this.publisher = publisher;
        this.registry = registry;
        this.shelf = shelf;
        this.combiner = combiner;
    }

    Outcome publish(Work work) throws IOException {
        RoundTerms terms = work.terms();
        Publisher.Frame frame = publisher.frame(terms.base(), terms.adapter(), terms.task());
        AdapterLayout layout = frame.layout();
        Path parent = registry.file(registry.version(terms.parent()), VersionPaths.ADAPTER_WEIGHTS);
        List<Brought> brought =
                work.counted().stream().map(counted -> brought(terms, counted)).toList();
        AggregationRule rule = AggregationRule.of(terms.aggregation(), layout);
        VersionManifest version =
                publisher.adapter(
                        terms.publishAs(),
                        "round:" + terms.round(),
                        frame,
                        lineage(work),
                        file -> combiner.combine(layout, parent, brought, rule, file));
        return new Outcome(version.ref(), null, heads(frame.structure(), brought), null);
    }

    private Brought brought(RoundTerms terms, Counted counted) {
        Path file = shelf.update(terms.round(), counted.agent(), counted.digest());
        return new Brought(counted.agent(), counted.examples(), counted.heads(), file);
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
