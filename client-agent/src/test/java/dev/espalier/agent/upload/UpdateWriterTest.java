package dev.espalier.agent.upload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.agent.TinyFederation;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class UpdateWriterTest {

    private static final String QUERY = "bert.encoder.layer.0.attention.self.query";
    private static final String OUTPUT = "bert.encoder.layer.0.attention.output.dense";
    private static final String LOST = "bert.encoder.layer.1.attention.self.query";
    private static final AdapterSpec LORA =
            new AdapterSpec(4, 8.0, 0.0, List.of("query", "attention.output.dense"));

    @TempDir private Path folder;

    @Test
    void headsAreRowsOfOneFactorAndColumnsOfAnother() throws IOException {
        Scope scope =
                new Scope(
                        Map.of(
                                "bert.encoder.layer.0.attention", List.of(1, 3),
                                "bert.encoder.layer.1.attention", List.of()),
                        null);

        try (UpdateFile update = written(scope)) {
            assertThat(values(update, QUERY, "B", 32, 4))
                    .hasSize(2 * 8 * 4)
                    .startsWith(8 * 4, 8 * 4 + 1)
                    .endsWith(32 * 4 - 1);
            assertThat(values(update, QUERY, "A", 4, 32)).hasSize(4 * 32);
            assertThat(values(update, OUTPUT, "A", 4, 32))
                    .hasSize(4 * 16)
                    .startsWith(8, 9, 10, 11, 12, 13, 14, 15, 24)
                    .endsWith(4 * 32 - 1);
            assertThat(values(update, OUTPUT, "B", 32, 4)).hasSize(32 * 4);
            assertThat(update.tensorNames()).noneMatch(name -> name.contains(LOST));
            assertThat(update.tensorNames()).anyMatch(name -> name.contains("classifier"));
        }
    }

    @Test
    void headsAndComponentsCrossInCells() throws IOException {
        Scope scope =
                new Scope(
                        Map.of("bert.encoder.layer.0.attention", List.of(2)),
                        Map.of(QUERY, List.of(0, 3)));

        try (UpdateFile update = written(scope)) {
            assertThat(values(update, QUERY, "B", 32, 4))
                    .hasSize(8 * 2)
                    .startsWith(16 * 4, 16 * 4 + 3, 17 * 4);
            assertThat(values(update, QUERY, "A", 4, 32))
                    .hasSize(2 * 32)
                    .startsWith(0)
                    .contains(96);
        }
    }

    /** An adapter whose every value is its own place. */
    private UpdateFile written(Scope scope) throws IOException {
        AdapterLayout layout =
                AdapterLayout.of(TinyFederation.base().structure(), LORA, TinyFederation.TASK);
        AdapterWeights.Builder weights = AdapterWeights.builder();
        for (AdapterTensor tensor : layout.tensors()) {
            float[] places = new float[(int) tensor.elements()];
            for (int i = 0; i < places.length; i++) {
                places[i] = i;
            }
            weights.put(tensor.name(), shape(tensor.shape()), places);
        }
        Path file = folder.resolve("update");
        Digest digest =
                new UpdateWriter(JsonMapper.shared())
                        .write(file, layout, weights.build(), manifest(scope));
        assertThat(digest).isEqualTo(Digest.of(Files.readAllBytes(file)));
        return UpdateFile.open(file);
    }

    private static UpdateManifest manifest(Scope scope) {
        return new UpdateManifest(
                UpdateManifest.SCHEMA,
                new RoundId(new UUID(1, 1)),
                new AgentName("ada"),
                TinyFederation.ADAPTER,
                scope,
                null,
                null,
                null,
                1,
                1,
                null,
                null,
                0);
    }

    private static float[] values(
            UpdateFile update, String module, String factor, int rows, int columns)
            throws IOException {
        String name = AdapterLayout.PREFIX + module + ".lora_" + factor + ".weight";
        MaskedTensor tensor = update.tensor(name, Shape.of(rows, columns));
        float[] values = new float[(int) tensor.valueCount()];
        tensor.readValues(0, values, 0, values.length);
        return values;
    }

    private static Shape shape(List<Integer> sizes) {
        return Shape.of(sizes.stream().mapToLong(Integer::longValue).toArray());
    }
}
