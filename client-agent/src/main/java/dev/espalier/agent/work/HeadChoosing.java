package dev.espalier.agent.work;

import dev.espalier.agent.journal.Page;
import dev.espalier.lm.cost.ModelCost;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.head.ConfidenceSettings;
import dev.espalier.lm.head.HeadChoice;
import dev.espalier.lm.head.HeadMagnitude;
import dev.espalier.lm.head.HeadScope;
import dev.espalier.lm.head.HeadScores;
import dev.espalier.lm.head.RandomHeads;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.work.HeadPlan;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Scores the heads of the received model, dense, on some of the owner's rows and chooses which to
 * keep (algorithms.md A.3 steps 3 and 4, inferred). Confidence is measured whatever heads are
 * ranked by, since it is their weight when updates are combined.
 */
final class HeadChoosing {

    private final HeadPlan plan;
    private final ReadyModel model;
    private final ModelStructure structure;
    private final LocalRows calibration;
    private final int batch;
    private final long seed;

    /**
     * @param model received, with all heads
     * @param calibration rows to score on
     * @param batch rows that are read at a time
     * @param seed of random scores
     */
    HeadChoosing(HeadPlan plan, ReadyModel model, LocalRows calibration, int batch, long seed) {
        this.plan = plan;
        this.model = model;
        this.structure = model.base().structure();
        this.calibration = calibration;
        this.batch = batch;
        this.seed = seed;
    }

    /**
     * @throws CannotDoException if the plan does not fit the model or itself
     */
    Page.Heads choose(LongSupplier nanoTime) throws IOException {
        HeadMask forced = HeadNames.mask(structure, plan.allowance().forced());
        Stopwatch watch = new Stopwatch(nanoTime);
        HeadScores confidence = calibration.confidence(model, settings(), batch);
        HeadMask kept = chosen(ranked(confidence), forced);
        return new Page.Heads(
                HeadNames.kept(structure, kept),
                confidenceOf(kept, confidence),
                watch.seconds(),
                scoringMacs());
    }

    private ConfidenceSettings settings() {
        HeadPruningSpec asked = plan.settings();
        return new ConfidenceSettings(
                asked.excludeEosQuery(),
                asked.excludeEosKey(),
                asked.skipSingleKeyQueries(),
                ConfidenceSettings.Average.TOKENS);
    }

    private HeadScores ranked(HeadScores confidence) {
        return switch (plan.settings().score()) {
            case CONFIDENCE -> confidence;
            case RANDOM -> RandomHeads.of(structure, seed);
            case MAGNITUDE -> HeadMagnitude.of(model.base());
            case IMPORTANCE -> calibration.importance(model, batch);
        };
    }

    private HeadMask chosen(HeadScores scores, HeadMask forced) {
        HeadPruningSpec asked = plan.settings();
        HeadScope scope =
                switch (asked.ranking()) {
                    case GLOBAL -> HeadScope.GLOBAL;
                    case PER_BLOCK -> HeadScope.PER_BLOCK;
                    case TOP_BLOCKS -> HeadScope.TOP_BLOCKS;
                };
        try {
            HeadMask kept =
                    new HeadChoice(plan.sparsity(), scope, asked.minPerBlock())
                            .choose(scores, forced);
            return requireAllowed(kept);
        } catch (IllegalArgumentException contradiction) {
            throw new CannotDoException(
                    "heads cannot be chosen like this: " + contradiction.getMessage());
        }
    }

    private HeadMask requireAllowed(HeadMask kept) {
        int most = plan.allowance().atMost();
        if (kept.kept() > most) {
            throw new CannotDoException(
                    "sparsity, minPerBlock and forced heads ask for %d heads, %d are allowed"
                            .formatted(kept.kept(), most));
        }
        return kept;
    }

    /** A mean of attentions; rounding may have lifted it above 1. */
    private Map<String, List<Double>> confidenceOf(HeadMask kept, HeadScores confidence) {
        Map<String, List<Double>> named = new LinkedHashMap<>();
        for (int block = 0; block < kept.blocks(); block++) {
            int number = block;
            named.put(
                    structure.attention().get(block).name(),
                    kept.keptHeads(block).stream()
                            .map(head -> Math.clamp(confidence.score(number, head), 0, 1))
                            .toList());
        }
        return named;
    }

    private long scoringMacs() {
        ModelCost dense = ModelCost.of(model.base().heads(), model.adapter());
        long forward =
                calibration.shapes(batch).stream().mapToLong(b -> dense.of(b).forward()).sum();
        boolean backwardToo = plan.settings().score() == HeadPruningSpec.Score.IMPORTANCE;
        long training =
                calibration.shapesInOrder(batch).stream()
                        .mapToLong(b -> dense.of(b).training())
                        .sum();
        return backwardToo ? forward + training : forward;
    }
}
