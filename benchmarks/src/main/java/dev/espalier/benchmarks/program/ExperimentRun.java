package dev.espalier.benchmarks.program;

import dev.espalier.benchmarks.experiment.Experiment;
import dev.espalier.benchmarks.experiment.Part;
import dev.espalier.benchmarks.experiment.Run;
import dev.espalier.benchmarks.experiment.Study;
import dev.espalier.benchmarks.experiment.StudyRun;
import dev.espalier.benchmarks.measure.Goal;
import dev.espalier.benchmarks.page.ArmMaps;
import dev.espalier.benchmarks.page.ResultsPage;
import dev.espalier.benchmarks.plan.Forecast;
import dev.espalier.benchmarks.plan.Pace;
import dev.espalier.benchmarks.plan.PaceMeter;
import dev.espalier.benchmarks.report.ExperimentReport;
import dev.espalier.benchmarks.report.Machine;
import dev.espalier.benchmarks.report.StudyReport;
import dev.espalier.local.Espalier;
import dev.espalier.local.Opened;
import dev.espalier.local.display.Display;
import dev.espalier.local.display.Numbers;
import dev.espalier.local.display.Table;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.local.platform.RefusedByService;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One experiment, from its data to its results. */
final class ExperimentRun {

    private final Experiment experiment;
    private final HomeFolder home;
    private final Display display;
    private final InstantSource clock;
    private final Sleeper sleeper;
    private final PaceMeter meter;
    private final Map<String, StudyReport> reports = new LinkedHashMap<>();
    private final Map<String, ArmMaps> maps = new LinkedHashMap<>();

    /**
     * @param kept holds a folder for every experiment and size
     */
    ExperimentRun(
            Experiment experiment,
            HomeFolder kept,
            Display display,
            InstantSource clock,
            Sleeper sleeper,
            LongSupplier nanoTime) {
        this.experiment = experiment;
        this.home =
                new HomeFolder(
                        kept.root()
                                .resolve("experiments")
                                .resolve(experiment.name() + "-" + experiment.size()));
        this.display = display;
        this.clock = clock;
        this.sleeper = sleeper;
        this.meter = new PaceMeter(nanoTime, experiment.computing());
    }

    /** Says how long it will take. */
    void plan() throws IOException {
        forecast(experiment.parts(home));
    }

    /**
     * Runs it, or goes on with it.
     *
     * @param report where the results are written too
     * @return whether the experiment proper is valid
     */
    boolean run(String command, @Nullable Path report) throws IOException, InterruptedException {
        List<Part> parts = experiment.parts(home);
        Map<String, Forecast> forecasts = forecast(parts);
        try (Opened opened = Opened.folder(home)) {
            for (Part part : parts) {
                reports.put(part.name(), result(part, parts.getFirst(), forecasts, opened));
                publish(parts.getFirst().name(), command, report);
            }
        }
        return Objects.requireNonNull(reports.get(parts.getFirst().name())).valid();
    }

    private Map<String, Forecast> forecast(List<Part> parts) throws IOException {
        Map<String, Forecast> forecasts = new LinkedHashMap<>();
        Duration all = Duration.ZERO;
        for (Part part : parts) {
            switch (part) {
                case Study study -> {
                    AdapterSpec adapter = Forecast.adapter(study);
                    Pace pace = meter.measure(study.model(), study.task(), adapter);
                    Forecast forecast = new Forecast(study, pace);
                    tell(study, pace, forecast);
                    forecasts.put(study.name(), forecast);
                    all = all.plus(forecast.total());
                }
                case Part.Skipped skipped ->
                        display.say(skipped.name() + " is left out: " + skipped.reason());
            }
        }
        display.say("All of it: about " + Numbers.duration(all) + ".");
        return forecasts;
    }

    private void tell(Study study, Pace pace, Forecast forecast) {
        display.say(
                "%s: %d clients, %d rounds, %d seeds; a dense step takes %.3f s here, %s"
                        .formatted(
                                study.title(),
                                study.clients().size(),
                                study.rounds(),
                                study.seeds().size(),
                                pace.stepSeconds(),
                                threads(experiment.computing().threads())));
        Table table = new Table("arm", "steps", "time of a step", "training", "all of it");
        for (Forecast.Line line : forecast.lines()) {
            table.row(
                    line.arm(),
                    Numbers.count(line.steps()),
                    Numbers.percent(line.stepShare()),
                    duration(line.trainSeconds()),
                    duration(line.seconds()));
        }
        table.lines().forEach(display::say);
        display.say("  together about " + Numbers.duration(forecast.total()));
    }

    private static String threads(int count) {
        return count == 1 ? "one thread" : count + " threads";
    }

    private static String duration(double seconds) {
        return Numbers.duration(Duration.ofMillis(Math.round(1000 * seconds)));
    }

    /**
     * A study beside the experiment proper that the platform refuses is told, and no reason to end.
     */
    private StudyReport result(
            Part part, Part first, Map<String, Forecast> forecasts, Opened opened)
            throws IOException, InterruptedException {
        return switch (part) {
            case Part.Skipped skipped -> StudyReport.skipped(skipped.name(), skipped.reason());
            case Study study -> {
                try {
                    yield run(study, forecasts, opened);
                } catch (RefusedByService refused) {
                    if (part.equals(first)) {
                        throw refused;
                    }
                    String reason = String.valueOf(refused.getMessage());
                    display.say(study.name() + " is left out: " + reason);
                    yield StudyReport.skipped(study.name(), reason);
                }
            }
        };
    }

    private StudyReport run(Study study, Map<String, Forecast> forecasts, Opened opened)
            throws IOException, InterruptedException {
        display.say("");
        display.say(study.title());
        List<Run> runs =
                new StudyRun(display, clock, sleeper)
                        .run(
                                study,
                                Experiment.homeOf(study.name(), home),
                                opened,
                                experiment.computing(),
                                Objects.requireNonNull(forecasts.get(study.name())).rounds());
        maps.put(study.name(), ArmMaps.of(runs));
        StudyReport report = StudyReport.of(study, runs);
        tell(report);
        return report;
    }

    private void tell(StudyReport report) {
        Table table = new Table("arm", "score", "up", "attention MACs", "training");
        report.arms()
                .forEach((name, arm) -> {
                    table.row(
                            name,
                            ResultsPage.score(arm.figures()),
                            Numbers.megabytes(arm.figures().bytesUp()),
                            "%.1f G".formatted(arm.figures().attentionMacs() / 1e9),
                            duration(arm.figures().trainSeconds()));
                });
        table.lines().forEach(display::say);
        for (Goal.Verdict verdict : report.goals()) {
            display.say(
                    "  %-22s %-16s %s, asked %s%s"
                            .formatted(
                                    verdict.arm(),
                                    verdict.goal(),
                                    Numbers.decimals(2, verdict.measured()),
                                    verdict.bound(),
                                    verdict.met() ? ": met" : ": MISSED"));
        }
        if (!report.valid()) {
            display.say("  not valid: " + String.join("; ", report.invalidBecause()));
        }
    }

    private void publish(String first, String command, @Nullable Path report) throws IOException {
        Map<String, StudyReport> others = new LinkedHashMap<>(reports);
        StudyReport main = Objects.requireNonNull(others.remove(first));
        ExperimentReport whole =
                ExperimentReport.of(circumstances(command), main, others, clock.instant());
        whole.write(home.results().resolve("report.json"));
        if (report != null) {
            whole.write(report);
        }
        Path page = ResultsPage.write(home.results(), whole, main, maps);
        display.say("Results: " + page);
    }

    private ExperimentReport.Circumstances circumstances(String command) {
        String version = Espalier.class.getPackage().getImplementationVersion();
        return new ExperimentReport.Circumstances(
                experiment.name(),
                experiment.size(),
                command,
                Machine.here(),
                Map.of("espalier", version == null ? "from sources" : version),
                experiment.settings());
    }
}
