package dev.espalier.lm.train;

import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.cost.BatchShape;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;

/** Writing one text after reading another: as many predictions an example as it has labels. */
record TextToTextTask(BaseModel base, List<TextToTextExample> examples) implements Task {

    TextToTextTask {
        examples = List.copyOf(examples);
    }

    @Override
    public int size() {
        return examples.size();
    }

    @Override
    public int length(int example) {
        TextToTextExample chosen = examples.get(example);
        return chosen.source().length() + chosen.targetLength();
    }

    @Override
    public BatchShape shape(int[] batch) {
        return new BatchShape(
                batch.length,
                longest(batch, example -> example.source().length()),
                longest(batch, TextToTextExample::targetLength));
    }

    private int longest(int[] batch, ToIntFunction<TextToTextExample> length) {
        return Arrays.stream(batch).mapToObj(examples::get).mapToInt(length).max().orElseThrow();
    }

    @Override
    public TokenSequence text(int example) {
        return examples.get(example).source();
    }

    @Override
    public int predictions(int example) {
        return examples.get(example).predictions();
    }

    /** The length of the source first, so that no two examples look the same. */
    @Override
    public int[] content(int example) {
        TextToTextExample chosen = examples.get(example);
        int source = chosen.source().length();
        int[] content = new int[1 + source + chosen.targetLength()];
        content[0] = source;
        System.arraycopy(chosen.source().ids(), 0, content, 1, source);
        for (int t = 0; t < chosen.targetLength(); t++) {
            content[1 + source + t] = chosen.label(t);
        }
        return content;
    }

    @Override
    public double backward(
            LiveAdapter adapter, int[] batch, Entrance entrance, Masks masks, double weight) {
        List<TextToTextExample> chosen = Arrays.stream(batch).mapToObj(examples::get).toList();
        return new TextToTextForeteller(base, adapter).backward(chosen, entrance, masks, weight);
    }
}
