package dev.espalier.benchmarks.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.AttentionKind;
import dev.espalier.lm.family.ModelStructure;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Worked by hand for two layers of width 4 with two heads of width 2, a feed-forward network of
 * width 6, texts of 5 tokens and rank 1. In the last layer one row asks.
 */
class ComputedMacsTest {

    private static final int TEXTS = 3;
    private static final int EPOCHS = 2;

    // query, key and value of 5 rows; output; up and down; two products; A and B of query and value
    private static final long FIRST_FORWARD = 3 * 80 + 80 + 2 * 120 + 200 + 80;
    private static final long LAST_FORWARD = 16 + 2 * 80 + 16 + 2 * 24 + 2 * 20 + (4 + 4) * (1 + 5);

    @Test
    void theLowestAdaptedLayerGivesItsInputNoGradient() {
        long first = FIRST_FORWARD + (80 + 2 * 120) + 2 * 200 + 2 * 80;
        long last = LAST_FORWARD + (16 + 2 * 80 + 16 + 2 * 24) + 2 * 40 + 2 * 48;

        assertThat(macs(2, 2).ofRun(TEXTS, EPOCHS, true))
                .isEqualTo(TEXTS * EPOCHS * (first + last));
    }

    @Test
    void withEveryLayerAdaptedThereIsNothingToKeep() {
        assertThat(macs(2, 2).ofRun(TEXTS, EPOCHS, true))
                .isEqualTo(macs(2, 2).ofRun(TEXTS, EPOCHS, false));
    }

    @Test
    void aLayerWithoutHeadsIsItsFeedForwardNetworkAndNotRunBackward() {
        long first = 2 * 120;
        long last = LAST_FORWARD + (16 + 2 * 24) + 2 * 40 + 2 * 48;

        assertThat(macs(0, 2).ofRun(TEXTS, EPOCHS, false))
                .isEqualTo(TEXTS * EPOCHS * (first + last));
    }

    @Test
    void keptStatesAreComputedOnce() {
        long once = macs(0, 2).ofRun(TEXTS, EPOCHS, true);

        assertThat(macs(0, 2).ofRun(TEXTS, EPOCHS, false) - once).isEqualTo(TEXTS * 2 * 120);
        assertThat(macs(0, 2).ofRun(TEXTS, 1, true)).isEqualTo(macs(0, 2).ofRun(TEXTS, 1, false));
    }

    @Test
    void aRemovedHeadIsWhatItWasWide() {
        long first = 3 * 40 + 40 + 2 * 120 + 100 + (4 + 2) * 10;
        long firstBack = 40 + 2 * 120 + 2 * 100 + 2 * 60;
        long last = LAST_FORWARD + (16 + 2 * 80 + 16 + 2 * 24) + 2 * 40 + 2 * 48;

        assertThat(macs(1, 2).ofRun(1, 1, false)).isEqualTo(first + firstBack + last);
    }

    private static ComputedMacs macs(int... heads) {
        List<AttentionBlock> blocks = new ArrayList<>();
        for (int layer = 0; layer < heads.length; layer++) {
            blocks.add(
                    new AttentionBlock(
                            AttentionKind.ENCODER,
                            "b" + layer,
                            heads[layer],
                            2,
                            "q",
                            "k",
                            "v",
                            "o"));
        }
        ModelStructure model =
                new ModelStructure(
                        "bert",
                        heads.length,
                        4,
                        2,
                        2,
                        6,
                        10,
                        16,
                        0,
                        List.of(),
                        blocks,
                        "classifier",
                        List.of(),
                        List.of(),
                        List.of(),
                        0.02);
        return new ComputedMacs(model, 5, 1);
    }
}
