package dev.espalier.local.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PartitionTest {

    static LongStream seeds() {
        return LongStream.range(0, 60);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theSplitLosesNothingAndTearsNoGroup(long seed) {
        Corpus corpus = Corpus.of(InventedText.withCopies(200, seed));

        Corpus.Split split = corpus.split(60, seed);

        assertDisjointAndComplete(corpus, List.of(split.taken(), split.left()));
        assertThat(split.taken().size()).isBetween(45, 60);
        assertThat(shareOfSpam(split.taken()))
                .isBetween(shareOfSpam(corpus) - 0.1, shareOfSpam(corpus) + 0.1);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theDealLosesNothingTearsNoGroupAndLeavesNobodyEmptyHanded(long seed) {
        Corpus corpus = Corpus.of(InventedText.withCopies(200, seed));
        int providers = 2 + (int) (seed % 7);

        List<Corpus> hands = new DirichletDeal(providers, 0.3, 10, seed).deal(corpus);

        assertThat(hands)
                .hasSize(providers)
                .allSatisfy(hand -> assertThat(hand.size()).isGreaterThanOrEqualTo(10));
        assertDisjointAndComplete(corpus, hands);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theSameSeedDealsTheSameAndTheOrderOfTheHandsIsThatOfTheProviders(long seed) {
        Corpus corpus = Corpus.of(InventedText.withCopies(150, seed));
        DirichletDeal deal = new DirichletDeal(4, 0.4, 5, seed);

        assertThat(deal.deal(corpus)).isEqualTo(deal.deal(corpus));
        assertThat(corpus.split(40, seed)).isEqualTo(corpus.split(40, seed));
        assertThat(corpus.sample(70, seed)).isEqualTo(corpus.sample(70, seed));
    }

    @Test
    void aSmallAlphaIsLopsidedAndALargeOneIsNot() {
        Corpus corpus = Corpus.of(InventedText.withCopies(600, 3));

        assertThat(spread(corpus, 0.1)).isGreaterThan(3 * spread(corpus, 100));
    }

    @Test
    void aSampleIsNoLargerThanWantedAndTheWholeWhenAllIsWanted() {
        Corpus corpus = Corpus.of(InventedText.withCopies(100, 9));

        assertThat(corpus.sample(50, 1).size()).isBetween(35, 50);
        assertThat(corpus.sample(corpus.size(), 1)).isEqualTo(corpus);
    }

    @Test
    void tooLittleTextForSoManyIsSaid() {
        Corpus corpus = Corpus.of(InventedText.withCopies(20, 1));

        assertThatThrownBy(() -> new DirichletDeal(50, 0.3, 10, 1).deal(corpus))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too few for 50 providers");
    }

    /** Mean over seeds of the difference between the largest and the smallest hand. */
    private static double spread(Corpus corpus, double alpha) {
        return LongStream.range(0, 20)
                .mapToObj(seed -> new DirichletDeal(4, alpha, 0, seed).deal(corpus))
                .map(hands -> hands.stream().mapToInt(Corpus::size).summaryStatistics())
                .mapToInt(sizes -> sizes.getMax() - sizes.getMin())
                .average()
                .orElseThrow();
    }

    private static double shareOfSpam(Corpus corpus) {
        return corpus.texts().stream().filter(text -> text.label().equals("spam")).count()
                / (double) corpus.size();
    }

    private static void assertDisjointAndComplete(Corpus whole, List<Corpus> parts) {
        List<LabelledText> all = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Corpus part : parts) {
            Set<String> originals =
                    part.texts().stream().map(InventedText::original).collect(Collectors.toSet());
            assertThat(seen).doesNotContainAnyElementsOf(originals);
            seen.addAll(originals);
            all.addAll(part.texts());
        }
        assertThat(all).containsExactlyInAnyOrderElementsOf(whole.texts());
    }
}
