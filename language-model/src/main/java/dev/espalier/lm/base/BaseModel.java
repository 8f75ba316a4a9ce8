package dev.espalier.lm.base;

import dev.espalier.lm.adapter.AdapterLayout;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.FreshAdapter;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.compute.Bfloat16;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelFamily;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.family.SequenceClassifier;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.tokens.TextTokenizer;
import dev.espalier.lm.weights.FrozenWeights;
import dev.espalier.lm.weights.ModelFolder;
import dev.espalier.lm.weights.ModelRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A pretrained model from a Hugging Face folder. Its weights are mapped, never changed, and shared:
 * load it once per process, give it to every trainer, close it after the last of them.
 *
 * <p>Safe for many threads.
 */
public final class BaseModel implements AutoCloseable {

    private final ModelFolder folder;
    private final ModelFamily family;
    private final FrozenWeights weights;
    private final @Nullable TextTokenizer tokenizer;

    /** What heads were removed from; none if it has all. */
    private final @Nullable BaseModel whole;

    /** Whether closing this closes the tokenizer. */
    private final boolean ownsTokenizer;

    private BaseModel(
            ModelFolder folder,
            ModelFamily family,
            FrozenWeights weights,
            @Nullable TextTokenizer tokenizer,
            @Nullable BaseModel whole,
            boolean ownsTokenizer) {
        this.whole = whole;
        this.ownsTokenizer = ownsTokenizer;
        this.folder = folder;
        this.family = family;
        this.weights = weights;
        this.tokenizer = tokenizer;
    }

    /**
     * @param folder holds {@code config.json}, the weights and, where texts are to be encoded,
     *     {@code tokenizer.json}
     * @throws ModelRefusedException if the folder is incomplete, contradicts itself, or asks for
     *     something that is not supported; the message names it
     */
    public static BaseModel load(Path folder) throws IOException {
        return load(folder, Precision.SINGLE);
    }

    /**
     * As {@link #load(Path)}, computing in that precision.
     *
     * @throws IllegalArgumentException if it is {@link Precision#BFLOAT16} and the processor is not
     *     made for it; {@link Precision#bfloat16WhereSupported()} gives one that fits
     */
    public static BaseModel load(Path folder, Precision precision) throws IOException {
        if (precision == Precision.BFLOAT16 && !Bfloat16.isSupported()) {
            throw new IllegalArgumentException(
                    "this processor has no avx512_bf16 or amx_bf16: compute in SINGLE precision");
        }
        ModelFolder files = ModelFolder.open(folder);
        ModelFamily family = Families.of(files.config());
        TextTokenizer tokenizer = FolderParts.tokenizer(files, family.structure());
        try {
            FrozenWeights weights = FolderParts.weights(files, family, precision);
            return new BaseModel(files, family, weights, tokenizer, null, true);
        } catch (IOException | RuntimeException e) {
            if (tokenizer != null) {
                tokenizer.close();
            }
            throw e;
        }
    }

    /**
     * This model without some of its heads, for whatever takes a model: smaller copies of the
     * layers that lose heads, everything else shared. This one stays as it is; close the other
     * before it, to have its memory back.
     *
     * @param mask of this model
     * @throws IllegalArgumentException if the mask is of another model
     * @throws IllegalStateException if heads were removed already: take the whole model
     */
    public BaseModel keeping(HeadMask mask) {
        if (whole != null) {
            throw new IllegalStateException("heads are removed from the whole model");
        }
        ModelFamily left = family.keeping(mask);
        FrozenWeights parts = weights.keeping(left.heads().tensorParts());
        return new BaseModel(folder, left, parts, tokenizer, this, false);
    }

    /**
     * This model with other values in some of its tensors, for whatever takes a model: these are
     * its own, everything else is shared. This one stays as it is; close the other before it, to
     * have its memory back.
     *
     * @param changes by canonical name, from the values as they are, in F32, to as many others;
     *     done at once, one after the other
     * @throws IllegalArgumentException if there is no such tensor, or a change gives more or fewer
     *     values than there were
     * @throws IllegalStateException if heads were removed: take the whole model
     */
    public BaseModel changed(SortedMap<String, UnaryOperator<float[]>> changes) {
        if (whole != null) {
            throw new IllegalStateException("weights are changed in the whole model");
        }
        return new BaseModel(folder, family, weights.changed(changes), tokenizer, null, false);
    }

    /** The heads that the model has: all, unless it is one that {@link #keeping} gave. */
    public ModelHeads heads() {
        return family.heads();
    }

    public ModelFamily family() {
        return family;
    }

    /**
     * The family as one that classifies.
     *
     * @throws IllegalArgumentException if it does not
     */
    public SequenceClassifier classifier() {
        if (family instanceof SequenceClassifier classifier) {
            return classifier;
        }
        throw new IllegalArgumentException(
                "a %s model does not classify".formatted(structure().family()));
    }

    /**
     * The family as one that foretells tokens.
     *
     * @throws IllegalArgumentException if it does not
     */
    public CausalLanguageModel causalLanguageModel() {
        if (family instanceof CausalLanguageModel model) {
            return model;
        }
        throw new IllegalArgumentException(
                "a %s model is no causal language model".formatted(structure().family()));
    }

    /**
     * The family as one that reads a text and foretells another.
     *
     * @throws IllegalArgumentException if it does not
     */
    public TextToTextModel textToTextModel() {
        if (family instanceof TextToTextModel model) {
            return model;
        }
        throw new IllegalArgumentException(
                "a %s model does not make texts of texts".formatted(structure().family()));
    }

    public ModelStructure structure() {
        return family.structure();
    }

    public FrozenWeights weights() {
        return weights;
    }

    /**
     * @throws ModelRefusedException if the folder has no {@code tokenizer.json}
     */
    public TextTokenizer tokenizer() {
        if (tokenizer == null) {
            throw new ModelRefusedException(folder.tokenizer() + " is missing");
        }
        return tokenizer;
    }

    /** Tokens that end a text, as the folder says; none if it does not. */
    public List<Integer> endTokens() throws IOException {
        return folder.generation().integers("eos_token_id");
    }

    /**
     * Tokens that stand at the end of a text that is read: those that the folder names, else the
     * last one that the tokenizer puts around an empty text, which is {@code [SEP]} for BERT. Empty
     * if there is neither.
     */
    public Set<Integer> textEnds() throws IOException {
        List<Integer> named = endTokens();
        if (!named.isEmpty() || tokenizer == null) {
            return Set.copyOf(named);
        }
        return tokenizer.closing().stream().boxed().collect(Collectors.toUnmodifiableSet());
    }

    /** Whether there is a classification head in the folder, and nothing of it is missing. */
    public boolean hasTaskHead() {
        List<LinearLayer> head = structure().taskHeadLinears();
        return !head.isEmpty()
                && head.stream().allMatch(l -> weights.has(l.weight()) && weights.has(l.bias()));
    }

    /** Which tensors an adapter of that form has on this model. */
    public AdapterLayout layout(AdapterSettings settings) {
        boolean classifies = !structure().taskHeadLinears().isEmpty();
        if (classifies && settings.head() instanceof TaskHead.Frozen && !hasTaskHead()) {
            throw new IllegalArgumentException(
                    "the base model has no classification head of its own: train one");
        }
        return new AdapterLayout(heads(), settings);
    }

    /**
     * First values of an adapter: it changes nothing yet. A trained head starts from the base's own
     * where that has the same labels, else from chance. A model that lost heads gets its part of
     * what the whole one would get.
     */
    public AdapterWeights freshAdapter(AdapterSettings settings, long seed) {
        if (whole != null) {
            return layout(settings).part().taken(whole.freshAdapter(settings, seed));
        }
        layout(settings);
        boolean known = hasTaskHead() && settings.labels(structure()).equals(structure().labels());
        return FreshAdapter.draw(
                structure(),
                settings,
                seed,
                name -> known ? Optional.of(weights.floats(name)) : Optional.empty());
    }

    /** This model in the engine with no adapter over it. */
    public LiveAdapter unadapted() {
        return LiveAdapter.none(weights, structure());
    }

    /** The adapter in the engine, laid over this model. */
    public LiveAdapter adapt(AdapterSettings settings, AdapterWeights values) {
        return adapt(settings, values, AdapterPart.whole());
    }

    /** As {@link #adapt(AdapterSettings, AdapterWeights)}, of which only a part is trained. */
    public LiveAdapter adapt(AdapterSettings settings, AdapterWeights values, AdapterPart trained) {
        return new LiveAdapter(weights, layout(settings), values, trained);
    }

    ModelFolder folder() {
        return folder;
    }

    /** Nothing may compute on this model during or after this. */
    @Override
    public void close() {
        weights.close();
        if (tokenizer != null && ownsTokenizer) {
            tokenizer.close();
        }
    }
}
