package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.tokens.TextToTextExample;
import java.util.List;

/** Fine-tunes an adapter so that the model writes such texts after reading such others. */
public final class TextToTextTrainer extends Trainer<TextToTextExample> {

    private final BaseModel base;

    /** The whole adapter is trained. */
    public TextToTextTrainer(BaseModel base, AdapterSettings adapter, TrainingSettings settings) {
        this(base, adapter, settings, AdapterPart.whole());
    }

    /**
     * @param trained the entries of the adapter that are trained; the others keep their bits
     */
    public TextToTextTrainer(
            BaseModel base,
            AdapterSettings adapter,
            TrainingSettings settings,
            AdapterPart trained) {
        super(new RunStarter(base, adapter, settings, trained));
        this.base = base;
    }

    @Override
    Task task(List<TextToTextExample> examples) {
        ExampleCheck.checkPairs(base, examples);
        return new TextToTextTask(base, examples);
    }
}
