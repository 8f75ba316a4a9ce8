package dev.espalier.lm.base;

import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelFamily;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.tokens.TextTokenizer;
import dev.espalier.lm.weights.FrozenWeights;
import dev.espalier.lm.weights.ModelFolder;
import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.tensors.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a model is put together from, read from a folder and held against each other. */
final class FolderParts {

    private FolderParts() {}

    /** None where the folder has none. */
    static @Nullable TextTokenizer tokenizer(ModelFolder files, ModelStructure structure)
            throws IOException {
        if (!Files.isRegularFile(files.tokenizer())) {
            return null;
        }
        TextTokenizer tokenizer = TextTokenizer.open(files.tokenizer());
        if (tokenizer.vocabulary() > structure.vocabulary()) {
            tokenizer.close();
            throw new ModelRefusedException(
                    "tokenizer.json knows %d ids, the model embeds %d"
                            .formatted(tokenizer.vocabulary(), structure.vocabulary()));
        }
        return tokenizer;
    }

    static FrozenWeights weights(ModelFolder files, ModelFamily family, Precision precision)
            throws IOException {
        SortedMap<String, Shape> head = new TreeMap<>();
        for (LinearLayer linear : family.structure().taskHeadLinears()) {
            linear.putInto(head);
        }
        return FrozenWeights.load(files, family::canonicalName, family.tensors(), head, precision);
    }
}
