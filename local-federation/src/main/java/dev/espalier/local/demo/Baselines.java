package dev.espalier.local.demo;

import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.train.ClassificationTrainer;
import dev.espalier.lm.train.Evaluator;
import dev.espalier.lm.train.TrainingOutcome;
import dev.espalier.local.corpus.LabelledText;
import dev.espalier.local.display.Display;
import dev.espalier.local.display.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the federation is compared with: every provider alone on its own text, and one model on all
 * text in one place, which is what nobody here is willing to do. Same recipe, same budget, same
 * held-out text.
 */
final class Baselines {

    private static final int AT_ONCE = 2;
    private static final int EVALUATION_BATCH = 32;

    private final BaseModel base;
    private final Recipe recipe;
    private final Allotment allotment;
    private final Display display;
    private final Map<String, String> standing = new ConcurrentSkipListMap<>();

    Baselines(BaseModel base, Recipe recipe, Allotment allotment, Display display) {
        this.base = base;
        this.recipe = recipe;
        this.allotment = allotment;
        this.display = display;
    }

    /**
     * @param texts the provider's own training texts
     * @param seen examples its run saw, repeats counted
     */
    record Alone(String provider, int texts, int seen, Score score) {}

    record Results(List<Alone> standalone, int pooledSeen, Score pooled) {

        Score standaloneMean() {
            return Score.mean(standalone.stream().map(Alone::score).toList());
        }
    }

    /** Trains and measures them all, two at a time. */
    Results run() throws InterruptedException {
        Compute.useThreads(1);
        List<Example> test = encoded(allotment.test().texts());
        List<LabelledText> all =
                allotment.providers().stream().flatMap(p -> p.texts().texts().stream()).toList();
        int pooledSeen = recipe.budget().total(allotment.sizes());
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
            // the longest first, so that both workers end at about the same time
            Future<Score> pooled = workers.submit(run("all mail pooled", all, pooledSeen, test));
            List<Future<Score>> alone = new ArrayList<>();
            for (Provider provider : allotment.providers()) {
                List<LabelledText> own = provider.texts().texts();
                int seen = recipe.budget().seenBy(own.size());
                alone.add(workers.submit(run(provider.agent() + " alone", own, seen, test)));
            }
            return new Results(standalone(alone), pooledSeen, result(pooled));
        }
    }

    private List<Alone> standalone(List<Future<Score>> scores) throws InterruptedException {
        List<Alone> results = new ArrayList<>();
        for (Future<Score> score : scores) {
            Provider provider = allotment.providers().get(results.size());
            int texts = provider.texts().size();
            results.add(
                    new Alone(
                            provider.agent(), texts, recipe.budget().seenBy(texts), result(score)));
        }
        return results;
    }

    private Callable<Score> run(
            String name, List<LabelledText> texts, int seen, List<Example> test) {
        return () -> {
            ClassificationTrainer trainer =
                    new ClassificationTrainer(
                            base, recipe.adapter(), recipe.baseline(texts.size(), seen));
            TrainingOutcome outcome =
                    trainer.train(
                            base.freshAdapter(recipe.adapter(), recipe.seed()),
                            encoded(texts),
                            step -> stands(name, step.step(), step.steps(), step.loss()),
                            () -> Thread.currentThread().isInterrupted());
            Score score = score(outcome, test);
            standing.remove(name);
            display.say("  %-24s %s".formatted(name, Numbers.percent(score.accuracy())));
            return score;
        };
    }

    private Score score(TrainingOutcome outcome, List<Example> test) throws InterruptedException {
        return switch (outcome) {
            case TrainingOutcome.Finished finished ->
                    Score.of(
                            new Evaluator(base, recipe.adapter(), EVALUATION_BATCH)
                                    .evaluate(finished.result().weights(), test));
            case TrainingOutcome.Stopped stopped ->
                    throw new InterruptedException("stopped at " + stopped.checkpoint().step());
        };
    }

    private void stands(String name, int step, int steps, double loss) {
        standing.put(
                name,
                "  %-24s %s step %d of %d, loss %s"
                        .formatted(
                                name,
                                Numbers.bar((double) step / steps, 20),
                                step,
                                steps,
                                Numbers.decimals(3, loss)));
        display.show(List.copyOf(standing.values()));
    }

    private List<Example> encoded(List<LabelledText> texts) {
        return texts.stream()
                .map(text ->
                        new Example(
                                base.tokenizer().encode(text.text(), recipe.length()),
                                recipe.labels().indexOf(text.label())))
                .toList();
    }

    private static <T> T result(Future<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            throw new IllegalStateException("a baseline failed", failed.getCause());
        }
    }
}
