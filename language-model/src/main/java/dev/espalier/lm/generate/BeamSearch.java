package dev.espalier.lm.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Follows several sequences side by side, with the bookkeeping of {@code BeamSearchScorer} in
 * transformers 4.31, so that the same sequences come out:
 *
 * <ul>
 *   <li>Of all tokens after all open sequences the {@code 2 · beams} likeliest are looked at (more
 *       with several end tokens). The first {@code beams} that do not end a sequence stay open.
 *   <li>A sequence that ends is complete if it was among the first {@code beams}. Its score leaves
 *       the end token out of the length.
 *   <li>The best {@code beams} complete sequences are kept.
 *   <li>What is still open when the length is reached counts as complete.
 * </ul>
 */
final class BeamSearch {

    /** Keeps all but the first of the equal sequences at the start out of the running. */
    private static final float HOPELESS = -1e9f;

    private final NextTokens model;
    private final GenerationSettings settings;
    private final List<Hypothesis> complete = new ArrayList<>();
    private List<Beam> open = new ArrayList<>();

    /** An open sequence with its log probability, rounded as transformers rounds it. */
    private static final class Beam {
        final int[] ids;
        final float logProbability;

        Beam(int[] ids, float logProbability) {
            this.ids = ids;
            this.logProbability = logProbability;
        }
    }

    /**
     * One more token after an open sequence.
     *
     * @param number in the order of beams and ids, to tell equals apart
     */
    private record Step(Beam beam, int token, float logProbability, long number) {

        static final Comparator<Step> WORST_FIRST =
                Comparator.comparingDouble(Step::logProbability)
                        .thenComparing(Comparator.comparingLong(Step::number).reversed());

        int[] ids() {
            int[] longer = Arrays.copyOf(beam.ids, beam.ids.length + 1);
            longer[beam.ids.length] = token;
            return longer;
        }
    }

    BeamSearch(NextTokens model, GenerationSettings settings) {
        this.model = model;
        this.settings = settings;
    }

    /** To be called once. */
    Hypothesis continued(int[] prompt) {
        for (int beam = 0; beam < settings.beams(); beam++) {
            open.add(new Beam(prompt, beam == 0 ? 0 : HOPELESS));
        }
        boolean done = false;
        for (int n = 0; n < settings.maxNewTokens() && !done && !open.isEmpty(); n++) {
            int length = prompt.length + n;
            List<Step> steps = likeliest();
            advance(steps);
            done = isDone(steps.getFirst().logProbability, length);
        }
        if (!done) {
            open.forEach(beam -> keep(beam.ids, beam.logProbability));
        }
        return ended(best(), prompt.length + settings.maxNewTokens());
    }

    /** Descending; of equals the earlier beam and lower id first. */
    private List<Step> likeliest() {
        int wanted = Math.max(2, 1 + settings.endTokens().size()) * settings.beams();
        float[][] next = model.after(open.stream().map(beam -> beam.ids).toList());
        PriorityQueue<Step> kept = new PriorityQueue<>(Step.WORST_FIRST);
        long number = 0;
        for (int b = 0; b < next.length; b++) {
            Beam beam = open.get(b);
            for (int token = 0; token < next[b].length; token++) {
                float sum = next[b][token] + beam.logProbability;
                number++;
                if (kept.size() < wanted || sum > kept.element().logProbability) {
                    kept.add(new Step(beam, token, sum, number));
                    if (kept.size() > wanted) {
                        kept.remove();
                    }
                }
            }
        }
        return kept.stream().sorted(Step.WORST_FIRST.reversed()).toList();
    }

    private void advance(List<Step> steps) {
        List<Beam> next = new ArrayList<>();
        for (int rank = 0; rank < steps.size() && next.size() < settings.beams(); rank++) {
            Step step = steps.get(rank);
            if (!settings.endTokens().contains(step.token)) {
                next.add(new Beam(step.ids(), step.logProbability));
            } else if (rank < settings.beams()) {
                keep(step.beam.ids, step.logProbability);
            }
        }
        open = next;
    }

    private void keep(int[] ids, float logProbability) {
        Hypothesis ended = new Hypothesis(ids, logProbability, settings.lengthPenalty());
        if (complete.size() == settings.beams()) {
            if (ended.score <= worst().score) {
                return;
            }
            complete.remove(worst());
        }
        complete.add(ended);
    }

    /** The first of the worst. */
    private Hypothesis worst() {
        return complete.stream().min(Comparator.comparingDouble(h -> h.score)).orElseThrow();
    }

    /** The last of the best. */
    private Hypothesis best() {
        Hypothesis best = complete.getFirst();
        for (Hypothesis other : complete) {
            if (other.score >= best.score) {
                best = other;
            }
        }
        return best;
    }

    /**
     * @param logProbability of the best step
     * @param length of the sequences before the step
     */
    private boolean isDone(float logProbability, int length) {
        if (complete.size() < settings.beams()) {
            return false;
        }
        double attainable = logProbability / Math.pow(length, settings.lengthPenalty());
        return settings.earlyStopping() || worst().score >= attainable;
    }

    /** A sequence shorter than could be was ended; its end token is put back. */
    private Hypothesis ended(Hypothesis hypothesis, int longest) {
        if (hypothesis.ids.length >= longest || settings.endTokens().isEmpty()) {
            return hypothesis;
        }
        int[] ids = Arrays.copyOf(hypothesis.ids, hypothesis.ids.length + 1);
        ids[ids.length - 1] = settings.endTokens().getFirst();
        return hypothesis.withIds(ids);
    }
}
