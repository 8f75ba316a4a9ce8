package dev.espalier.agent.work;

import dev.espalier.agent.data.TextEncoding;
import dev.espalier.agent.model.BaseModels;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.SequenceClassifier;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.train.LearningRateSchedule;
import dev.espalier.lm.train.TrainingSettings;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.TaskKind;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.work.Assignment;
import java.util.List;

/** Translates what a job says into what the language model library is told. */
final class TaskRules {

    private TaskRules() {}

    static AdapterSettings adapter(AdapterSpec spec, TaskSpec task, ModelStructure base) {
        List<String> named = spec.targetModules();
        return new AdapterSettings(
                spec.rank(),
                spec.alpha(),
                spec.dropout(),
                new TargetModules.Names(named == null ? base.defaultTargetModules() : named),
                head(task));
    }

    private static TaskHead head(TaskSpec task) {
        return switch (task.kind()) {
            case SEQUENCE_CLASSIFICATION -> TaskHead.trained(task.labels());
            case TEXT_TO_TEXT, CAUSAL_LANGUAGE_MODELLING -> TaskHead.frozen();
        };
    }

    /**
     * @throws CannotDoException if a model of that family does not do such a task
     */
    static void requireFit(TaskSpec task, BaseModel base) {
        boolean fits =
                switch (task.kind()) {
                    case SEQUENCE_CLASSIFICATION -> base.family() instanceof SequenceClassifier;
                    case TEXT_TO_TEXT -> base.family() instanceof TextToTextModel;
                    case CAUSAL_LANGUAGE_MODELLING -> base.family() instanceof CausalLanguageModel;
                };
        if (!fits) {
            throw new CannotDoException(
                    "a %s model does not do %s".formatted(base.structure().family(), task.kind()));
        }
    }

    /**
     * @throws CannotDoException if classes are to be told apart by a base alone, which has no head
     *     for them
     */
    static void requireHead(Assignment assignment) {
        if (assignment.adapter() == null
                && assignment.task().kind() == TaskKind.SEQUENCE_CLASSIFICATION) {
            throw new CannotDoException(
                    "%s has no head to tell classes apart with; name an adapter, which brings one"
                            .formatted(assignment.base()));
        }
    }

    static TrainingSettings training(TrainingSpec spec, long seed) {
        return new TrainingSettings(
                spec.localEpochs(),
                spec.batchSize(),
                1,
                spec.learningRate(),
                schedule(spec.schedule()),
                spec.weightDecay(),
                Math.min(spec.warmup(), Math.nextDown(1.0)), // all of it: the last step is full
                spec.clipNorm(),
                Integer.MAX_VALUE,
                false,
                seed);
    }

    private static LearningRateSchedule schedule(TrainingSpec.LearningRateSchedule schedule) {
        return switch (schedule) {
            case CONSTANT -> LearningRateSchedule.CONSTANT;
            case LINEAR -> LearningRateSchedule.LINEAR;
            case COSINE -> LearningRateSchedule.COSINE;
        };
    }

    /** Texts are cut to what the task asks for, or to what the model takes; so are windows. */
    static TextEncoding encoding(Assignment assignment, BaseModels.Lease base) {
        int longest = Math.min(assignment.task().maxLength(), base.structure().maxPositions());
        return new TextEncoding(base.model().tokenizer(), base.tokenizerDigest(), longest);
    }

    /** The same for texts that are to be written. */
    static TextEncoding targetEncoding(Assignment assignment, BaseModels.Lease base) {
        return encoding(assignment, base).cutTo(longestTarget(assignment.task(), base));
    }

    /** Tokens of a text that is to be written; a model that writes reads a start token before. */
    static int longestTarget(TaskSpec task, BaseModels.Lease base) {
        Integer asked = task.maxTargetLength();
        if (asked == null) {
            throw new CannotDoException("task.maxTargetLength is missing");
        }
        return Math.min(asked, base.structure().maxPositions() - 1);
    }
}
