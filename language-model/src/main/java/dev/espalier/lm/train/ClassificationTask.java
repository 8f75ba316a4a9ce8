package dev.espalier.lm.train;

import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.cost.BatchShape;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.Arrays;
import java.util.List;

/** Telling classes of text apart: one prediction an example. */
record ClassificationTask(BaseModel base, List<Example> examples) implements Task {

    ClassificationTask {
        examples = List.copyOf(examples);
    }

    @Override
    public int size() {
        return examples.size();
    }

    @Override
    public int length(int example) {
        return examples.get(example).tokens().length();
    }

    @Override
    public BatchShape shape(int[] batch) {
        return new BatchShape(
                batch.length, Arrays.stream(batch).map(this::length).max().orElseThrow());
    }

    @Override
    public TokenSequence text(int example) {
        return examples.get(example).tokens();
    }

    @Override
    public int predictions(int example) {
        return 1;
    }

    @Override
    public int[] content(int example) {
        TokenSequence tokens = examples.get(example).tokens();
        int[] content = new int[1 + 2 * tokens.length()];
        content[0] = examples.get(example).label();
        for (int t = 0; t < tokens.length(); t++) {
            content[1 + 2 * t] = tokens.id(t);
            content[2 + 2 * t] = tokens.type(t);
        }
        return content;
    }

    @Override
    public double backward(
            LiveAdapter adapter, int[] batch, Entrance entrance, Masks masks, double weight) {
        List<Example> chosen = Arrays.stream(batch).mapToObj(examples::get).toList();
        return new Classifier(base, adapter).backward(chosen, entrance, masks, weight);
    }
}
