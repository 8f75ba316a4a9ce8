package dev.espalier.aggregation.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.aggregation.TinyModel;
import dev.espalier.problem.ProblemException;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
