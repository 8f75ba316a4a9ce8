package dev.espalier.lm.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.ModelHeads;
import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Counted by hand. */
class PruningCostTest {

    /** LLaMA: hidden 32, 2 layers, 4 heads of 8 on 2 shared ones, 72 wide inside. */
    private static final long LINEARS = 32 * (32 + 16 + 16 + 32 + 3 * 72);

    private static final List<BatchShape> TEXTS =
            List.of(new BatchShape(2, 5), new BatchShape(1, 3));

    /** 13 tokens; both attention products of two texts of 5 and one of 3. */
    private static final long LAYER = 13 * LINEARS + (2 * 25 + 9) * 2 * 32;

    /** in³ / 3 + out · in² of every matrix. */
    private static final long SOLVING =
            2 * (32_768 / 3 + 32 * 1024)
                    + 2 * (32_768 / 3 + 16 * 1024)
                    + 2 * (32_768 / 3 + 72 * 1024)
                    + (373_248 / 3 + 32 * 5184);

    @Test
    void layersBelowAreRunOnceAndPrunedOnesButTheLastTwice() throws IOException {
        assertThat(cost(true, 0, 1)).isEqualTo(new PruningCost(2 * LAYER, LAYER, 2 * SOLVING));
        assertThat(cost(true, 1)).isEqualTo(new PruningCost(2 * LAYER, 0, SOLVING));
        assertThat(cost(true, 0)).isEqualTo(new PruningCost(LAYER, 0, SOLVING));
        assertThat(cost(true)).isEqualTo(new PruningCost(0, 0, 0));
    }

    @Test
    void nobodyElseSolvesAnything() throws IOException {
        assertThat(cost(false, 0, 1)).isEqualTo(new PruningCost(2 * LAYER, LAYER, 0));
        assertThat(cost(false, 0, 1).total()).isEqualTo(3 * LAYER);
    }

    @Test
    void whoReadsNoTextRunsNothing() throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled("llama"))) {
            assertThat(
                            PruningCost.of(
                                    ModelHeads.all(base.structure()),
                                    new TreeSet<>(List.of(0, 1)),
                                    List.of(),
                                    false))
                    .isEqualTo(new PruningCost(0, 0, 0));
        }
    }

    private static PruningCost cost(boolean solves, Integer... layers) throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled("llama"))) {
            return PruningCost.of(base.heads(), new TreeSet<>(List.of(layers)), TEXTS, solves);
        }
    }
}
