package dev.espalier.lm;

import dev.espalier.lm.family.AttentionKind;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** The numbers of a {@code heads.safetensors}, in the order of a model's attention blocks. */
public final class GoldenHeads {

    private final Path file;
    private final ModelStructure model;

    public GoldenHeads(Path family, ModelStructure model) {
        this.file = family.resolve("heads.safetensors");
        this.model = model;
    }

    public HeadMask mask() {
        float[][] kept = gates("");
        boolean[][] mask = new boolean[kept.length][];
        for (int b = 0; b < mask.length; b++) {
            mask[b] = new boolean[kept[b].length];
            for (int h = 0; h < mask[b].length; h++) {
                mask[b][h] = kept[b][h] == 1;
            }
        }
        return HeadMask.of(mask);
    }

    /** |dLoss/dmask|. */
    public float[][] importance() {
        return gates("importance.");
    }

    /**
     * @param name {@code confidence} or {@code confidence_perseq}
     */
    public float[][] confidence(String name) {
        return isTextToText()
                ? rows(name + ".encoder", name + ".decoder", name + ".cross")
                : rows(name, name, name);
    }

    public float[] floats(String name) {
        return Goldens.floats(file, name);
    }

    private float[][] gates(String prefix) {
        String own = prefix + "head_mask";
        return isTextToText()
                ? rows(own, prefix + "decoder_head_mask", prefix + "cross_attn_head_mask")
                : rows(own, own, own);
    }

    private boolean isTextToText() {
        return model.attention().stream().anyMatch(block -> block.kind() == AttentionKind.CROSS);
    }

    /** Row l of a tensor [layer, head] is that of the l-th block of its kind. */
    private float[][] rows(String encoder, String decoder, String cross) {
        Map<AttentionKind, String> names =
                Map.of(
                        AttentionKind.ENCODER, encoder,
                        AttentionKind.DECODER, decoder,
                        AttentionKind.CROSS, cross);
        Map<AttentionKind, Integer> next = new EnumMap<>(AttentionKind.class);
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return model.attention().stream()
                    .map(block -> {
                        int row = next.merge(block.kind(), 1, Integer::sum) - 1;
                        float[] all = tensors.floats(names.get(block.kind()));
                        int heads = block.heads();
                        return Arrays.copyOfRange(all, row * heads, (row + 1) * heads);
                    })
                    .toArray(float[][]::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
