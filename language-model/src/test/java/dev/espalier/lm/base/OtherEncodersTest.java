package dev.espalier.lm.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.lm.weights.OnnxImport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Encoders that lie in larger Maven artifacts, 78 MB each; they are on the class path with {@code
 * -Pother-encoders}.
 */
class OtherEncodersTest {

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"bge-small-en-v1.5", "e5-small-v2"})
    void theEncoderIsImportedAndTellsLikeFromUnlike(String name) throws IOException {
        importInto(name);
        try (BaseModel base = BaseModel.load(folder)) {
            assertThat(base.structure().layers()).isEqualTo(12);
            assertThat(base.structure().heads()).isEqualTo(12);
            assertThat(base.structure().hidden()).isEqualTo(384);
            assertThat(base.hasTaskHead()).isFalse();
            List<TokenSequence> texts =
                    Stream.of(
                                    "query: The parcel arrived two days late.",
                                    "query: My package came later than promised.",
                                    "query: Photosynthesis turns light into sugar.")
                            .map(base.tokenizer()::encode)
                            .toList();
            float[][] meaning = new Encoder(base).encode(texts).embeddings(12);

            double alike = cosine(meaning[0], meaning[1]);
            double unlike = cosine(meaning[0], meaning[2]);
            assertThat(cosine(meaning[0], meaning[0])).isCloseTo(1, within(1e-5));
            assertThat(alike).isGreaterThan(unlike + 0.05);
        }
    }

    private void importInto(String name) throws IOException {
        try (InputStream onnx = resource("/" + name + ".onnx");
                InputStream tokenizer = resource("/" + name + "-tokenizer.json")) {
            assumeTrue(
                    onnx != null, name + " is not on the class path: build with -Pother-encoders");
            OnnxImport.write(onnx, tokenizer, folder);
        }
    }

    private static InputStream resource(String name) {
        return OtherEncodersTest.class.getResourceAsStream(name);
    }

    private static double cosine(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
