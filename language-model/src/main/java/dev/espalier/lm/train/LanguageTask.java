package dev.espalier.lm.train;

import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.cost.BatchShape;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.Arrays;
import java.util.List;

/** Foretelling tokens: as many predictions an example as it has labels. */
record LanguageTask(BaseModel base, List<LanguageExample> examples) implements Task {

    LanguageTask {
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
        return examples.get(example).predictions();
    }

    @Override
    public int[] content(int example) {
        LanguageExample chosen = examples.get(example);
        int[] content = new int[2 * chosen.tokens().length()];
        for (int t = 0; t < chosen.tokens().length(); t++) {
            content[2 * t] = chosen.tokens().id(t);
            content[2 * t + 1] = chosen.label(t);
        }
        return content;
    }

    @Override
    public double backward(
            LiveAdapter adapter, int[] batch, Entrance entrance, Masks masks, double weight) {
        List<LanguageExample> chosen = Arrays.stream(batch).mapToObj(examples::get).toList();
        return new Foreteller(base, adapter).backward(chosen, entrance, masks, weight);
    }
}
