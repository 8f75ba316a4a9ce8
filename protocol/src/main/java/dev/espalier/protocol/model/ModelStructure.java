package dev.espalier.protocol.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What others must know of a base model to plan, to check updates and to count bytes, without
 * opening its weights. Written by whoever registers the base; agents check it against the weights
 * they load.
 *
 * @param family the {@code model_type} of its config.json, for example {@code bert}
 * @param layers transformer layers
 * @param hiddenSize width d
 * @param maxPositions longest input, in tokens
 * @param parameters number of weights in all files
 * @param linears the linear layers inside the blocks, in the order of the weights file
 * @param attentionBlocks multi-head attention sublayers with the names of their four linears
 * @param classificationHead the linears that are trained along for sequence classification; {@code
 *     out} 0 stands for the number of labels
 * @param defaultTargetModules what LoRA adapts when a job names nothing (the common PEFT defaults)
 */
public record ModelStructure(
        @NotNull @Size(min = 1, max = 63) String family,
        @Positive int layers,
        @Positive int hiddenSize,
        @Positive int maxPositions,
        @Positive int vocabularySize,
        @Positive long parameters,
        @NotEmpty @Size(max = 100_000) List<@Valid @NotNull Linear> linears,
        @NotNull @Size(max = 10_000) List<@Valid @NotNull AttentionBlock> attentionBlocks,
        @NotNull @Size(max = 8) List<@Valid @NotNull Linear> classificationHead,
        @NotNull @Size(max = 64) List<@NotNull String> defaultTargetModules) {

    /**
     * A linear layer {@code y = x Wᵀ (+ b)} with W [out, in].
     *
     * @param name full module name, for example {@code bert.encoder.layer.0.attention.self.query}
     * @param bias whether it has a bias [out]
     * @param layer the transformer layer it lies in, by place in the forward pass from 0, an
     *     encoder's before a decoder's; absent for those outside of all layers, as of a task head
     *     or a pooler, and in structures of before this was told
     */
    public record Linear(
            @NotNull @Size(min = 1, max = 300) String name,
            @Positive int in,
            @PositiveOrZero int out,
            boolean bias,
            @JsonInclude(JsonInclude.Include.NON_NULL) @PositiveOrZero @Nullable Integer layer) {

        /** One outside of all layers, such as a task head's. */
        public Linear(String name, int in, int out, boolean bias) {
            this(name, in, out, bias, null);
        }

        /** W's name, as the whole model calls it. */
        @JsonIgnore
        public String weight() {
            return name + ".weight";
        }
    }

    /**
     * One multi-head attention sublayer. Head h owns rows {@code h*headSize .. (h+1)*headSize-1} of
     * q, k and v, and the same columns of o (algorithms.md section 1).
     *
     * @param keyValueHeads fewer than {@code heads} where query heads share keys and values
     */
    public record AttentionBlock(
            @NotNull @Size(min = 1, max = 300) String name,
            @Positive int heads,
            @Positive int keyValueHeads,
            @Positive int headSize,
            @NotNull String query,
            @NotNull String key,
            @NotNull String value,
            @NotNull String output) {}

    public ModelStructure {
        linears = List.copyOf(linears);
        attentionBlocks = List.copyOf(attentionBlocks);
        classificationHead = List.copyOf(classificationHead);
        defaultTargetModules = List.copyOf(defaultTargetModules);
    }

    public Optional<Linear> linear(String name) {
        return linears.stream().filter(linear -> linear.name().equals(name)).findFirst();
    }

    /**
     * The linears that a target names by PEFT's rule: the whole module name, or its end after a
     * dot.
     */
    public List<Linear> targets(String target) {
        return linears.stream()
                .filter(linear ->
                        linear.name().equals(target) || linear.name().endsWith("." + target))
                .toList();
    }

    /**
     * Whether the family stores its linears the other way round, W as [in, out]: what transformers
     * calls Conv1D, and PEFT {@code fan_in_fan_out}. The shapes in here are those of [out, in] all
     * the same.
     */
    @JsonIgnore
    public boolean inputFirst() {
        return family.equals("gpt2");
    }

    /**
     * The layers whose linears can be pruned, from 0; none in structures of before layers were
     * told.
     */
    @JsonIgnore
    public SortedSet<Integer> layersOfLinears() {
        return linears.stream()
                .map(Linear::layer)
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Whether linears tell their layers, so that layers can be pruned one by one. Some lie outside
     * of all layers: an encoder's pooler.
     */
    @JsonIgnore
    public boolean tellsLayers() {
        return !layersOfLinears().isEmpty();
    }

    /** The linears of some layers, in the order of the weights file. */
    public List<Linear> linearsOf(Collection<Integer> chosen) {
        return linears.stream()
                .filter(linear -> linear.layer() != null && chosen.contains(linear.layer()))
                .toList();
    }

    @JsonIgnore
    public int heads() {
        return attentionBlocks.stream().mapToInt(AttentionBlock::heads).sum();
    }
}
