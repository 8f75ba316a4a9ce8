package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.cost.RunBatches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A training run that the caller drives step by step: between two steps it can be watched, saved,
 * left alone for a while or given up.
 *
 * <p>The values after any number of steps depend on the arguments alone, bit for bit, at one thread
 * per operation: not on pauses, on resuming from a checkpoint, nor on other runs in the process.
 * One thread at a time may use it.
 */
public final class TrainingRun implements AutoCloseable {

    private static final long ADAPTER_DROPOUT = 1;
    private static final long MODEL_DROPOUT = 2;
    private static final long ORDER = 3;

    private final TrainingSettings settings;
    private final String fingerprint;
    private final Task task;
    private final LiveAdapter adapter;
    private final FrozenStates frozenStates;
    private final TrainedTensors tensors;
    private final AdamW optimiser;
    private final BatchPlan plan;
    private final int stepsPerEpoch;
    private final int steps;
    private final List<StepObserver> observers = new ArrayList<>();

    private int plannedEpoch = -1;
    private List<int[]> batches = List.of();

    private int step;
    private long seen;
    private double firstLoss;
    private double lossSum;
    private double lastLoss;

    /** Starts where the checkpoint is, which may be before the first step. */
    TrainingRun(
            Task task,
            LiveAdapter adapter,
            FrozenStates frozenStates,
            TrainingSettings settings,
            TrainingCheckpoint from) {
        this.task = task;
        this.adapter = adapter;
        this.frozenStates = frozenStates;
        this.settings = settings;
        this.fingerprint = from.fingerprint();
        int[] lengths = IntStream.range(0, task.size()).map(task::length).toArray();
        plan = new BatchPlan(lengths, settings.batchSize(), settings.seed() ^ ORDER);
        stepsPerEpoch = settings.stepsPerEpoch(task.size());
        steps = settings.steps(task.size());
        optimiser = new AdamW(settings.weightDecay());
        tensors = new TrainedTensors(adapter, from.weights());
        tensors.restoreMoments(from.firstMoments(), from.secondMoments());
        step = from.step();
        seen = from.examples();
        firstLoss = from.firstLoss();
        lossSum = from.lossSum();
        lastLoss = from.lastLoss();
    }

    /** Optimiser steps of the whole run. */
    public int steps() {
        return steps;
    }

    public boolean isDone() {
        return step >= steps;
    }

    /**
     * Lets someone look at every step from the next one on; without anyone nothing is copied. What
     * an observer throws leaves {@link #step} after the step was done.
     */
    public void observe(StepObserver observer) {
        observers.add(observer);
    }

    /**
     * Does the next optimiser step.
     *
     * @throws DivergedException if loss or gradient are no longer numbers; the values stay as they
     *     were before the step
     */
    public StepReport step() {
        if (isDone()) {
            throw new IllegalStateException("all " + steps + " steps are done");
        }
        List<int[]> parts = nextBatches();
        double loss = backward(parts);
        tensors.takeGradients();
        double norm = tensors.gradientNorm();
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new DivergedException(step + 1, loss, norm);
        }
        tensors.clip(norm, settings.clipNorm());
        double rate = learningRate();
        Optional<StepChange> change = move(rate);
        record(loss, parts.stream().mapToInt(part -> part.length).sum());
        change.ifPresent(seen -> observers.forEach(observer -> observer.onStep(seen)));
        return new StepReport(step, steps, loss, rate, norm, seen);
    }

    /**
     * Does the steps that are left.
     *
     * @param stop asked before every step; true ends the run
     */
    public TrainingOutcome run(ProgressListener listener, BooleanSupplier stop) {
        while (!isDone()) {
            if (stop.getAsBoolean()) {
                return new TrainingOutcome.Stopped(checkpoint());
            }
            listener.onStep(step());
        }
        return new TrainingOutcome.Finished(result());
    }

    /** The state after the steps done so far; stays as it is when the run goes on. */
    public TrainingCheckpoint checkpoint() {
        return new TrainingCheckpoint(
                fingerprint,
                tensors.values(),
                tensors.first(),
                tensors.second(),
                step,
                seen,
                firstLoss,
                lossSum,
                lastLoss);
    }

    /** The batches of the steps done so far, those before a checkpoint included. */
    public RunBatches batches() {
        List<int[]> done = new ArrayList<>();
        for (int before = 0; before < step; before += stepsPerEpoch) {
            int batches = Math.min(stepsPerEpoch, step - before) * settings.accumulation();
            plan.epoch(before / stepsPerEpoch).stream().limit(batches).forEach(done::add);
        }
        List<int[]> entered = done.stream().filter(frozenStates::holds).toList();
        Stream<int[]> whole = done.stream().filter(batch -> !frozenStates.holds(batch));
        Stream<int[]> prepared =
                entered.stream()
                        .flatMapToInt(Arrays::stream)
                        .distinct()
                        .mapToObj(example -> new int[] {example});
        return new RunBatches(
                whole.map(task::shape).toList(),
                entered.stream().map(task::shape).toList(),
                prepared.map(task::shape).toList());
    }

    /** The values after the steps done so far. */
    public AdapterWeights weights() {
        return tensors.values();
    }

    /** What came of the steps done so far. */
    public TrainingResult result() {
        return new TrainingResult(
                tensors.values(), step, seen, firstLoss, lossSum / step, lastLoss);
    }

    /** How many arrays of the engine this run holds between two steps: a constant. */
    int nativeArrays() {
        return adapter.manager().getManagedArrays().size();
    }

    /** For how many examples it keeps what lies below the lowest trained layer. */
    int keptStates() {
        return frozenStates.computed();
    }

    /** What changed, if anyone looks. */
    private Optional<StepChange> move(double rate) {
        if (observers.isEmpty()) {
            tensors.step(optimiser, step + 1, rate);
            return Optional.empty();
        }
        AdapterWeights before = tensors.values();
        AdapterWeights gradients = tensors.gradients();
        tensors.step(optimiser, step + 1, rate);
        return Optional.of(new StepChange(before, gradients, tensors.values()));
    }

    /** The mean over all predictions of the step, in however many parts they come. */
    private double backward(List<int[]> parts) {
        int predictions = parts.stream().mapToInt(this::predictions).sum();
        double loss = 0;
        for (int part = 0; part < parts.size(); part++) {
            int[] batch = parts.get(part);
            double share = (double) predictions(batch) / predictions;
            Entrance entrance = workspace -> frozenStates.entry(batch, workspace);
            loss += share * task.backward(adapter, batch, entrance, masks(part), share);
        }
        return loss;
    }

    private int predictions(int[] batch) {
        return Arrays.stream(batch).map(task::predictions).sum();
    }

    private Masks masks(int part) {
        Dropout own = Dropout.of(settings.seed() ^ ADAPTER_DROPOUT, step, part);
        Dropout model =
                settings.modelDropout()
                        ? Dropout.of(settings.seed() ^ MODEL_DROPOUT, step, part)
                        : Dropout.NONE;
        return new Masks(own, model);
    }

    private List<int[]> nextBatches() {
        int epoch = step / stepsPerEpoch;
        if (epoch != plannedEpoch) {
            batches = plan.epoch(epoch);
            plannedEpoch = epoch;
        }
        int from = (step % stepsPerEpoch) * settings.accumulation();
        int to = Math.min(from + settings.accumulation(), batches.size());
        return batches.subList(from, to);
    }

    private double learningRate() {
        int warmup = (int) Math.ceil(settings.warmupFraction() * steps);
        return settings.learningRate() * settings.schedule().factor(step, warmup, steps);
    }

    private void record(double loss, int count) {
        if (step == 0) {
            firstLoss = loss;
        }
        lossSum += loss;
        lastLoss = loss;
        seen += count;
        step++;
    }

    /** Frees the adapter; the base model stays. */
    @Override
    public void close() {
        frozenStates.close();
        adapter.close();
    }
}
