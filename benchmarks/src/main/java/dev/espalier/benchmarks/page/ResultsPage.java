package dev.espalier.benchmarks.page;

import dev.espalier.benchmarks.measure.Figures;
import dev.espalier.benchmarks.measure.Goal;
import dev.espalier.benchmarks.report.ArmReport;
import dev.espalier.benchmarks.report.ExperimentReport;
import dev.espalier.benchmarks.report.StudyReport;
import dev.espalier.local.display.Numbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The results of an experiment as a folder: {@code README.md} and the pictures that it shows. */
public final class ResultsPage {

    private static final double GIGA = 1e9;
    private static final double MEGA = 1e6;

    private final Path folder;
    private final Markdown page = new Markdown();

    private ResultsPage(Path folder) {
        this.folder = folder;
    }

    /**
     * Writes it, over what may be there.
     *
     * @param maps by study
     * @return the page
     */
    public static Path write(
            Path folder, ExperimentReport report, StudyReport first, Map<String, ArmMaps> maps)
            throws IOException {
        Files.createDirectories(folder);
        ResultsPage results = new ResultsPage(folder);
        results.top(report);
        results.study(first, 2, maps.getOrDefault(first.name(), ArmMaps.NONE));
        for (StudyReport part : report.parts().values()) {
            results.study(part, 2, maps.getOrDefault(part.name(), ArmMaps.NONE));
        }
        results.settings(report);
        return Files.writeString(folder.resolve("README.md"), results.page.toString());
    }

    private void top(ExperimentReport report) {
        page.heading(1, "Experiment: " + report.experiment());
        page.paragraph(
                "Size %s, made %s by `%s` on %s (%d cores, %s, Java of %s)."
                        .formatted(
                                report.size(),
                                report.madeAt(),
                                report.command(),
                                report.machine().processor(),
                                report.machine().cores(),
                                report.machine().system(),
                                report.machine().java()));
        page.paragraph(
                "Every arm is an ordinary job on a local federation, in turns of one round; one"
                    + " agent computes at a time. Bytes, multiply-accumulates and seconds are sums"
                    + " over all clients and rounds, means over the seeds. Scores are of the last"
                    + " version on test data that no choice was made on. A client fetches the base"
                    + " model once: bytes down have it in whichever arm drew it first.");
    }

    private void study(StudyReport study, int level, ArmMaps maps) throws IOException {
        String title = study.title();
        page.heading(level, title == null ? study.name() : title);
        if (study.skipped() != null) {
            page.paragraph("Not run: " + study.skipped());
            return;
        }
        page.items(study.notes());
        if (!study.valid()) {
            page.paragraph(
                    "**Not valid**, so nothing should be read out of the comparison: "
                            + String.join("; ", study.invalidBecause())
                            + ".");
        }
        page.table(
                List.of("goal", "arm", "asked", "measured", "met", "missed by"),
                study.goals().stream().map(ResultsPage::verdict).toList());
        figures(study);
        new StudyPictures(folder, page, study).draw(maps);
    }

    private static List<String> verdict(Goal.Verdict verdict) {
        String asked =
                switch (verdict.kind()) {
                    case DROP_BELOW -> "drop below %s points".formatted(verdict.bound());
                    case DROP_AT_MOST -> "drop of %s points at most".formatted(verdict.bound());
                    case TIMES_LESS -> "%s times less or better".formatted(verdict.bound());
                    case PERCENT_LESS -> "%s %% less or better".formatted(verdict.bound());
                    case FEWER -> "fewer by more than %s".formatted(verdict.bound());
                    case PERCENT_BETTER -> "more than %s %% better".formatted(verdict.bound());
                    case PERCENT_ABOVE_AT_MOST -> "%s %% above at most".formatted(verdict.bound());
                    case GAP_CLOSED -> "%s %% of the gap closed".formatted(verdict.bound());
                };
        return List.of(
                "%s (`%s` against %s)"
                        .formatted(verdict.goal(), verdict.figure(), verdict.against()),
                verdict.arm(),
                asked,
                measured(verdict),
                verdict.met() ? "yes" : "no",
                Numbers.decimals(2, verdict.missedBy()));
    }

    /** The rounds themselves where one of the two may never have got there. */
    private static String measured(Goal.Verdict verdict) {
        return verdict.kind() == Goal.Kind.FEWER
                ? "%s against %s"
                        .formatted(reached(verdict.value()), reached(verdict.comparedWith()))
                : Numbers.decimals(2, verdict.measured());
    }

    private static String reached(@Nullable Double rounds) {
        return rounds == null ? "never" : Numbers.decimals(1, rounds);
    }

    private void figures(StudyReport study) {
        List<List<String>> rows = new ArrayList<>();
        study.arms().forEach((name, arm) -> rows.add(row(name, arm)));
        page.table(
                List.of(
                        "arm",
                        "score",
                        "up, MB",
                        "task head, MB",
                        "wire, MB",
                        "down, MB",
                        "whole model, GMAC",
                        "attention, GMAC",
                        "attention with dense O, GMAC",
                        "scoring, GMAC",
                        "training, s",
                        "rounds to target",
                        "seeds"),
                rows);
        if (study.target() != null) {
            page.paragraph(
                    "Target: %s on validation data, at two evaluations in a row."
                            .formatted(Numbers.percent(study.target())));
        }
    }

    private static List<String> row(String name, ArmReport arm) {
        Figures figures = arm.figures();
        return List.of(
                name,
                score(figures),
                scaled(figures.bytesUp(), MEGA),
                scaled(figures.taskHeadBytesUp(), MEGA),
                scaled(figures.wireBytesUp(), MEGA),
                scaled(figures.bytesDown(), MEGA),
                scaled(figures.macs(), GIGA),
                scaled(figures.attentionMacs(), GIGA),
                scaled(figures.attentionMacsDenseOutput(), GIGA),
                scaled(figures.scoringMacs(), GIGA),
                Numbers.decimals(1, figures.trainSeconds()),
                Numbers.decimals(1, arm.roundsToTarget()),
                Integer.toString(arm.seeds().size()));
    }

    /** In words. */
    public static String score(Figures figures) {
        if (figures.accuracy() != null) {
            return "%s (macro F1 %s)"
                    .formatted(
                            Numbers.percent(figures.accuracy()),
                            Numbers.decimals(3, figures.macroF1()));
        }
        if (figures.perplexity() != null) {
            String perplexity = "perplexity " + Numbers.decimals(2, figures.perplexity());
            return figures.sparsity() == null
                    ? perplexity
                    : "%s at %s sparsity"
                            .formatted(perplexity, Numbers.percent(figures.sparsity()));
        }
        return "BLEU %s, ROUGE-L %s"
                .formatted(
                        Numbers.decimals(1, figures.bleu()), Numbers.decimals(3, figures.rougeL()));
    }

    private static String scaled(long count, double by) {
        return String.format(Locale.ROOT, "%.2f", count / by);
    }

    private void settings(ExperimentReport report) {
        page.heading(2, "Settings");
        List<String> settings = new ArrayList<>();
        report.settings().forEach((name, value) -> settings.add(name + ": " + value));
        report.versions().forEach((name, value) -> settings.add(name + " " + value));
        page.items(settings.stream().filter(Objects::nonNull).toList());
    }
}
