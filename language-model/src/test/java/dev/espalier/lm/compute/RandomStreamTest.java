package dev.espalier.lm.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RandomStreamTest {

    /** Changing these changes what every seed means: checkpoints could no longer be resumed. */
    @Test
    void streamsStayWhatTheyAre() {
        RandomStream stream = RandomStream.of(42, 1, 2);

        assertThat(new long[] {stream.nextLong(), stream.nextLong()})
                .containsExactly(8427900421185660816L, 6294706013887406963L);
    }

    @Test
    void everyPathHasItsOwnStream() {
        Set<Long> firsts = new HashSet<>();
        for (long seed = 0; seed < 20; seed++) {
            for (long step = 0; step < 20; step++) {
                firsts.add(RandomStream.of(seed, step, 0).nextLong());
                firsts.add(RandomStream.of(seed, 0, step + 100).nextLong());
            }
            firsts.add(RandomStream.of(seed, "name " + seed).nextLong());
        }

        assertThat(firsts).hasSize(20 * 41);
    }

    @Test
    void momentsAreThoseOfTheDistributions() {
        RandomStream stream = RandomStream.of(7);
        int n = 200_000;
        double uniform = 0;
        double normal = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            uniform += stream.nextUnit();
            double g = stream.nextGaussian();
            normal += g;
            squares += g * g;
        }

        assertThat(uniform / n).isCloseTo(0.5, within(0.005));
        assertThat(normal / n).isCloseTo(0, within(0.01));
        assertThat(squares / n).isCloseTo(1, within(0.02));
    }

    @Test
    void shufflingKeepsEveryElement() {
        int[] order = IntStream.range(0, 1000).toArray();
        RandomStream.of(1).shuffle(order);

        assertThat(order).isNotEqualTo(IntStream.range(0, 1000).toArray());
        assertThat(IntStream.of(order).sorted().toArray())
                .isEqualTo(IntStream.range(0, 1000).toArray());
    }
}
