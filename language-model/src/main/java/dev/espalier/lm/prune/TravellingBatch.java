package dev.espalier.lm.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.Entry;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.Linears;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.family.TextToTextModel.Encoded;
import org.jspecify.annotations.Nullable;

/** A batch of calibration texts and where it has got to on its way through a model. */
final class TravellingBatch {

    private final BaseModel base;
    private final NDManager home;
    private final CalibrationBatch texts;

    /** What enters the next layer, [batch, time, hidden]; none before the first. */
    private @Nullable NDArray states;

    /** What the encoder made of the texts, once they are through it, [batch, time, hidden]. */
    private @Nullable NDArray encoded;

    /**
     * @param home what states hang on between layers
     */
    TravellingBatch(BaseModel base, NDManager home, CalibrationBatch texts) {
        this.base = base;
        this.home = home;
        this.texts = texts;
    }

    /**
     * Runs one layer and stays before it.
     *
     * @param layer the next one, in the order of the forward pass
     * @return [batch, time, hidden], as long as the workspace
     */
    NDArray through(int layer, Linears linears, Workspace workspace) {
        int first = base.family().firstStack();
        return layer < first
                ? throughFirstStack(layer, linears, workspace)
                : throughDecoder(layer - first, linears, workspace);
    }

    /** Comes to the next layer with what left the last. */
    void arrive(NDArray left) {
        states = kept(left, states);
    }

    private NDArray throughFirstStack(int layer, Linears linears, Workspace workspace) {
        NDArray entering = states;
        if (entering == null) {
            entering = firstStates(0, pass(workspace, linears, null), workspace);
            arrive(entering);
        }
        Forward pass = pass(workspace, linears, new Entry(layer, entering));
        return firstStates(layer + 1, pass, workspace);
    }

    private NDArray firstStates(int layer, Forward pass, Workspace workspace) {
        return base.family().statesBefore(layer, pass, texts.text(workspace, precision()));
    }

    private NDArray throughDecoder(int layer, Linears linears, Workspace workspace) {
        TextToTextModel model = base.textToTextModel();
        NDArray read = encoded;
        if (read == null) {
            read = leaveEncoder(model, linears, workspace);
        }
        Encoded source = new Encoded(read, texts.text(workspace, precision()).mask());
        Entry entry = states == null ? null : new Entry(layer, states);
        Forward pass = pass(workspace, linears, entry);
        return model.statesBefore(layer + 1, pass, source, texts.target(workspace, precision()));
    }

    /** What came out of the encoder's last layer becomes what the decoder asks. */
    private NDArray leaveEncoder(TextToTextModel model, Linears linears, Workspace workspace) {
        NDArray last = states;
        Entry end = last == null ? null : new Entry(model.firstStack(), last);
        Encoded read =
                model.encode(pass(workspace, linears, end), texts.text(workspace, precision()));
        encoded = kept(read.states(), last);
        states = null;
        return read.states();
    }

    private Forward pass(Workspace workspace, Linears linears, @Nullable Entry entry) {
        return new Forward(workspace, base.weights(), linears, Dropout.NONE, null, entry);
    }

    private Precision precision() {
        return base.weights().precision();
    }

    /** Takes an array out of the step that made it, in the place of another. */
    private NDArray kept(NDArray made, @Nullable NDArray before) {
        NDScope.unregister(made);
        made.attach(home);
        if (before != null) {
            before.close();
        }
        return made;
    }
}
