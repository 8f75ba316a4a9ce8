package dev.espalier.benchmarks.prune;

import dev.espalier.agent.model.ModelStructures;
import dev.espalier.benchmarks.dataset.Articles;
import dev.espalier.benchmarks.dataset.Deal;
import dev.espalier.benchmarks.dataset.RunningTexts;
import dev.espalier.benchmarks.dataset.Stories;
import dev.espalier.benchmarks.experiment.Computing;
import dev.espalier.benchmarks.experiment.Experiment;
import dev.espalier.benchmarks.experiment.ModelShape;
import dev.espalier.benchmarks.experiment.Part;
import dev.espalier.benchmarks.experiment.Study;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.model.ModelStructure.Linear;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Many owners prune one language model together, against each alone and against pooled calibration
 * text (algorithms.md C); then they heal it.
 *
 * @param data holds the folder of the data set
 * @param model a decoder's folder; where it holds stories that the model wrote, these are the data
 */
public record PruneExperiment(PruneSize scale, Path data, Path model) implements Experiment {

    private static final Computing COMPUTING = new Computing(1, false);

    private static final int CLIENTS = 8;
    private static final List<Integer> OTHER_CLIENTS = List.of(4, 16);
    private static final long DEAL_SEED = 20;
    private static final int HELD_STORIES = 64;

    private static final int LONGEST_WINDOW = 256;
    private static final int EVERY_ROUND = 1;

    private static final List<String> NOTES =
            List.of(
                    "Perplexity over windows that do not overlap (algorithms.md C.5); a line of the"
                            + " articles ends with the end of text, as in the model's training.",
                    "`standalone` is the mean of the perplexities of the clients' own models, each"
                            + " pruned alone.",
                    "`healed` is the sparse base with its adapter beside it, not merged.");

    @Override
    public String name() {
        return "prune";
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
        settings.put("model", model.getFileName().toString());
        if (!writesStories()) {
            settings.putAll(articles(CLIENTS).told());
        }
        settings.put("arms", PruneArms.told());
        settings.put("healingRounds", scale.healing().rounds());
        settings.put("windowsOfAClientInARound", scale.healing().maxExamples());
        settings.putAll(COMPUTING.told());
        return settings;
    }

    /**
     * @throws FileNotFoundException if the model or its data is not there
     */
    @Override
    public List<Part> parts(HomeFolder home) throws IOException {
        if (!Files.isDirectory(model)) {
            throw new FileNotFoundException(model + " is not a folder; --model names one");
        }
        ModelStructure structure = ModelStructures.describe(model);
        List<Part> parts = new ArrayList<>();
        parts.add(study(CLIENTS, structure, home));
        if (scale != PruneSize.QUICK) {
            for (int clients : OTHER_CLIENTS) {
                parts.add(study(clients, structure, home));
            }
        }
        return parts;
    }

    private Study study(int clients, ModelStructure structure, HomeFolder home) throws IOException {
        boolean usual = clients == CLIENTS;
        String name = (writesStories() ? "stories" : "wikitext2") + (usual ? "" : "-k" + clients);
        Path files = Experiment.homeOf(name, home).data();
        RunningTexts texts = writesStories() ? Stories.TEXTS : Articles.TEXTS;
        Deal deal =
                writesStories()
                        ? new Stories(clients, HELD_STORIES).deal(model, files)
                        : articles(clients).deal(data, files);
        PruneArms arms =
                new PruneArms(
                        clients,
                        texts.pooled(),
                        usual ? "" : "-k" + clients,
                        linears(structure),
                        scale.healing());
        return new Study(
                name,
                "%s with %d clients".formatted(writesStories() ? "Stories" : "WikiText-2", clients),
                model,
                shape(structure),
                new ModelName(model.getFileName().toString().toLowerCase(Locale.ROOT)),
                TaskSpec.languageModelling(Math.min(LONGEST_WINDOW, structure.maxPositions())),
                texts.train(),
                texts.evaluated(EVERY_ROUND),
                Strength.dealt(deal.holdings()),
                usual && scale != PruneSize.QUICK ? arms.all() : arms.wanda(),
                scale.seeds(),
                arms.goals(),
                PruneArms.DENSE,
                null,
                NOTES);
    }

    private Articles articles(int clients) {
        return new Articles(clients, scale.validation(), scale.test(), DEAL_SEED);
    }

    private boolean writesStories() {
        return Stories.FILES.missing(model).isEmpty();
    }

    private static ModelShape shape(ModelStructure structure) {
        List<AttentionBlock> blocks = structure.attentionBlocks();
        int inner = structure.linears().stream().mapToInt(Linear::out).max().orElseThrow();
        return new ModelShape(
                blocks.size(), blocks.getFirst().heads(), structure.hiddenSize(), inner);
    }

    /** What PEFT calls them: the ends of their names. */
    private static List<String> linears(ModelStructure structure) {
        return structure.linears().stream()
                .map(linear -> linear.name().substring(linear.name().lastIndexOf('.') + 1))
                .distinct()
                .sorted()
                .toList();
    }
}
