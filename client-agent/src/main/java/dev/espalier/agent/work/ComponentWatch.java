package dev.espalier.agent.work;

import dev.espalier.lm.adapter.AdapterKey;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.sensitivity.ComponentScore;
import dev.espalier.lm.sensitivity.ElementScore;
import dev.espalier.lm.sensitivity.Sensitivity;
import dev.espalier.lm.sensitivity.Smoothing;
import dev.espalier.lm.sensitivity.WeightsOfStep;
import dev.espalier.lm.train.TrainingRun;
import dev.espalier.protocol.job.ImportanceSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Follows how much the trained components matter to the loss, smoothed over the steps of one round
 * (algorithms.md B.3). Of every step it takes the values that the gradients were computed at, and
 * the gradients as they were clipped (ours).
 */
final class ComponentWatch {

    private final ElementScore score;
    private final Sensitivity seen;

    private ComponentWatch(ElementScore score, Sensitivity seen) {
        this.score = score;
        this.seen = seen;
    }

    /** With nothing seen. */
    static ComponentWatch begin(ImportanceSpec spec, TrainedPart part) {
        Smoothing smoothing = new Smoothing(spec.beta1(), spec.beta2());
        return new ComponentWatch(
                score(spec), Sensitivity.start(part.model().weights().shapes(), smoothing));
    }

    /** Goes on as if it had not stopped. */
    static ComponentWatch read(ImportanceSpec spec, Path file) throws IOException {
        return new ComponentWatch(score(spec), Sensitivity.read(file));
    }

    private static ElementScore score(ImportanceSpec spec) {
        return switch (spec.score()) {
            case SMOOTHED -> ElementScore.SMOOTHED;
            case ADALORA -> ElementScore.ADALORA;
        };
    }

    void write(Path file) throws IOException {
        seen.write(file);
    }

    /** Looks at every step from the next one on. */
    void follow(TrainingRun run) {
        run.observe(seen.observer(WeightsOfStep.BEFORE));
    }

    /**
     * By module: of each trained component, ascending. Modules of which nothing is are left out.
     */
    Map<String, List<Double>> scores(TrainedPart part) {
        AdapterPart trained = part.trained();
        Map<String, List<Double>> scores = new TreeMap<>();
        for (LinearLayer target : part.model().base().layout(part.model().adapter()).targets()) {
            String module = target.module();
            if (!trained.of(AdapterKey.a(module)).isEmpty()
                    && !trained.of(AdapterKey.b(module)).isEmpty()) {
                double[] found =
                        seen.components(module, score, ComponentScore.MEAN_PLUS_MEAN, trained);
                scores.put(module, Arrays.stream(found).boxed().toList());
            }
        }
        return scores;
    }
}
