package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.combine.ClientProducts;
import dev.espalier.aggregation.combine.ClientProducts.Absent;
import dev.espalier.aggregation.combine.RankOptimalCombiner;
import dev.espalier.aggregation.combine.RoundCombiner;
import dev.espalier.aggregation.neighbour.ModelRegistry;
import dev.espalier.aggregation.neighbour.VersionPaths;
import dev.espalier.aggregation.session.Outcome;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Publishes rounds whose rule takes the mean of the clients' products: RANK_OPTIMAL, whose adapter
 * is the nearest to it, and STACKING, which merges it into the base.
 */
@Component
class ProductRounds {

    private final Publisher publisher;
    private final ModelRegistry registry;
    private final RoundCombiner combiner;

    ProductRounds(Publisher publisher, ModelRegistry registry, RoundCombiner combiner) {
        this.publisher = publisher;
        this.registry = registry;
        this.combiner = combiner;
    }

    Outcome nearest(RoundInputs round) throws IOException {
        AdapterDraw fresh = new AdapterDraw(round.terms().seed());
        try (ClientProducts products = open(round);
                Draft draft = publisher.draft()) {
            List<ModuleComponents> components =
                    nearest(
                            products,
                            round.frame().scale(),
                            fresh,
                            draft.file(VersionPaths.ADAPTER_WEIGHTS));
            VersionManifest adapter =
                    publisher.adapter(
                            round.terms().publishAs(),
                            round.key(),
                            round.frame(),
                            round.lineage(),
                            draft);
            return new Outcome(adapter.ref(), null, null, components);
        }
    }

    private List<ModuleComponents> nearest(
            ClientProducts products, double scale, AdapterDraw fresh, Path file)
            throws IOException {
        try {
            return new RankOptimalCombiner(combiner).combine(products, scale, fresh::values, file);
        } catch (ArithmeticException notFound) {
            throw new ProblemException(
                    ProblemType.COMBINATION_REFUSED,
                    "RANK_OPTIMAL cannot combine these updates: " + notFound.getMessage());
        }
    }

    /**
     * Two versions, each under the round's key in its own model: a crash between them leaves a base
     * that the next attempt finds again.
     */
    Outcome stacked(RoundInputs round) throws IOException {
        AdapterDraw fresh = new AdapterDraw(round.terms().seed());
        try (ClientProducts products = open(round);
                Draft draft = publisher.draft()) {
            VersionManifest base = base(round, products);
            combiner.combine(
                    products,
                    tensor ->
                            sink -> {
                                float[] values = fresh.values(tensor);
                                sink.floats(0, values, 0, values.length);
                            },
                    draft.file(VersionPaths.ADAPTER_WEIGHTS));
            VersionManifest adapter =
                    publisher.adapter(
                            round.terms().publishAs(),
                            round.key(),
                            round.frame().on(base.ref()),
                            round.lineage(),
                            draft);
            return new Outcome(adapter.ref(), base.ref(), null, components(round, products));
        }
    }

    /** The base of the round with the mean of the clients' products merged into it. */
    private VersionManifest base(RoundInputs round, ClientProducts products) throws IOException {
        VersionManifest before = registry.version(round.terms().base());
        Publisher.Frame frame = round.frame();
        try (BaseFiles files = BaseFiles.open(registry, before);
                Draft draft = publisher.draft()) {
            List<MatrixSparsity> sparsity =
                    files.merge(new RoundAdditions(products), frame.scale(), true, draft);
            HouseJson.write(
                    MergedConfig.widened(files.config()), draft.file(VersionPaths.MODEL_CONFIG));
            files.takeTheRest(draft);
            return publisher.publish(
                    round.terms().publishBaseAs(),
                    round.key(),
                    VersionKind.MERGED,
                    draft,
                    before.ref(),
                    round.lineage(sparsity),
                    before.structure());
        }
    }

    private static ClientProducts open(RoundInputs round) throws IOException {
        if (round.brought().stream().anyMatch(update -> update.heads() != null)) {
            throw new ProblemException(
                    ProblemType.COMBINATION_REFUSED,
                    "updates with pruned heads have no whole components to multiply");
        }
        return ClientProducts.open(
                round.frame().layout(),
                absent(round.work().ranks()),
                round.parent(),
                round.brought());
    }

    private static Absent absent(@Nullable RankSpec ranks) {
        if (ranks == null) {
            return Absent.PARENT;
        }
        return switch (ranks.variant()) {
            case FREEZING, HOMOGENEOUS -> Absent.PARENT;
            case TRUNCATION, PREFIX -> Absent.NOTHING;
        };
    }

    /** Those of a fresh adapter have no importance yet; absent where all clients trained all. */
    private static @Nullable List<ModuleComponents> components(
            RoundInputs round, ClientProducts products) throws IOException {
        if (round.work().ranks() == null) {
            return null;
        }
        List<ModuleComponents> components = new ArrayList<>();
        for (String module : products.modules()) {
            List<Integer> contributors = products.contributors(module);
            int rank = contributors.size();
            components.add(
                    new ModuleComponents(
                            module,
                            contributors,
                            Collections.nCopies(rank, 0.0),
                            Collections.nCopies(rank, 0),
                            null));
        }
        return components;
    }
}
