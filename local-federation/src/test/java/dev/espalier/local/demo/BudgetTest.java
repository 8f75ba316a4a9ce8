package dev.espalier.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BudgetTest {

    static LongStream seeds() {
        return LongStream.range(0, 100);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theBudgetIsSpentAndNoMoreThanOneExampleOfEachProviderTooMuch(long seed) {
        Random chance = new Random(seed);
        int rounds = 1 + chance.nextInt(6);
        int epochs = 1 + chance.nextInt(3);
        List<Integer> sizes = chance.ints(1 + chance.nextInt(9), 1, 4000).boxed().toList();

        Budget budget = Budget.of(rounds, epochs, sizes);

        int everything = rounds * epochs * sizes.stream().mapToInt(Integer::intValue).sum();
        assertThat(budget.total(sizes))
                .isBetween(
                        Math.min(everything, Budget.EXAMPLES),
                        Budget.EXAMPLES + rounds * epochs * sizes.size());
    }

    @Test
    void aSmallProviderGivesAllItHasAndTheOthersTheRest() {
        Budget budget = Budget.of(4, 1, List.of(50, 2000, 2000));

        assertThat(budget.seenBy(50)).isEqualTo(200);
        assertThat(budget.seenBy(2000)).isEqualTo(2900);
    }

    @Test
    void tooLittleTextForTheBudgetIsUsedWhole() {
        Budget budget = Budget.of(2, 1, List.of(10, 30));

        assertThat(budget.total(List.of(10, 30))).isEqualTo(80);
    }
}
