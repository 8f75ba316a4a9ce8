package dev.espalier.agent.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.agent.TinyFederation;
import dev.espalier.protocol.model.ModelStructure;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ModelStructuresTest {

    @Test
    void aModelThatWritesHasThreeKindsOfAttentionAndNoHeadToTrain() throws IOException {
        ModelStructure writer = ModelStructures.describe(TinyFederation.WRITING_MODEL);

        assertThat(writer.family()).isEqualTo("t5").isIn(ModelStructures.families());
        assertThat(writer.attentionBlocks()).hasSize(2 + 2 + 2);
        assertThat(writer.heads()).isEqualTo(24);
        assertThat(writer.classificationHead()).isEmpty();
        assertThat(writer.defaultTargetModules()).containsExactly("q", "v");
    }

    @Test
    void positionsWithoutALastOneEndAtTheLongestInputOfAJob() throws IOException {
        assertThat(ModelStructures.describe(TinyFederation.WRITING_MODEL).maxPositions())
                .isEqualTo(4096);
        assertThat(ModelStructures.describe(TinyFederation.MODEL).maxPositions()).isEqualTo(32);
    }
}
