package dev.espalier.orchestrator.neighbour;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tiny models for tests. */
public final class Models {

    public static final VersionRef TINY = VersionRef.parse("all-minilm-l6-v2@1");

    private Models() {}

    /** A BERT of one layer, width 8. */
    public static ModelStructure structure() {
        String layer = "bert.encoder.layer.0.";
        List<Linear> linears = new ArrayList<>();
        for (String name : List.of("query", "key", "value")) {
            linears.add(new Linear(layer + "attention.self." + name, 8, 8, true));
        }
        linears.add(new Linear(layer + "attention.output.dense", 8, 8, true));
        linears.add(new Linear(layer + "intermediate.dense", 8, 16, true));
        linears.add(new Linear(layer + "output.dense", 16, 8, true));
        return new ModelStructure(
                "bert",
                1,
                8,
                512,
                100,
                2_000,
                linears,
                List.of(
                        new AttentionBlock(
                                layer + "attention",
                                2,
                                2,
                                4,
                                layer + "attention.self.query",
                                layer + "attention.self.key",
                                layer + "attention.self.value",
                                layer + "attention.output.dense")),
                List.of(new Linear("classifier", 8, 0, true)),
                List.of("query", "value"));
    }

    public static VersionManifest base(VersionRef ref) {
        return version(ref, VersionKind.BASE, structure(), "base " + ref);
    }

    public static VersionManifest version(
            VersionRef ref, VersionKind kind, @Nullable ModelStructure structure, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        List<VersionFile> files =
                List.of(new VersionFile("model.safetensors", Digest.of(bytes), bytes.length));
        return new VersionManifest(
                ref.model(),
                ref.number(),
                kind,
                VersionManifest.digestOf(files),
                files,
                null,
                null,
                structure,
                Instant.EPOCH);
    }
}
