package dev.espalier.benchmarks.training;

import dev.espalier.lm.compute.RandomStream;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.TokenSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Made-up texts of full length: nothing is padding. */
final class Texts {

    private Texts() {}

    static List<Example> of(int count, int length) {
        RandomStream any = RandomStream.of(1);
        List<Example> texts = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            int[] ids = new int[length];
            for (int t = 0; t < length; t++) {
                ids[t] = 1000 + any.nextInt(20_000);
            }
            texts.add(new Example(new TokenSequence(ids, new int[length]), any.nextInt(2)));
        }
        return texts;
    }

    /** For another program. */
    static void write(List<Example> texts, Path file) throws IOException {
        Map<String, Object> json =
                Map.of(
                        "ids", texts.stream().map(text -> text.tokens().ids()).toList(),
                        "labels", texts.stream().map(Example::label).toList());
        Files.writeString(file, new JsonMapper().writeValueAsString(json));
    }
}
