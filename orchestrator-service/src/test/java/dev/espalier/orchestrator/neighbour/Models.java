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

    /** A BERT of one layer with two heads, width 8. */
    public static ModelStructure structure() {
        return structure(1, 2);
    }

    /** A BERT with heads of width 4. */
    public static ModelStructure structure(int layers, int heads) {
        int width = 4 * heads;
        List<Linear> linears = new ArrayList<>();
        List<AttentionBlock> blocks = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            String layer = "bert.encoder.layer." + i + ".";
            for (String name : List.of("query", "key", "value")) {
                linears.add(new Linear(layer + "attention.self." + name, width, width, true, i));
            }
            linears.add(new Linear(layer + "attention.output.dense", width, width, true, i));
            linears.add(new Linear(layer + "intermediate.dense", width, 2 * width, true, i));
            linears.add(new Linear(layer + "output.dense", 2 * width, width, true, i));
            blocks.add(
                    new AttentionBlock(
                            layer + "attention",
                            heads,
                            heads,
                            4,
                            layer + "attention.self.query",
                            layer + "attention.self.key",
                            layer + "attention.self.value",
                            layer + "attention.output.dense"));
        }
        return new ModelStructure(
                "bert",
                layers,
                width,
                512,
                100,
                2_000,
                linears,
                blocks,
                List.of(new Linear("classifier", width, 0, true)),
                List.of("query", "value"));
    }

    /** An OPT of some layers of width 8, which continues texts. */
    public static ModelStructure opt(int layers) {
        List<Linear> linears = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            String layer = "model.decoder.layers." + i + ".";
            for (String name : List.of("q_proj", "k_proj", "v_proj", "out_proj")) {
                linears.add(new Linear(layer + "self_attn." + name, 8, 8, true, i));
            }
            linears.add(new Linear(layer + "fc1", 8, 16, true, i));
            linears.add(new Linear(layer + "fc2", 16, 8, true, i));
        }
        return new ModelStructure(
                "opt",
                layers,
                8,
                128,
                100,
                2_000,
                linears,
                List.of(),
                List.of(),
                List.of("q_proj", "v_proj"));
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
