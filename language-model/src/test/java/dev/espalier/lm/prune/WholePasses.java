package dev.espalier.lm.prune;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.ForwardObserver;
import dev.espalier.lm.family.Linears;
import dev.espalier.lm.family.SequenceClassifier;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.ArrayList;
import java.util.List;

/** Reads every text alone, from its embeddings to the top, and notes what enters linear layers. */
record WholePasses(BaseModel base) {

    /** A pass shows every row of every layer to one that looks. */
    private static final ForwardObserver EVERY_ROW =
            new ForwardObserver() {
                @Override
                public void hiddenStates(int index, NDArray states) {}

                @Override
                public void attention(int block, NDArray probabilities) {}
            };

    /**
     * @return [tokens][in]
     */
    double[][] entering(String module, int in, Calibration calibration) {
        List<double[]> rows = new ArrayList<>();
        switch (calibration) {
            case Calibration.Texts(List<TokenSequence> texts) ->
                    texts.forEach(text -> read(text, module, in, rows));
            case Calibration.Pairs(List<TextToTextExample> pairs) ->
                    pairs.forEach(pair -> read(pair, module, in, rows));
        }
        return rows.toArray(double[][]::new);
    }

    private void read(TokenSequence text, String module, int in, List<double[]> rows) {
        pass(
                module,
                in,
                rows,
                (pass, workspace) -> {
                    TokenBatch batch = batch(text, workspace);
                    switch (base.family()) {
                        case SequenceClassifier model -> model.classify(pass, batch);
                        case CausalLanguageModel model -> model.states(pass, batch);
                        case TextToTextModel _ -> throw new IllegalStateException();
                    }
                });
    }

    private void read(TextToTextExample pair, String module, int in, List<double[]> rows) {
        TextToTextModel model = base.textToTextModel();
        TokenSequence target = pair.shifted(model.startToken(), model.paddingToken());
        pass(
                module,
                in,
                rows,
                (pass, workspace) ->
                        model.decode(
                                pass,
                                model.encode(pass, batch(pair.source(), workspace)),
                                batch(target, workspace)));
    }

    private interface Reading {
        void read(Forward pass, Workspace workspace);
    }

    private void pass(String module, int in, List<double[]> rows, Reading reading) {
        try (LiveAdapter nothing = base.unadapted();
                Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(nothing.manager())) {
            Linears own = nothing.linears(Dropout.NONE);
            Linears noted =
                    (name, x) -> {
                        if (name.equals(module)) {
                            note(NativeValues.floats(x), in, rows);
                        }
                        return own.apply(name, x);
                    };
            reading.read(
                    new Forward(workspace, base.weights(), noted, Dropout.NONE, EVERY_ROW),
                    workspace);
        }
    }

    private static void note(float[] values, int in, List<double[]> rows) {
        for (int from = 0; from < values.length; from += in) {
            double[] row = new double[in];
            for (int i = 0; i < in; i++) {
                row[i] = values[from + i];
            }
            rows.add(row);
        }
    }

    private TokenBatch batch(TokenSequence text, Workspace workspace) {
        return TokenBatch.of(List.of(text), workspace, base.weights().precision());
    }
}
