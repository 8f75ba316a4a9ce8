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
import dev.espalier.protocol.job.TaskSpec;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Clients of different strength train different components of one adapter, against all of them
 * training all of it (algorithms.md B).
 *
 * @param data holds the folder of the data set
 * @param models where base models are kept
 */
public record RanksExperiment(RankSize scale, Path data, Path models) implements Experiment {

    private static final Computing COMPUTING = new Computing(1, true);

    private static final Newsgroups POSTS = Newsgroups.among(Tier.CLIENTS);

    /** This and the adapter's alpha were chosen for the reference arm, on validation data. */
    private static final double RATE = 8e-3;

    /** The target asks for two rounds in a row. */
    private static final int EVERY_ROUND = 1;

    private static final String NOTE =
            "All ten clients take part in every round; by the uplink that their agents are"
                    + " configured with three train one of eight components, three train two, four"
                    + " train all.";

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
        Map<String, Object> settings = new LinkedHashMap<>(POSTS.told());
        settings.put("clientsOfATier", "3 weak, 3 middling, 4 strong");
        settings.put("componentsOfATier", "1/2/8; arms named -248: 2/4/8");
        settings.put("fraction", 1.0);
        settings.put("maxLength", scale.length());
        settings.putAll(arms().tuning().told());
        settings.put("learningRate", RATE);
        settings.put("learningRateOfTheLastThird", RankArms.LAST_RATE * RATE);
        settings.putAll(COMPUTING.told());
        return settings;
    }

    /**
     * @throws FileNotFoundException if the data is not all there
     */
    @Override
    public List<Part> parts(HomeFolder home) throws IOException {
        return List.of(newsgroups(home));
    }

    private Study newsgroups(HomeFolder home) throws IOException {
        String name = "newsgroups";
        Path files = Experiment.homeOf(name, home).data();
        Deal deal = POSTS.deal(data, files);
        return new Study(
                name,
                "20 Newsgroups",
                BaseImport.minilm(models),
                ModelShape.MINILM,
                BaseImport.MINILM,
                TaskSpec.classification(deal.labels(), scale.length()),
                Newsgroups.TRAIN,
                Newsgroups.evaluated(EVERY_ROUND),
                Tier.dealt(deal.holdings()),
                scale.arms(arms()),
                scale.seeds(),
                RankArms.goals(),
                RankArms.HOMOGENEOUS,
                Study.USUAL_LEAST_ACCURACY,
                Stream.concat(Newsgroups.NOTES.stream(), Stream.of(NOTE)).toList());
    }

    private RankArms arms() {
        return new RankArms(scale.rounds(), scale.maxExamples(), RATE);
    }
}
