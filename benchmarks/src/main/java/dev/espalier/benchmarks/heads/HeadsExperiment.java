package dev.espalier.benchmarks.heads;

import dev.espalier.benchmarks.dataset.Deal;
import dev.espalier.benchmarks.dataset.InferencePairs;
import dev.espalier.benchmarks.dataset.Newsgroups;
import dev.espalier.benchmarks.dataset.RestaurantTexts;
import dev.espalier.benchmarks.experiment.Computing;
import dev.espalier.benchmarks.experiment.Experiment;
import dev.espalier.benchmarks.experiment.ModelShape;
import dev.espalier.benchmarks.experiment.Part;
import dev.espalier.benchmarks.experiment.Study;
import dev.espalier.benchmarks.measure.Goal;
import dev.espalier.local.base.BaseImport;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.TaskKind;
import dev.espalier.protocol.job.TaskSpec;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Attention heads pruned by confidence, against dense federated averaging (algorithms.md A).
 *
 * @param data holds the folders of the data sets
 * @param models where base models are kept
 * @param t5 a T5 for the study on writing; left out where it is not there
 */
public record HeadsExperiment(HeadSize scale, Path data, Path models, Path t5)
        implements Experiment {

    private static final ModelShape SMALL_T5 = new ModelShape(9, 8, 128, 512);
    private static final List<String> BERT_ATTENTION =
            List.of("query", "key", "value", "attention.output.dense");
    private static final List<String> T5_ATTENTION = List.of("q", "k", "v", "o");

    private static final Computing COMPUTING = new Computing(1, false);

    private static final int CLIENTS = 20;
    private static final Newsgroups POSTS = Newsgroups.among(CLIENTS);
    private static final double FRACTION = 0.25;
    private static final HeadArms.Rates RATES = new HeadArms.Rates(4e-3, 8e-3, 1e-3);
    private static final HeadArms.Rates WRITING_RATES = new HeadArms.Rates(3e-3, 3e-3, 1e-3);

    private static final int FEWEST_PAIRS = 200;
    private static final double FRACTION_OF_ANNOTATORS = 0.09;
    private static final int VALIDATION_ROWS = 512;
    private static final int VALIDATION_TEXTS = 100;
    private static final int MEANING_TOKENS = 80;
    private static final int WRITTEN_TOKENS = 64;

    @Override
    public String name() {
        return "heads";
    }

    @Override
    public String size() {
        return scale.inReport();
    }

    @Override
    public Computing computing() {
        return COMPUTING;
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>(POSTS.told());
        settings.put("fraction", FRACTION);
        settings.put("maxLength", scale.length());
        settings.putAll(posts().tuning().told());
        settings.put("learningRateDense", RATES.dense());
        settings.put("learningRatePruned", RATES.pruned());
        settings.put("learningRateInTheLastThirdOfRounds", RATES.last());
        settings.putAll(COMPUTING.told());
        return settings;
    }

    /**
     * @throws FileNotFoundException if the data of the experiment proper is not all there; other
     *     studies are left out then
     */
    @Override
    public List<Part> parts(HomeFolder home) throws IOException {
        Path minilm = BaseImport.minilm(models);
        return List.of(newsgroups(home, minilm), inference(home, minilm), restaurants(home));
    }

    private Part newsgroups(HomeFolder home, Path model) throws IOException {
        String name = "newsgroups";
        Deal deal = POSTS.deal(data, files(name, home));
        HeadArms arms = posts();
        return new Study(
                name,
                "20 Newsgroups",
                model,
                ModelShape.MINILM,
                BaseImport.MINILM,
                TaskSpec.classification(deal.labels(), scale.length()),
                Newsgroups.TRAIN,
                Newsgroups.evaluated(scale.newsgroups().everyRounds()),
                deal.holdings(),
                scale == HeadSize.QUICK ? arms.compared() : arms.all(),
                scale.seeds(),
                bothRankings(),
                HeadArms.DENSE,
                Study.USUAL_LEAST_ACCURACY,
                Stream.concat(
                                Newsgroups.NOTES.stream(),
                                Stream.of(
                                        "Every arm draws the same cohorts, but for"
                                                + " `loss-difference-90`."))
                        .toList());
    }

    private HeadArms posts() {
        return new HeadArms(scale.newsgroups(), BERT_ATTENTION, RATES, FRACTION);
    }

    private static List<Goal> bothRankings() {
        return Stream.of(HeadArms.PRUNED, HeadArms.PRUNED_TOP)
                .flatMap(arm -> HeadArms.goals(arm, true, true).stream())
                .toList();
    }

    private Part inference(HomeFolder home, Path model) throws IOException {
        String name = "nli";
        HeadSize.Course course = scale.pairs();
        if (course == null) {
            return new Part.Skipped(name, "the quick size runs what a goal compares only");
        }
        Optional<String> missing = InferencePairs.FILES.missing(data);
        if (missing.isPresent()) {
            return new Part.Skipped(name, missing.get());
        }
        Deal deal =
                new InferencePairs(FEWEST_PAIRS, VALIDATION_ROWS, POSTS.seed())
                        .deal(data, files(name, home));
        return new Study(
                name,
                "Natural language inference, annotators as clients",
                model,
                ModelShape.MINILM,
                BaseImport.MINILM,
                TaskSpec.classification(deal.labels(), scale.length()),
                InferencePairs.TRAIN,
                new EvaluationSpec(
                        InferencePairs.VALIDATION, course.everyRounds(), null, InferencePairs.TEST),
                deal.holdings(),
                new HeadArms(course, BERT_ATTENTION, RATES, FRACTION_OF_ANNOTATORS).few(),
                scale.seeds(),
                HeadArms.goals(HeadArms.PRUNED, true, true),
                HeadArms.DENSE,
                Study.USUAL_LEAST_ACCURACY,
                List.of(
                        "Clients are the annotators with at least %d pairs."
                                .formatted(FEWEST_PAIRS),
                        "The final score is on MNLI's matched validation set, which shares no"
                                + " premise with the training pairs."));
    }

    private Part restaurants(HomeFolder home) throws IOException {
        String name = "e2e";
        HeadSize.Course course = scale.texts();
        if (course == null) {
            return new Part.Skipped(name, "the quick size runs what a goal compares only");
        }
        if (!Files.isRegularFile(t5.resolve("config.json"))) {
            return new Part.Skipped(name, "no T5 folder is there; name one by --model DIR");
        }
        Optional<String> missing = RestaurantTexts.FILES.missing(data);
        if (missing.isPresent()) {
            return new Part.Skipped(name, missing.get());
        }
        Deal deal =
                new RestaurantTexts(CLIENTS, VALIDATION_TEXTS, POSTS.seed())
                        .deal(data, files(name, home));
        return new Study(
                name,
                "E2E: texts written from attributes, with a T5",
                t5,
                SMALL_T5,
                new ModelName("t5"),
                new TaskSpec(TaskKind.TEXT_TO_TEXT, List.of(), MEANING_TOKENS, WRITTEN_TOKENS),
                RestaurantTexts.TRAIN,
                new EvaluationSpec(
                        RestaurantTexts.VALIDATION,
                        course.everyRounds(),
                        null,
                        RestaurantTexts.TEST),
                deal.holdings(),
                new HeadArms(course, T5_ATTENTION, WRITING_RATES, FRACTION).few(),
                scale.seeds(),
                HeadArms.goals(HeadArms.PRUNED, false, true),
                HeadArms.DENSE,
                null,
                List.of(
                        "The T5 named t5-denoise was pretrained on E2E's training references"
                                + " without their attributes: it has seen such texts, so the"
                                + " scores are no measure of what it would learn alone.",
                        "BLEU and ROUGE-L against the first reference of each meaning."));
    }

    private static Path files(String study, HomeFolder home) {
        return Experiment.homeOf(study, home).data();
    }
}
