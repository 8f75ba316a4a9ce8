package dev.espalier.aggregation;

import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.update.AdapterLayout;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A model of attention blocks of any form, without a task head.
 *
 * @param keyValueHeads fewer than heads where these share keys and values
 * @param in inputs of query, key and value
 * @param out outputs of the last linear of a block
 * @param fused one linear, named c_attn, makes query, key and value
 */
public record AttentionModel(
        int blocks, int heads, int keyValueHeads, int headSize, int in, int out, boolean fused) {

    public static String block(int number) {
        return "layer." + number;
    }

    public List<String> blockNames() {
        return IntStream.range(0, blocks).mapToObj(AttentionModel::block).toList();
    }

    public AdapterLayout layout(int rank, String... targets) {
        return AdapterLayout.of(
                structure(),
                new AdapterSpec(rank, 2.0 * rank, 0.0, List.of(targets)),
                TinyModel.TASK);
    }

    public ModelStructure structure() {
        List<AttentionBlock> all = blockNames().stream().map(this::attention).toList();
        List<Linear> linears = new ArrayList<>();
        all.forEach(block -> linears.addAll(linears(block)));
        return new ModelStructure(
                "any", blocks, in, 16, 32, 1000, linears, all, List.of(), List.of("query"));
    }

    private AttentionBlock attention(String name) {
        return new AttentionBlock(
                name,
                heads,
                keyValueHeads,
                headSize,
                name + (fused ? ".c_attn" : ".query"),
                name + (fused ? ".c_attn" : ".key"),
                name + (fused ? ".c_attn" : ".value"),
                name + ".out");
    }

    private LinkedHashSet<Linear> linears(AttentionBlock block) {
        int inner = heads * headSize;
        int shared = keyValueHeads * headSize;
        LinkedHashSet<Linear> linears = new LinkedHashSet<>();
        if (fused) {
            linears.add(new Linear(block.query(), in, 3 * inner, true));
        } else {
            linears.add(new Linear(block.query(), in, inner, false));
            linears.add(new Linear(block.key(), in, shared, false));
            linears.add(new Linear(block.value(), in, shared, false));
        }
        linears.add(new Linear(block.output(), inner, out, false));
        return linears;
    }
}
