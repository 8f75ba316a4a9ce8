package dev.espalier.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.model.ModelStructure.Linear;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ModelStructureTest {

    private static final Linear LOWER = new Linear("layer.0.dense", 4, 8, true, 0);
    private static final Linear UPPER = new Linear("layer.1.dense", 4, 8, true, 1);
    private static final Linear POOLER = new Linear("pooler.dense", 4, 4, true);

    @Test
    void whatLiesOutsideOfAllLayersIsOfNone() {
        ModelStructure encoder = structure(LOWER, UPPER, POOLER);

        assertThat(encoder.tellsLayers()).isTrue();
        assertThat(encoder.layersOfLinears()).containsExactly(0, 1);
        assertThat(encoder.linearsOf(List.of(1, 0))).containsExactly(LOWER, UPPER);
        assertThat(encoder.linearsOf(Set.of(1))).containsExactly(UPPER);
    }

    @Test
    void anEarlierStructureTellsNoLayers() {
        ModelStructure earlier = structure(new Linear("layer.0.dense", 4, 8, true), POOLER);

        assertThat(earlier.tellsLayers()).isFalse();
        assertThat(earlier.layersOfLinears()).isEmpty();
        assertThat(earlier.linearsOf(List.of(0))).isEmpty();
    }

    private static ModelStructure structure(Linear... linears) {
        return new ModelStructure(
                "bert", 2, 4, 8, 16, 100, List.of(linears), List.of(), List.of(), List.of());
    }
}
