package dev.espalier.tensors.masked;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.Vectors;
import dev.espalier.tensors.masked.UploadBytes.SparseFormat;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class UploadBytesVectorsTest {

    private static final double TOLERANCE = 1e-9;

    static Stream<Arguments> cases() {
        return Vectors.of("communication_bytes.json");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void bytesAreThoseOfTheVector(JsonNode one) {
        JsonNode in = one.get("input");
        JsonNode expected = one.get("expected");
        switch (one.get("name").asString()) {
            case "t5_small_dense_lora_r8_qv" -> denseLora(in, expected);
            case "t5_small_head_pruned_90pct" -> headPruned(in, expected);
            case "head_pruning_advantage_limit" -> advantageLimit(in, expected);
            case "rank_freezing_per_module" -> frozen(in, expected);
            case "tiers_1_1_1_2_2_2_8_8_8_8" -> tiers(in, expected);
            case "sparse_tensor_768x768_fp16" -> sparse(in, expected);
            case "mask_only_upload" -> maskOnly(in, expected);
            case "opt125m_decoder_layer" -> decoderLayer(in, expected);
            case "flora_round" -> stacking(in, expected);
            case "composed_head_rank_per_module" -> composed(in, expected);
            case "t5_small_composed_2_of_8_components_15_heads" -> composedModel(in, expected);
            case "two_way_bound" -> twoWays(in, expected);
            case "quantised_component" -> quantised(in, expected);
            default -> throw new AssertionError("no test for this case");
        }
    }

    private static void denseLora(JsonNode in, JsonNode expected) {
        int r = number(in, "r");
        long module = UploadBytes.denseLora(r, number(in, "in"), number(in, "out"), 4);

        assertThat(module * number(in, "modules")).isEqualTo(number(expected, "bytes"));
        assertThat(dense(number(in, "in"), r) + dense(r, number(in, "out"))).isEqualTo(module);
    }

    /**
     * One block keeps all 15 heads of the vector: heads add up, so where they are kept does not
     * matter.
     */
    private static void headPruned(JsonNode in, JsonNode expected) {
        int blocks = number(in, "blocks");
        int kept = number(in, "keptHeads");
        long modules = 0;
        long masks = 0;
        for (int block = 0; block < blocks; block++) {
            int heads = block < kept ? 1 : 0;
            modules += 2 * UploadBytes.headPrunedInput(8, 512, heads, 64, 4);
            masks += UploadBytes.headMasks(number(in, "H"), heads);
        }
        long denseBytes = expected.get("denseBytes").asLong();

        assertThat(modules).isEqualTo(number(expected, "A") + number(expected, "B"));
        assertThat(masks)
                .isEqualTo(number(expected, "headBitmask") + number(expected, "confidence"));
        assertThat(modules + masks).isEqualTo(number(expected, "total"));
        assertClose(UploadBytes.advantage(denseBytes, modules + masks), expected.get("advantage"));
        assertClose(
                UploadBytes.advantage(denseBytes, modules), expected.get("advantagePayloadOnly"));
    }

    private static void advantageLimit(JsonNode in, JsonNode expected) {
        double[] rho = Vectors.doubles(in.get("rho"));
        for (int i = 0; i < rho.length; i++) {
            int heads = 100;
            long dense = UploadBytes.denseLora(8, 64 * heads, 64 * heads, 4);
            long kept = Math.round(rho[i] * heads);
            long pruned = UploadBytes.headPrunedInput(8, 64 * heads, kept, 64, 4);
            assertClose(UploadBytes.advantage(dense, pruned), expected.get("advantage").get(i));
            assertThat(UploadBytes.headPrunedOutput(8, 64 * heads, kept, 64, 4)).isEqualTo(pruned);
        }
    }

    private static void frozen(JsonNode in, JsonNode expected) {
        double[] trained = Vectors.doubles(in.get("k"));
        for (int i = 0; i < trained.length; i++) {
            JsonNode upload = expected.get("uploads").get(i);
            long total = UploadBytes.frozenLora((long) trained[i], 8, 768, 768, 4);
            assertThat(total).isEqualTo(number(upload, "total"));
            assertThat(total - UploadBytes.maskOnly(number(in, "R")))
                    .isEqualTo(number(upload, "payload"));

            int[] rows = IntStream.range(0, (int) trained[i]).toArray();
            MaskedTensor a =
                    MaskedTensor.rows("A", Shape.of(8, 768), rows, new float[rows.length * 768]);
            MaskedTensor b =
                    MaskedTensor.columns("B", Shape.of(768, 8), rows, new float[rows.length * 768]);
            assertThat(a.valueBytes(DType.F32) + b.valueBytes(DType.F32))
                    .isEqualTo(number(upload, "payload"));
            assertThat(a.payloadBytes(DType.F32) - a.valueBytes(DType.F32))
                    .isEqualTo(number(upload, "mask"));
        }
    }

    private static void tiers(JsonNode in, JsonNode expected) {
        double[] trained = Vectors.doubles(in.get("k"));
        long full = UploadBytes.denseLora(number(in, "R"), 768, 768, 4) * trained.length;
        long sent =
                Arrays.stream(trained)
                        .mapToLong(k -> UploadBytes.denseLora((long) k, 768, 768, 4))
                        .sum();

        assertClose((double) sent / full, expected.get("fraction"));
        assertClose(1 - (double) sent / full, expected.get("saving"));
    }

    private static void sparse(JsonNode in, JsonNode expected) {
        long d = number(in, "d");
        for (JsonNode row : expected.get("encodings")) {
            long kept = kept(d, row.get("sparsity").decimalValue());
            SparseFormat best = SparseFormat.smallest(d, kept, 2);
            assertThat(SparseFormat.DENSE.bytes(d, kept, 2)).isEqualTo(number(row, "dense"));
            assertThat(SparseFormat.BITMASK.bytes(d, kept, 2)).isEqualTo(number(row, "bitmask"));
            assertThat(SparseFormat.COORDINATES.bytes(d, kept, 2)).isEqualTo(number(row, "coo32"));
            assertThat(best.name().toLowerCase(Locale.ROOT).replace("coordinates", "coo32"))
                    .isEqualTo(row.get("best").asString());
            assertThat(UploadBytes.sparseMatrix(d, kept, 2))
                    .isEqualTo(number(row, "bestBytes") + 1);
        }
    }

    private static void maskOnly(JsonNode in, JsonNode expected) {
        long d = number(in, "d");
        long bytes = UploadBytes.maskOnly(d);
        ElementMask mask = ElementMask.of(new boolean[(int) d]);

        assertThat(bytes).isEqualTo(number(expected, "bytes"));
        assertClose(UploadBytes.advantage(2 * d, bytes), expected.get("vsDenseFp16"));
        assertThat(MaskedTensor.maskOnly("w", Shape.of(d), mask).payloadBytes(DType.F16))
                .isEqualTo(bytes);
    }

    private static void decoderLayer(JsonNode in, JsonNode expected) {
        long square = (long) number(in, "hidden") * number(in, "hidden");
        long wide = (long) number(in, "hidden") * number(in, "ffn");
        long layer =
                4 * SparseFormat.BITMASK.bytes(square, square / 2, 2)
                        + 2 * SparseFormat.BITMASK.bytes(wide, wide / 2, 2);
        long dense = SparseFormat.DENSE.bytes(4 * square + 2 * wide, 0, 2);

        assertThat(4 * square + 2 * wide).isEqualTo(number(expected, "weights"));
        assertThat(dense).isEqualTo(number(expected, "denseBytes"));
        assertThat(layer).isEqualTo(number(expected, "bitmaskBytes"));
        assertClose(UploadBytes.advantage(dense, layer), expected.get("advantage"));
        assertThat(12 * layer).isEqualTo(number(expected, "twelveLayersBitmask"));
        assertThat(6 * layer).isEqualTo(number(expected, "sixSampledLayersBitmask"));
    }

    private static void stacking(JsonNode in, JsonNode expected) {
        double[] ranks = Vectors.doubles(in.get("ranks"));
        long sum = (long) Arrays.stream(ranks).sum();
        long up =
                Arrays.stream(ranks)
                        .mapToLong(r -> UploadBytes.denseLora((long) r, 4096, 4096, 2))
                        .sum();

        assertThat(sum).isEqualTo(number(expected, "sumRanks"));
        assertThat(up).isEqualTo(number(expected, "uplinkTotal"));
        assertThat(UploadBytes.denseLora(sum, 4096, 4096, 2))
                .isEqualTo(number(expected, "downlinkPerClientStacked"));
        assertThat(UploadBytes.stackedDownload(sum, 4096, 4096, 2))
                .isEqualTo(number(expected, "downlinkPerClientUsed"));
        assertThat(UploadBytes.stackedDownload(4096, 4096, 4096, 2))
                .isEqualTo(number(expected, "downlinkPerClientDense"));
    }

    private static void composed(JsonNode in, JsonNode expected) {
        long total =
                UploadBytes.composedInput(number(in, "S"), 8, 512, number(in, "keptHeads"), 64, 4);

        assertThat(total).isEqualTo(number(expected, "total"));
        assertThat(total - UploadBytes.maskOnly(8)).isEqualTo(number(expected, "payload"));
    }

    private static void composedModel(JsonNode in, JsonNode expected) {
        int kept = number(in, "keptHeads");
        long total = 0;
        for (int block = 0; block < 18; block++) {
            int heads = block < kept ? 1 : 0;
            total +=
                    2 * UploadBytes.composedInput(number(in, "S"), 8, 512, heads, 64, 4)
                            + UploadBytes.headMasks(8, heads);
        }

        assertThat(total).isEqualTo(number(expected, "total"));
        assertThat(total - 36 - 18 - 60).isEqualTo(number(expected, "payload"));
        assertClose(
                UploadBytes.advantage(36 * UploadBytes.denseLora(8, 512, 512, 4), total),
                expected.get("advantage"));
    }

    private static void twoWays(JsonNode in, JsonNode expected) {
        long dense = UploadBytes.denseLora(8, 640, 640, 4);
        long up =
                UploadBytes.headPrunedInput(
                        8, 640, Math.round(in.get("rho").asDouble() * 10), 64, 4);

        assertClose(UploadBytes.advantage(dense, up), expected.get("uploadOnly"));
        assertClose(
                UploadBytes.advantage(2 * dense, dense + up),
                expected.get("bothDirectionsDenseDownload"));
    }

    private static void quantised(JsonNode in, JsonNode expected) {
        double[] bits = Vectors.doubles(in.get("bits"));
        for (int i = 0; i < bits.length; i++) {
            assertThat(UploadBytes.quantisedComponent(768, 768, (int) bits[i]))
                    .isEqualTo(expected.get("bytesPerComponent").get(i).asLong());
        }
    }

    private static long dense(int rows, int columns) {
        return MaskedTensor.dense("w", Shape.of(rows, columns), new float[rows * columns])
                .payloadBytes(DType.F32);
    }

    /** A pruner drops ceil(sparsity * d), counted in decimal. */
    private static long kept(long d, BigDecimal sparsity) {
        return d
                - sparsity.multiply(BigDecimal.valueOf(d))
                        .setScale(0, java.math.RoundingMode.CEILING)
                        .longValueExact();
    }

    private static void assertClose(double actual, JsonNode expected) {
        assertThat(actual).isCloseTo(expected.asDouble(), within(TOLERANCE));
    }

    private static int number(JsonNode node, String name) {
        return node.get(name).asInt();
    }
}
