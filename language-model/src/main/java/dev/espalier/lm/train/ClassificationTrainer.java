package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.tokens.Example;
import java.util.List;

/** Fine-tunes an adapter so that the model tells classes of text apart. */
public final class ClassificationTrainer extends Trainer<Example> {

    private final BaseModel base;
    private final AdapterSettings adapter;

    /** The whole adapter is trained. */
    public ClassificationTrainer(
            BaseModel base, AdapterSettings adapter, TrainingSettings settings) {
        this(base, adapter, settings, AdapterPart.whole());
    }

    /**
     * @param trained the entries of the adapter that are trained; the others keep their bits
     */
    public ClassificationTrainer(
            BaseModel base,
            AdapterSettings adapter,
            TrainingSettings settings,
            AdapterPart trained) {
        super(new RunStarter(base, adapter, settings, trained));
        this.base = base;
        this.adapter = adapter;
    }

    @Override
    Task task(List<Example> examples) {
        ExampleCheck.check(base, adapter, examples);
        return new ClassificationTask(base, examples);
    }
}
