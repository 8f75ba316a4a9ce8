package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.intake.TakenUpdates;
import dev.espalier.aggregation.neighbour.ModelRegistry;
import dev.espalier.aggregation.neighbour.VersionPaths;
import dev.espalier.aggregation.session.Outcome;
import dev.espalier.aggregation.session.SealedRounds.Counted;
import dev.espalier.aggregation.session.SealedRounds.Work;
import dev.espalier.aggregation.sparse.Expansion;
import dev.espalier.aggregation.sparse.SparseCombiner;
import dev.espalier.aggregation.sparse.SparseUpdate;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.SparseAggregationSpec;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.update.RoundSessionView.OwnVersion;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.tensors.combine.TieOrder;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.stereotype.Component;

/**
 * Publishes rounds that prune a base: the sparse base that comes of all updates, or, with the rule
 * STANDALONE, of each. Nothing of a model is in memory but what {@link SparseCombiner} says.
 */
@Component
class PruneRounds {

    private final Publisher publisher;
    private final ModelRegistry registry;
    private final TakenUpdates updates;
    private final SparseCombiner combiner;

    PruneRounds(
            Publisher publisher,
            ModelRegistry registry,
            TakenUpdates updates,
            SparseCombiner combiner) {
        this.publisher = publisher;
        this.registry = registry;
        this.updates = updates;
        this.combiner = combiner;
    }

    /** A base and how sparse its matrices are. */
    private record Sparse(VersionRef version, List<MatrixSparsity> matrices) {}

    Outcome publish(Work work, RoundWork.Prune pruning) throws IOException {
        String key = "round:" + work.terms().round();
        try (BaseFiles base = BaseFiles.open(registry, registry.version(work.terms().base()))) {
            return switch (pruning.aggregation()) {
                case SparseAggregationSpec.Standalone _ -> standalone(work, base, key);
                case SparseAggregationSpec.L0 _,
                        SparseAggregationSpec.L0MaskExpansion _,
                        SparseAggregationSpec.RandomExpansion _ -> {
                    Expansion expansion = expansion(pruning, work.terms().seed());
                    Sparse sparse = sparse(work, work.counted(), base, expansion, key);
                    yield Outcome.pruned(sparse.version(), null, sparse.matrices());
                }
            };
        }
    }

    /**
     * One version for each client, under a key of its own: a crash between them leaves some that
     * the next attempt finds again.
     */
    private Outcome standalone(Work work, BaseFiles base, String key) throws IOException {
        List<Sparse> all = new ArrayList<>();
        List<OwnVersion> own = new ArrayList<>();
        for (Counted one : work.counted()) {
            Sparse sparse =
                    sparse(work, List.of(one), base, new Expansion.None(), key + ":" + one.agent());
            all.add(sparse);
            own.add(new OwnVersion(one.agent(), sparse.version()));
        }
        return Outcome.pruned(all.getFirst().version(), own, all.getFirst().matrices());
    }

    private Sparse sparse(
            Work work, List<Counted> counted, BaseFiles base, Expansion expansion, String key)
            throws IOException {
        List<SparseUpdate> brought =
                counted.stream().map(one -> updates.pruned(work.terms().round(), one)).toList();
        try (Draft draft = publisher.draft()) {
            List<MatrixSparsity> matrices =
                    combiner.combine(
                            base.into(
                                    draft.file(VersionPaths.MODEL_MASK),
                                    draft.file(VersionPaths.MODEL_WEIGHTS)),
                            base.matrices().names(),
                            brought,
                            expansion);
            base.takeConfig(draft);
            base.takeTheRest(draft);
            VersionManifest version =
                    publisher.publish(
                            work.terms().publishBaseAs(),
                            key,
                            VersionKind.MERGED,
                            draft,
                            work.terms().base(),
                            work.lineage(counted, matrices),
                            base.structure());
            return new Sparse(version.ref(), matrices);
        }
    }

    private static Expansion expansion(RoundWork.Prune pruning, long seed) {
        return switch (pruning.aggregation()) {
            case SparseAggregationSpec.L0 _, SparseAggregationSpec.Standalone _ ->
                    new Expansion.None();
            case SparseAggregationSpec.L0MaskExpansion rule ->
                    new Expansion.Adaptive(share(pruning), ties(rule), seed);
            case SparseAggregationSpec.RandomExpansion _ ->
                    new Expansion.Random(share(pruning), seed);
        };
    }

    private static BigDecimal share(RoundWork.Prune pruning) {
        return Objects.requireNonNull(pruning.sparsity(), "checked when the session was opened");
    }

    private static TieOrder ties(SparseAggregationSpec.L0MaskExpansion rule) {
        return switch (rule.ties()) {
            case MAGNITUDE_THEN_INDEX -> TieOrder.MAGNITUDE_THEN_INDEX;
            case INDEX -> TieOrder.INDEX;
            case SEEDED_RANDOM -> TieOrder.SEEDED_RANDOM;
        };
    }
}
