package dev.espalier.aggregation.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.aggregation.TinyModel;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BaseMergeTest {

    private static final double SCALE = 2;
    private static final BaseMerge.Form AS_STORED = new BaseMerge.Form(false, false);
    private static final String PEFT = "base_model.model.";

    @TempDir Path folder;

    @ParameterizedTest(name = "base {0} without prefix \"{1}\"")
    @CsvSource({"F32,''", "F16,''", "BF16,''", "F32,net."})
    void aMergedWeightIsTheBaseAndTheProductOfItsFactors(DType dtype, String prefix)
            throws IOException {
        Path basePath = TinyModel.base(folder.resolve("base"), prefix, dtype);
        Path adapterPath = TinyModel.adapter(folder.resolve("adapter"), 5);
        try (SafetensorsFile base = SafetensorsFile.open(basePath);
                SafetensorsFile adapter = SafetensorsFile.open(adapterPath)) {
            new BaseMerge(List.of(base), null, new AdapterAdditions(adapter), SCALE, AS_STORED)
                    .write(folder.resolve("merged"));
            try (SafetensorsFile merged = SafetensorsFile.open(folder.resolve("merged"))) {
                String query = TinyModel.QUERY + ".weight";
                float[] w = base.floats(query.substring(prefix.length()));
                float[] a = adapter.floats(PEFT + TinyModel.QUERY + ".lora_A.weight");
                float[] b = adapter.floats(PEFT + TinyModel.QUERY + ".lora_B.weight");
                assertThat(merged.info(query).dtype()).isEqualTo(dtype);
                assertThat(merged.floats(query)).isEqualTo(directly(w, a, b, dtype));
            }
        }
    }

    @Test
    void everythingElseIsKeptByteForByteAndTheHeadIsAdded() throws IOException {
        Path basePath = TinyModel.base(folder.resolve("base"), "", DType.F16);
        Path adapterPath = TinyModel.adapter(folder.resolve("adapter"), 5);
        try (SafetensorsFile base = SafetensorsFile.open(basePath);
                SafetensorsFile adapter = SafetensorsFile.open(adapterPath)) {
            new BaseMerge(List.of(base), null, new AdapterAdditions(adapter), SCALE, AS_STORED)
                    .write(folder.resolve("merged"));
            try (SafetensorsFile merged = SafetensorsFile.open(folder.resolve("merged"))) {
                String key = TinyModel.BLOCK + ".key.weight";
                assertThat(merged.bytes(key).mismatch(base.bytes(key))).isEqualTo(-1);
                assertThat(merged.floats("classifier.weight"))
                        .isEqualTo(adapter.floats(PEFT + "classifier.weight"));
                assertThat(merged.names())
                        .hasSize(base.names().size() + 2)
                        .noneMatch(name -> name.contains("lora"));
            }
        }
    }

    @Test
    void anAdapterForAnotherModelIsRefusedByName() throws IOException {
        Path basePath = TinyModel.base(folder.resolve("base"), "net.layer.", DType.F32);
        Path adapterPath = TinyModel.adapter(folder.resolve("adapter"), 5);
        try (SafetensorsFile base = SafetensorsFile.open(basePath);
                SafetensorsFile adapter = SafetensorsFile.open(adapterPath)) {
            assertThatThrownBy(() ->
                            new BaseMerge(
                                    List.of(base),
                                    null,
                                    new AdapterAdditions(adapter),
                                    SCALE,
                                    AS_STORED))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining(TinyModel.BLOCK + ".out.weight");
        }
    }

    @ParameterizedTest(name = "a mask that is named without prefix \"{0}\"")
    @ValueSource(strings = {"", "net."})
    void aSparseBaseKeepsItsMaskWhateverIsAdded(String prefix) throws IOException {
        Path basePath = TinyModel.base(folder.resolve("base"), prefix, DType.F32);
        Path adapterPath = TinyModel.adapter(folder.resolve("adapter"), 5);
        String query = TinyModel.QUERY + ".weight";
        byte[] bits = {1, 2, 4, 8, 16, 32, 64, -128}; // the diagonal of [8, 8]
        Path maskPath = folder.resolve("mask");
        new SafetensorsWriter()
                .raw(
                        query.substring(prefix.length()),
                        DType.U8,
                        Shape.of(8),
                        MemorySegment.ofArray(bits))
                .write(maskPath);
        try (SafetensorsFile base = SafetensorsFile.open(basePath);
                SafetensorsFile adapter = SafetensorsFile.open(adapterPath);
                BaseMask mask = BaseMask.open(maskPath, List.of(base), version(null))) {
            Additions additions = new AdapterAdditions(adapter);
            Path sparse = folder.resolve("sparse");
            Path dense = folder.resolve("dense");
            BaseMerge merge = new BaseMerge(List.of(base), mask, additions, SCALE, AS_STORED);
            merge.write(sparse);
            mask.write(merge.prefix(), folder.resolve("new-mask"));
            new BaseMerge(List.of(base), null, additions, SCALE, AS_STORED).write(dense);

            assertThat(merge.prefix()).isEqualTo(prefix);
            assertThat(mask.sparsity(prefix)).containsExactly(new MatrixSparsity(query, 64, 56, 0));
            try (SafetensorsFile kept = SafetensorsFile.open(sparse);
                    SafetensorsFile all = SafetensorsFile.open(dense);
                    SafetensorsFile carried = SafetensorsFile.open(folder.resolve("new-mask"))) {
                float[] values = kept.floats(query);
                for (int i = 0; i < 64; i++) {
                    assertThat(values[i]).isEqualTo(i % 9 == 0 ? all.floats(query)[i] : 0f);
                }
                for (String name : all.names()) {
                    assertThat(name.equals(query) || same(kept, all, name)).isTrue();
                }
                assertThat(carried.names()).containsExactly(query);
                assertThat(carried.bytes(query).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bits);
            }
        }
    }

    private static boolean same(SafetensorsFile one, SafetensorsFile other, String name) {
        return one.bytes(name).mismatch(other.bytes(name)) == -1;
    }

    @Test
    void whatTheBaseTellsOfItsSparsityIsToldOfWhatIsMadeOfItAndThatNobodyPrunedIt()
            throws IOException {
        Path basePath = TinyModel.base(folder.resolve("base"), "net.", DType.F32);
        Path maskPath = folder.resolve("mask");
        new SafetensorsWriter().write(maskPath);
        List<MatrixSparsity> told =
                List.of(new MatrixSparsity("a", 4, 2, 3), new MatrixSparsity("b", 4, 0, 0));
        Lineage lineage = new Lineage(null, TinyModel.JOB, null, 0, List.of(), told);
        try (SafetensorsFile base = SafetensorsFile.open(basePath);
                BaseMask mask = BaseMask.open(maskPath, List.of(base), version(lineage))) {
            assertThat(mask.sparsity("net."))
                    .containsExactly(
                            new MatrixSparsity("net.a", 4, 2, 0),
                            new MatrixSparsity("net.b", 4, 0, 0));
        }
    }

    @ParameterizedTest
    @CsvSource({"net.nothing.weight, U8, 8", "QUERY, F32, 2", "QUERY, U8, 7", "QUERY, U8, 9"})
    void whatIsNoMaskOfTheBaseIsRefusedByName(String name, DType type, int length)
            throws IOException {
        String matrix = name.equals("QUERY") ? TinyModel.QUERY + ".weight" : name;
        Path basePath = TinyModel.base(folder.resolve("base"), "", DType.F32);
        Path maskPath = folder.resolve("mask");
        byte[] bytes = new byte[length * type.bytes()];
        new SafetensorsWriter()
                .raw(matrix, type, Shape.of(length), MemorySegment.ofArray(bytes))
                .write(maskPath);
        try (SafetensorsFile base = SafetensorsFile.open(basePath)) {
            assertThatThrownBy(() -> BaseMask.open(maskPath, List.of(base), version(null)))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining(matrix);
        }
    }

    private static VersionManifest version(Lineage lineage) {
        return new VersionManifest(
                TinyModel.BASE.model(),
                1,
                VersionKind.MERGED,
                Digest.of(new byte[0]),
                List.of(),
                null,
                lineage,
                null,
                Instant.EPOCH);
    }

    @Test
    void whereInputsComeFirstWhatIsAddedIsTurned() throws IOException {
        Path basePath = folder.resolve("base");
        Path adapterPath = folder.resolve("adapter");
        new SafetensorsWriter()
                .floats("h.0.c_attn.weight", Shape.of(2, 3), new float[] {1, 2, 3, 4, 5, 6})
                .write(basePath);
        String module = PEFT + "transformer.h.0.c_attn";
        new SafetensorsWriter()
                .floats(module + ".lora_A.weight", Shape.of(1, 2), new float[] {10, 100})
                .floats(module + ".lora_B.weight", Shape.of(3, 1), new float[] {1, 2, 3})
                .write(adapterPath);

        try (SafetensorsFile base = SafetensorsFile.open(basePath);
                SafetensorsFile adapter = SafetensorsFile.open(adapterPath)) {
            new BaseMerge(
                            List.of(base),
                            null,
                            new AdapterAdditions(adapter),
                            0.5,
                            new BaseMerge.Form(true, false))
                    .write(folder.resolve("merged"));
        }

        try (SafetensorsFile merged = SafetensorsFile.open(folder.resolve("merged"))) {
            assertThat(merged.floats("transformer.h.0.c_attn.weight"))
                    .containsExactly(6, 12, 18, 54, 105, 156);
        }
    }

    /** W [8, 8] + scale * B [8, 2] A [2, 8], one element at a time. */
    private static float[] directly(float[] w, float[] a, float[] b, DType dtype) {
        float[] merged = new float[64];
        for (int o = 0; o < 8; o++) {
            for (int i = 0; i < 8; i++) {
                double delta = SCALE * b[o * 2] * a[i] + SCALE * b[o * 2 + 1] * a[8 + i];
                merged[o * 8 + i] = dtype.rounded((float) (w[o * 8 + i] + delta));
            }
        }
        return merged;
    }
}
