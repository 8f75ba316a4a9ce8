package dev.espalier.benchmarks.experiment;

import dev.espalier.local.display.Display;
import dev.espalier.local.display.Numbers;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Tells the person at the terminal how far the arms are and how long it will go on. */
final class Progress implements Rota.Watcher {

    private static final int BAR = 20;

    private final Display display;
    private final Map<Turn, Standing> standings = new LinkedHashMap<>();

    /**
     * @param expected how long a round is thought to take, until one has been seen
     */
    Progress(Display display, List<Turn> turns, Map<String, Duration> expected) {
        this.display = display;
        for (Turn turn : turns) {
            Duration first = expected.getOrDefault(turn.arm(), Duration.ZERO);
            standings.put(turn, new Standing(turn.rounds(), first));
        }
    }

    /** How far one turn is. */
    private static final class Standing {

        private final int rounds;
        private final Duration expected;
        private int done;
        private int timed;
        private Duration spent = Duration.ZERO;
        private String accuracy = "-";

        Standing(int rounds, Duration expected) {
            this.rounds = rounds;
            this.expected = expected;
        }

        Duration left() {
            Duration each = timed == 0 ? expected : spent.dividedBy(timed);
            return each.multipliedBy(rounds - done);
        }
    }

    @Override
    public void ended(Turn turn, RoundView round) {
        Standing standing = standing(turn);
        standing.done = round.number();
        RoundView.Evaluation score = round.evaluation();
        if (score != null) {
            standing.accuracy =
                    score.accuracy() != null
                            ? Numbers.percent(score.accuracy())
                            : score.perplexity() != null
                                    ? "perplexity " + Numbers.decimals(2, score.perplexity())
                                    : "loss " + Numbers.decimals(3, score.loss());
        }
        display.say(
                "  round %d of %d  %-28s %8s on validation data, %s of training, %s up"
                        .formatted(
                                round.number(),
                                standing.rounds,
                                turn,
                                score == null ? "not" : standing.accuracy,
                                Numbers.decimals(1, round.timing().training()) + " s",
                                Numbers.megabytes(round.traffic().bytesUp())));
    }

    @Override
    public void took(Turn turn, Duration time) {
        Standing standing = standing(turn);
        standing.timed++;
        standing.spent = standing.spent.plus(time);
        display.say("    about " + Numbers.duration(left()) + " to go");
    }

    @Override
    public void stands(Turn turn, JobView job, List<RoundView> seen) {
        List<String> block = new ArrayList<>();
        standings.forEach((each, standing) -> block.add(line(each, standing)));
        block.add("");
        block.add(
                "  now %s: %s; about %s to go"
                        .formatted(turn, now(job, seen), Numbers.duration(left())));
        display.show(block);
    }

    private String line(Turn turn, Standing standing) {
        return "  %-28s %s round %d of %d, %s"
                .formatted(
                        turn,
                        Numbers.bar((double) standing.done / standing.rounds, BAR),
                        standing.done,
                        standing.rounds,
                        standing.accuracy);
    }

    private static String now(JobView job, List<RoundView> seen) {
        if (job.waitingFor() != null) {
            return "waiting, " + job.waitingFor();
        }
        if (seen.isEmpty()) {
            return "begins";
        }
        RoundView last = seen.getLast();
        long in =
                last.clients().stream()
                        .filter(client -> client.outcome() == RoundView.ClientOutcome.ACCEPTED)
                        .count();
        return "round %d, %d of %d updates in".formatted(last.number(), in, last.clients().size());
    }

    private Duration left() {
        return standings.values().stream()
                .map(Standing::left)
                .reduce(Duration.ZERO, Duration::plus);
    }

    private Standing standing(Turn turn) {
        return Objects.requireNonNull(standings.get(turn));
    }
}
