package dev.espalier.benchmarks.page;

import dev.espalier.benchmarks.measure.Curve;
import dev.espalier.benchmarks.measure.Figures;
import dev.espalier.benchmarks.report.ArmReport;
import dev.espalier.benchmarks.report.StudyReport;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.HeadMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The pictures of one study.
 *
 * @param folder gets them
 * @param page shows them
 */
record StudyPictures(Path folder, Markdown page, StudyReport study) {

    private static final double GIGA = 1e9;
    private static final double MEGA = 1e6;

    /** Draws all there is to be seen. */
    void draw(ArmMaps maps) throws IOException {
        String prefix = study.name() + "-";
        picture("Accuracy over rounds", prefix + "accuracy.svg", curves(true));
        perplexities(prefix + "perplexity.svg");
        picture("Loss over rounds", prefix + "loss.svg", curves(false));
        bars(prefix + "bytes.svg", "Bytes up", "MB", f -> f.bytesUp() / MEGA);
        bars(
                prefix + "macs.svg",
                "Multiply-accumulates in attention, training",
                "GMAC",
                f -> f.attentionMacs() / GIGA);
        bars(prefix + "seconds.svg", "Seconds of training", "s", Figures::trainSeconds);
        for (Map.Entry<String, HeadMap> each : maps.heads().entrySet()) {
            String title = "Heads kept, " + each.getKey();
            String file = prefix + "heads-" + each.getKey() + ".svg";
            picture(title, file, HeadPicture.svg(title, each.getValue()));
        }
        for (Map.Entry<String, ComponentMap> each : maps.components().entrySet()) {
            String title = "Components trained, " + each.getKey();
            String file = prefix + "components-" + each.getKey() + ".svg";
            picture(title, file, ComponentPicture.svg(title, each.getValue()));
        }
    }

    /** Where text is continued. */
    private void perplexities(String file) throws IOException {
        List<BarChart.Bar> bars = new ArrayList<>();
        study.arms()
                .forEach((name, arm) ->
                        Stream.ofNullable(arm.figures().perplexity())
                                .forEach(value -> bars.add(new BarChart.Bar(name, value))));
        if (!bars.isEmpty()) {
            picture("Perplexity", file, BarChart.svg("Perplexity on test data", "", bars));
        }
    }

    private @Nullable String curves(boolean accuracy) {
        LineChart chart =
                new LineChart(
                        accuracy
                                ? "Accuracy on validation data, %, mean over seeds"
                                : "Loss on validation data, nats, mean over seeds",
                        "round");
        boolean any = false;
        for (Map.Entry<String, ArmReport> arm : study.arms().entrySet()) {
            List<LineChart.Point> points = points(arm.getValue(), accuracy);
            any |= !points.isEmpty();
            chart.add(arm.getKey(), points);
        }
        return any ? chart.svg() : null;
    }

    private static List<LineChart.Point> points(ArmReport arm, boolean accuracy) {
        Map<Integer, List<Double>> byRound = new LinkedHashMap<>();
        for (ArmReport.Seed seed : arm.perSeed()) {
            for (Curve.Point point : seed.curve()) {
                Double value = accuracy ? point.accuracy() : point.loss();
                Stream.ofNullable(value)
                        .forEach(each ->
                                byRound.computeIfAbsent(point.round(), unseen -> new ArrayList<>())
                                        .add(accuracy ? 100 * each : each));
            }
        }
        List<LineChart.Point> points = new ArrayList<>();
        byRound.forEach((round, values) ->
                points.add(
                        new LineChart.Point(
                                round,
                                values.stream()
                                        .mapToDouble(Double::doubleValue)
                                        .average()
                                        .orElse(0))));
        return points;
    }

    private void bars(String file, String title, String unit, ToDoubleFunction<Figures> figure)
            throws IOException {
        List<BarChart.Bar> bars = new ArrayList<>();
        study.arms()
                .forEach((name, arm) ->
                        bars.add(new BarChart.Bar(name, figure.applyAsDouble(arm.figures()))));
        picture(title, file, BarChart.svg(title, unit, bars));
    }

    private void picture(String title, String file, @Nullable String svg) throws IOException {
        if (svg != null) {
            Files.writeString(folder.resolve(file), svg);
            page.picture(title, file);
        }
    }
}
