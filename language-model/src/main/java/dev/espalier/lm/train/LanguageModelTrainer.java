package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.tokens.LanguageExample;
import java.util.List;

/** Fine-tunes an adapter so that the model foretells the tokens of texts like these. */
public final class LanguageModelTrainer extends Trainer<LanguageExample> {

    private final BaseModel base;

    /** The whole adapter is trained. */
    public LanguageModelTrainer(
            BaseModel base, AdapterSettings adapter, TrainingSettings settings) {
        this(base, adapter, settings, AdapterPart.whole());
    }

    /**
     * @param trained the entries of the adapter that are trained; the others keep their bits
     */
    public LanguageModelTrainer(
            BaseModel base,
            AdapterSettings adapter,
            TrainingSettings settings,
            AdapterPart trained) {
        super(new RunStarter(base, adapter, settings, trained));
        this.base = base;
    }

    @Override
    Task task(List<LanguageExample> examples) {
        ExampleCheck.check(base, examples);
        return new LanguageTask(base, examples);
    }
}
