package dev.espalier.local.corpus;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Deals a corpus out to providers unevenly, as life does: for every label a draw from Dirichlet(α,
 * ..., α) says which share of it each provider holds (Hsu, Qi and Brown 2019, arXiv 1909.06335).
 * The smaller α, the more lopsided. Same corpus, same seed, same deal.
 *
 * @param alpha concentration, above 0
 * @param least the fewest texts a provider may hold
 */
public record DirichletDeal(int providers, double alpha, int least, long seed) {

    public DirichletDeal {
        if (providers < 1) {
            throw new IllegalArgumentException("there must be a provider: " + providers);
        }
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("alpha must be above 0: " + alpha);
        }
    }

    /**
     * One corpus for every provider: disjoint, together all of it, no group torn.
     *
     * @throws IllegalArgumentException where there is too little text for so many
     */
    public List<Corpus> deal(Corpus corpus) {
        if (corpus.size() < (long) providers * least) {
            throw new IllegalArgumentException(
                    "%d texts are too few for %d providers with at least %d each"
                            .formatted(corpus.size(), providers, least));
        }
        Random chance = new Random(seed);
        List<List<List<LabelledText>>> hands =
                IntStream.range(0, providers)
                        .<List<List<LabelledText>>>mapToObj(provider -> new ArrayList<>())
                        .toList();
        corpus.byLabel(chance.nextLong())
                .values()
                .forEach(groups -> dealLabel(groups, shares(chance), hands));
        evenOut(hands);
        return hands.stream().map(Corpus::new).toList();
    }

    /** Each group goes to whoever is furthest below the share that was drawn for them. */
    private void dealLabel(
            List<List<LabelledText>> groups,
            double[] shares,
            List<List<List<LabelledText>>> hands) {
        double[] owed = shares.clone();
        int total = groups.stream().mapToInt(List::size).sum();
        for (int i = 0; i < providers; i++) {
            owed[i] *= total;
        }
        for (List<LabelledText> group : groups) {
            int next = indexOfLargest(owed);
            hands.get(next).add(group);
            owed[next] -= group.size();
        }
    }

    /** Who got too little takes the last groups of whoever holds most. */
    private void evenOut(List<List<List<LabelledText>>> hands) {
        for (List<List<LabelledText>> hand : hands) {
            while (texts(hand) < least) {
                List<List<LabelledText>> richest =
                        hands.stream()
                                .max(Comparator.comparingInt(DirichletDeal::texts))
                                .orElseThrow();
                if (richest.equals(hand) || richest.size() < 2) {
                    throw new IllegalArgumentException(
                            "near-duplicates tie too much of the text together for so many"
                                    + " providers");
                }
                hand.add(richest.removeLast());
            }
        }
    }

    private static int texts(List<List<LabelledText>> hand) {
        return hand.stream().mapToInt(List::size).sum();
    }

    private double[] shares(Random chance) {
        double[] draws = IntStream.range(0, providers).mapToDouble(i -> gamma(chance)).toArray();
        double sum = Arrays.stream(draws).sum();
        // for tiny alpha every draw may underflow; then one provider holds it all
        return sum > 0 ? Arrays.stream(draws).map(draw -> draw / sum).toArray() : only(chance);
    }

    private double[] only(Random chance) {
        double[] shares = new double[providers];
        shares[chance.nextInt(providers)] = 1;
        return shares;
    }

    /** Gamma(alpha, 1) by Marsaglia and Tsang 2000; below 1 by their boost from alpha + 1. */
    private double gamma(Random chance) {
        double d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3;
        double boost = alpha < 1 ? Math.pow(1 - chance.nextDouble(), 1 / alpha) : 1;
        while (true) {
            double x = chance.nextGaussian();
            double v = Math.pow(1 + x / Math.sqrt(9 * d), 3);
            double u = 1 - chance.nextDouble();
            if (v > 0 && Math.log(u) < x * x / 2 + d - d * v + d * Math.log(v)) {
                return boost * d * v;
            }
        }
    }

    private static int indexOfLargest(double[] values) {
        int largest = 0;
        for (int i = 1; i < values.length; i++) {
            largest = values[i] > values[largest] ? i : largest;
        }
        return largest;
    }
}
