package dev.espalier.aggregation.importance;

import dev.espalier.aggregation.combine.Brought;
import dev.espalier.aggregation.combine.ComponentCensus;
import dev.espalier.aggregation.combine.ModuleFactors;
import dev.espalier.aggregation.combine.Shapes;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.job.ImportanceSpec.Score;
import dev.espalier.protocol.job.ImportanceSpec.Source;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the importance of rank-1 components from one version to the next (algorithms.md B.3, B.4
 * step 7, D.5).
 *
 * <p>A pure function of files and updates, so a job that is resumed goes on with the same bits.
 * Written slice by slice: memory grows neither with the model nor with the cohort.
 */
public final class AggregationState {

    private static final Logger log = LoggerFactory.getLogger(AggregationState.class);

    private final ImportanceSpec importance;
    private final AdapterLayout layout;
    private final List<Brought> updates;
    private final SortedMap<String, List<Integer>> census;

    /**
     * @param updates of the round; those without examples count for nothing
     */
    public AggregationState(
            ImportanceSpec importance, AdapterLayout layout, List<Brought> updates) {
        this.importance = importance;
        this.layout = layout;
        this.updates =
                updates.stream()
                        .filter(update -> update.examples() > 0)
                        .sorted(Comparator.comparing(Brought::agent))
                        .toList();
        this.census = ComponentCensus.of(layout, updates);
    }

    /**
     * Writes the state that follows, and says what became of the components, module by module.
     *
     * @param prior the state of the parent; empty, or of other settings: everything begins at zero
     * @param parent the adapter that the updates were trained from
     * @param combined the adapter that follows
     * @param result written whole or not at all
     * @throws ProblemException MODEL_DOES_NOT_FIT if the parent's state is not one of this adapter
     */
    public List<ModuleComponents> follow(
            Optional<Path> prior, Path parent, Path combined, Path result) throws IOException {
        try (PriorState before = PriorState.open(prior, importance);
                SafetensorsFile old = SafetensorsFile.open(parent);
                SafetensorsFile now = SafetensorsFile.open(combined)) {
            if (prior.isPresent() && before.isFresh()) {
                log.warn("the parent's aggregation state has other settings: begun at zero");
            }
            SafetensorsWriter writer =
                    new SafetensorsWriter().metadata(StateNames.settings(importance));
            for (ModuleFactors factors : ModuleFactors.of(layout)) {
                writer.longs(
                        StateNames.age(factors), Shape.of(factors.rank()), ages(factors, before));
                addImportance(writer, factors, before, old, now);
            }
            writer.write(result);
        }
        return told(result);
    }

    private void addImportance(
            SafetensorsWriter writer,
            ModuleFactors factors,
            PriorState before,
            SafetensorsFile old,
            SafetensorsFile now) {
        if (importance.source() == Source.CLIENT_GRADIENT) {
            String name = StateNames.importance(factors);
            writer.floats(name, Shape.of(factors.rank()), measured(factors, before));
            return;
        }
        add(writer, factors.a(), before, old, now);
        add(writer, factors.b(), before, old, now);
    }

    private void add(
            SafetensorsWriter writer,
            AdapterTensor factor,
            PriorState before,
            SafetensorsFile old,
            SafetensorsFile now) {
        Shape shape = Shapes.of(factor);
        boolean ranksByUncertainty = importance.score() == Score.ADALORA;
        String sensitivity = StateNames.sensitivity(factor);
        String uncertainty = StateNames.uncertainty(factor);
        FactorState state =
                new FactorState(
                        shape,
                        touched(factor),
                        new Smoothing(importance.beta1(), importance.beta2()),
                        old.reader(factor.name()),
                        now.reader(factor.name()),
                        before.floats(sensitivity, shape),
                        before.floats(ranksByUncertainty ? uncertainty : sensitivity, shape));
        writer.tensor(sensitivity, DType.F32, shape, state::writeSensitivity);
        if (ranksByUncertainty) {
            writer.tensor(uncertainty, DType.F32, shape, state::writeUncertainty);
        }
    }

    private Touched touched(AdapterTensor factor) {
        return new Touched(
                updates.stream()
                        .map(update -> layout.part(factor, update.contents().scope()))
                        .toList());
    }

    /** What clients measured, weighted by examples; components that nobody trained keep theirs. */
    private float[] measured(ModuleFactors factors, PriorState before) {
        float[] values = new float[factors.rank()];
        before.floats(StateNames.importance(factors), Shape.of(factors.rank()))
                .read(0, values, 0, values.length);
        double[] sums = new double[factors.rank()];
        double[] weights = new double[factors.rank()];
        for (Brought update : updates) {
            List<Integer> components = update.contents().components(factors, layout);
            List<Double> said = said(update, factors.module());
            for (int i = 0; i < components.size(); i++) {
                sums[components.get(i)] += update.examples() * said.get(i);
                weights[components.get(i)] += update.examples();
            }
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = weights[i] > 0 ? (float) (sums[i] / weights[i]) : values[i];
        }
        return values;
    }

    private static List<Double> said(Brought update, String module) {
        Map<String, List<Double>> all =
                Objects.requireNonNull(update.contents().importance(), "checked at intake");
        return all.getOrDefault(module, List.of());
    }

    private long[] ages(ModuleFactors factors, PriorState before) {
        List<Integer> contributors = census.getOrDefault(factors.module(), List.of());
        long[] ages = before.ages(factors);
        for (int i = 0; i < ages.length; i++) {
            ages[i] = contributors.get(i) > 0 ? 0 : ages[i] + 1;
        }
        return ages;
    }

    private List<ModuleComponents> told(Path written) throws IOException {
        List<ModuleComponents> told = new ArrayList<>();
        try (SafetensorsFile state = SafetensorsFile.open(written)) {
            for (ModuleFactors factors : ModuleFactors.of(layout)) {
                told.add(
                        new ModuleComponents(
                                factors.module(),
                                census.getOrDefault(factors.module(), List.of()),
                                importance(state, factors),
                                Arrays.stream(state.longs(StateNames.age(factors)))
                                        .mapToObj(Math::toIntExact)
                                        .toList(),
                                null));
            }
        }
        return told;
    }

    private List<Double> importance(SafetensorsFile state, ModuleFactors factors) {
        if (importance.source() == Source.UPDATE_PROXY) {
            return new ComponentValue(state).of(factors);
        }
        float[] values = state.floats(StateNames.importance(factors));
        return IntStream.range(0, values.length).mapToObj(i -> (double) values[i]).toList();
    }
}
