package dev.espalier.lm.base;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.AttentionKind;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.ForwardObserver;
import dev.espalier.lm.family.Linears;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What an encoder and a decoder show of their inside, told apart. */
final class TwoStacks implements ForwardObserver {

    private final int encoderLayers;
    private final Encoder.States encoder;
    private final Encoder.States decoder;

    private TwoStacks(int encoderLayers, Encoder.States encoder, Encoder.States decoder) {
        this.encoderLayers = encoderLayers;
        this.encoder = encoder;
        this.decoder = decoder;
    }

    /** Both stacks on the rows of an {@code inputs.safetensors}. */
    static TwoStacks of(BaseModel base, Path inputs) throws IOException {
        ModelStructure structure = base.structure();
        List<TokenSequence> sources = Goldens.sequences(inputs);
        List<TokenSequence> targets = Goldens.targets(inputs);
        long own =
                structure.attention().stream()
                        .filter(block -> block.kind() == AttentionKind.ENCODER)
                        .count();
        TwoStacks stacks =
                new TwoStacks(
                        (int) own,
                        new Encoder.States(sources, structure.hidden(), structure.heads()),
                        new Encoder.States(targets, structure.hidden(), structure.heads()));
        stacks.run(base, sources, targets);
        return stacks;
    }

    private void run(BaseModel base, List<TokenSequence> sources, List<TokenSequence> targets) {
        TextToTextModel model = base.textToTextModel();
        Linears linears = Linears.frozen(base.weights(), base.structure());
        try (Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(base.weights().manager())) {
            Forward pass = new Forward(workspace, base.weights(), linears, Dropout.NONE, this);
            TokenBatch source = TokenBatch.of(sources, workspace, base.weights().precision());
            TokenBatch target = TokenBatch.of(targets, workspace, base.weights().precision());
            model.decode(pass, model.encode(pass, source), target);
        }
    }

    @Override
    public void hiddenStates(int index, NDArray states) {
        if (index <= encoderLayers) {
            encoder.hiddenStates(index, states);
        } else {
            decoder.hiddenStates(index - encoderLayers - 1, states);
        }
    }

    @Override
    public void attention(int block, NDArray probabilities) {
        if (block < encoderLayers) {
            encoder.attention(block, probabilities);
        } else {
            decoder.attention(block - encoderLayers, probabilities);
        }
    }

    /** Compares all that a file of goldens has. */
    void compare(Path file, float tolerance) throws IOException {
        try (SafetensorsFile golden = SafetensorsFile.open(file)) {
            for (int i = 0; i < encoder.layers(); i++) {
                encoder.compareHidden(i, golden.floats("encoder_hidden_states." + i), tolerance);
            }
            for (int i = 0; i < decoder.layers(); i++) {
                decoder.compareHidden(i, golden.floats("decoder_hidden_states." + i), tolerance);
            }
            encoder.compareHidden(
                    encoderLayers, golden.floats("encoder_last_hidden_state"), tolerance);
            if (golden.contains("cross_attentions.0")) {
                compareAttentions(golden, tolerance);
            }
        }
    }

    private void compareAttentions(SafetensorsFile golden, float tolerance) {
        for (int l = 0; l < encoderLayers; l++) {
            encoder.compareAttention(l, golden, "encoder_attentions." + l, tolerance);
        }
        for (int l = 0; l < decoder.layers() - 1; l++) {
            decoder.compareAttention(2 * l, golden, "decoder_attentions." + l, tolerance);
            decoder.compareAttention(2 * l + 1, golden, "cross_attentions." + l, tolerance);
        }
    }
}
