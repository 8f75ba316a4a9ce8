package dev.espalier.benchmarks.ranks;

import dev.espalier.benchmarks.dataset.Deal;
import dev.espalier.benchmarks.dataset.Newsgroups;
import dev.espalier.benchmarks.experiment.Computing;
import dev.espalier.benchmarks.experiment.Experiment;
import dev.espalier.benchmarks.experiment.ModelShape;
import dev.espalier.benchmarks.experiment.Part;
import dev.espalier.benchmarks.experiment.Study;
import dev.espalier.local.base.BaseImport;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.TaskSpec;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Clients of different strength train different components of one adapter, against all of them
 * training all of it (algorithms.md B).
 *
 * @param data holds the folder of the data set
 * @param models where base models are kept
 */
public record RanksExperiment(RankSize scale, Path data, Path models) implements Experiment {

    private static final ModelShape MINILM = new ModelShape(6, 12, 384, 1536);
    private static final Computing COMPUTING = new Computing(1, true);

    private static final double ALPHA = 0.5;
    private static final long DEAL_SEED = 20;

    /**
     * This and {@link RankArms#ALPHA} were chosen for the reference arm, on validation data; all
     * arms have them.
     */
    private static final double RATE = 6e-3;

    private static final double LEAST_ACCURACY = 0.4;

    /** The target asks for two rounds in a row. */
    private static final int EVERY_ROUND = 1;

    @Override
    public String name() {
        return "ranks";
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
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("clients", Tier.CLIENTS);
        settings.put("clientsOfATier", "3 weak, 3 middling, 4 strong");
        settings.put("componentsOfATier", "1/2/8; arms named -248: 2/4/8");
        settings.put("dirichletAlpha", ALPHA);
        settings.put("dealSeed", DEAL_SEED);
        settings.put("fraction", 1.0);
        settings.put("maxLength", scale.length());
        settings.put("rank", RankArms.RANK);
        settings.put("alpha", RankArms.ALPHA);
        settings.put("targetModules", RankArms.TARGETS);
        settings.put("localEpochs", RankArms.EPOCHS);
        settings.put("batchSize", RankArms.BATCH);
        settings.put("learningRate", RATE);
        settings.put("learningRateOfTheLastThird", RankArms.LAST_RATE * RATE);
        settings.put("baseDropout", false);
        settings.put("threadsOfAnAgent", COMPUTING.threads());
        settings.put("frozenLayersIn", COMPUTING.precision().toString());
        settings.put("agentsAtOnce", 1);
        return settings;
    }

    /**
     * @throws FileNotFoundException if the data is not all there
     */
    @Override
    public List<Part> parts(HomeFolder home) throws IOException {
        Optional<String> missing = Newsgroups.FILES.missing(data);
        if (missing.isPresent()) {
            throw new FileNotFoundException(missing.get() + "; there is no experiment without it");
        }
        return List.of(newsgroups(home));
    }

    private Study newsgroups(HomeFolder home) throws IOException {
        String name = "newsgroups";
        Path files = Experiment.homeOf(name, home).data();
        Deal deal = new Newsgroups(Tier.CLIENTS, ALPHA, DEAL_SEED).deal(data, files);
        return new Study(
                name,
                "20 Newsgroups",
                BaseImport.minilm(models),
                MINILM,
                BaseImport.MINILM,
                TaskSpec.classification(deal.labels(), scale.length()),
                Newsgroups.TRAIN,
                new EvaluationSpec(Newsgroups.VALIDATION, EVERY_ROUND, Newsgroups.TEST),
                Tier.dealt(deal.holdings()),
                scale.arms(new RankArms(scale.rounds(), scale.maxExamples(), RATE)),
                scale.seeds(),
                RankArms.goals(),
                RankArms.HOMOGENEOUS,
                LEAST_ACCURACY,
                List.of(
                        "By-date split without headers, footers and quotes; empty posts dropped.",
                        "A tenth of the training posts is for validation; the final score is on"
                                + " the whole test split.",
                        "All ten clients take part in every round; by the uplink that their"
                                + " agents are configured with three train one of eight"
                                + " components, three train two, four train all."));
    }
}
