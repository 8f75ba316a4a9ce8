package dev.espalier.local.demo;

import dev.espalier.local.display.Numbers;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.work.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a job stands, as a few lines: a pure function of its views and the time. */
final class JobPicture {

    private static final int BAR = 20;

    private JobPicture() {}

    static List<String> of(JobView job, List<RoundView> rounds, Instant now) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(headline(job, rounds, now));
        if (job.waitingFor() != null) {
            lines.add("  waiting: " + job.waitingFor());
        }
        if (!rounds.isEmpty()) {
            RoundView current = rounds.getLast();
            current.clients().forEach(client -> lines.add(client(client)));
            lines.add("  " + standing(rounds));
        }
        return lines;
    }

    private static String headline(JobView job, List<RoundView> rounds, Instant now) {
        Duration since = Duration.between(job.createdAt(), now);
        String eta = eta(job, rounds, now);
        return "  round %d of %d, %s, %s so far%s"
                .formatted(
                        job.round(),
                        job.rounds(),
                        rounds.isEmpty()
                                ? job.state().name().toLowerCase(Locale.ROOT)
                                : words(rounds.getLast().state()),
                        Numbers.duration(since),
                        eta.isEmpty() ? "" : ", about " + eta + " to go");
    }

    /** By the mean of the rounds that are over; nothing is known before the first one is. */
    private static String eta(JobView job, List<RoundView> rounds, Instant now) {
        List<RoundView> over = rounds.stream().filter(round -> round.endedAt() != null).toList();
        if (over.isEmpty()) {
            return "";
        }
        double mean = over.stream().mapToDouble(JobPicture::seconds).average().orElseThrow();
        RoundView current = rounds.getLast();
        double spent =
                current.endedAt() != null
                        ? 0
                        : Duration.between(current.startedAt(), now).toMillis() / 1000.0;
        double left = Math.max(0, (job.rounds() - over.size()) * mean - spent);
        return Numbers.duration(Duration.ofMillis(Math.round(left * 1000)));
    }

    private static double seconds(RoundView round) {
        Instant end = round.endedAt();
        return end == null ? 0 : Duration.between(round.startedAt(), end).toMillis() / 1000.0;
    }

    private static String words(RoundState state) {
        return switch (state) {
            case SCORING -> "providers measure losses";
            case GATHERING -> "providers train";
            case COMBINING -> "updates are combined";
            case EVALUATING -> "the new version is measured";
            case COMPLETED -> "done";
            case VOID -> "void";
            case CANCELLED -> "cancelled";
        };
    }

    private static String client(RoundView.Client client) {
        String name = "  %-18s ".formatted(client.agent());
        return name
                + switch (client.outcome()) {
                    case INVITED -> "invited";
                    case WORKING -> progress(client.progress());
                    case ACCEPTED ->
                            Numbers.bar(1, BAR)
                                    + " handed in %s, loss %s"
                                            .formatted(
                                                    Numbers.megabytes(client.wireBytesUp()),
                                                    Numbers.decimals(3, client.lossAfter()));
                    case REJECTED, FAILED, MISSED ->
                            "%s: %s".formatted(client.outcome(), client.reason());
                };
    }

    private static String progress(@Nullable Progress progress) {
        if (progress == null) {
            return "has its assignment";
        }
        double share = progress.steps() == 0 ? 0 : (double) progress.step() / progress.steps();
        return switch (progress.stage()) {
            case FETCHING -> "fetches the base";
            case SCORING -> "measures";
            case TRAINING ->
                    "%s step %d of %d, loss %s, %s examples/s"
                            .formatted(
                                    Numbers.bar(share, BAR),
                                    progress.step(),
                                    progress.steps(),
                                    Numbers.decimals(3, progress.loss()),
                                    Numbers.decimals(0, progress.examplesPerSecond()));
            case PRUNING ->
                    "%s prunes, step %d of %d"
                            .formatted(Numbers.bar(share, BAR), progress.step(), progress.steps());
            case UPLOADING -> Numbers.bar(1, BAR) + " hands in";
            case EVALUATING -> "evaluates";
        };
    }

    private static String standing(List<RoundView> rounds) {
        long up = rounds.stream().mapToLong(round -> round.traffic().wireBytesUp()).sum();
        long down = rounds.stream().mapToLong(round -> round.traffic().bytesDown()).sum();
        Double accuracy =
                rounds.reversed().stream()
                        .map(RoundView::evaluation)
                        .filter(Objects::nonNull)
                        .map(RoundView.Evaluation::accuracy)
                        .findFirst()
                        .orElse(null);
        return "accuracy so far %s, up %s, down %s"
                .formatted(
                        Numbers.percent(accuracy), Numbers.megabytes(up), Numbers.megabytes(down));
    }
}
