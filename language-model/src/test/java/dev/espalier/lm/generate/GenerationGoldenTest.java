package dev.espalier.lm.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.base.BaseModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Continued texts against transformers' {@code generate}. */
class GenerationGoldenTest {

    static Stream<String> writers() {
        return Stream.concat(Goldens.decoders(), Goldens.textToText());
    }

    @ParameterizedTest
    @MethodSource("writers")
    void theLikeliestTokensAreThoseOfTransformers(String family) throws IOException {
        JsonNode golden = golden(family);
        int tokens = golden.path("max_new_tokens").intValue();
        try (BaseModel base = BaseModel.load(Goldens.family(family));
                Writer writer = Writer.of(base)) {
            GenerationSettings settings = GenerationSettings.greedy(tokens, base.endTokens());
            for (JsonNode text : golden.path("cases")) {
                int[] prompt = ints(text.path("prompt"));

                assertThat(writer.written(prompt, settings).tokens().ids())
                        .isEqualTo(ints(text.path("greedy")));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("writers")
    void beamsAreThoseOfTransformers(String family) throws IOException {
        JsonNode golden = golden(family);
        int tokens = golden.path("max_new_tokens").intValue();
        try (BaseModel base = BaseModel.load(Goldens.family(family));
                Writer writer = Writer.of(base)) {
            GenerationSettings settings = GenerationSettings.beams(4, tokens, base.endTokens());
            for (JsonNode text : golden.path("cases")) {
                GeneratedText found = writer.written(ints(text.path("prompt")), settings);

                assertThat(found.tokens().ids()).isEqualTo(ints(text.path("beam4")));
                assertThat(found.score())
                        .isCloseTo(text.path("beam4_score").doubleValue(), within(1e-5));
            }
        }
    }

    private static JsonNode golden(String family) throws IOException {
        Path file = Goldens.family(family).resolve("generate.json");
        return JsonMapper.shared().readTree(Files.readString(file));
    }

    private static int[] ints(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::intValue).toArray();
    }
}
