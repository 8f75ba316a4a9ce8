package dev.espalier.local.demo;

import dev.espalier.local.display.Numbers;
import dev.espalier.local.display.Table;
import dev.espalier.protocol.job.RoundView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The end of the demo: what every round gave, and beside it the baselines. */
final class ResultTables {

    private ResultTables() {}

    static List<String> of(
            List<RoundView> rounds,
            Allotment allotment,
            Budget budget,
            Baselines.Results baselines) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(
                "The global model after every round, on %s held-out mails"
                        .formatted(Numbers.count(allotment.test().size())));
        lines.addAll(rounds(rounds));
        lines.add("");
        lines.add("The same price, on the same held-out mails");
        lines.addAll(compared(rounds.getLast(), allotment, budget, baselines));
        return lines;
    }

    private static List<String> rounds(List<RoundView> rounds) {
        Table table = new Table("round", "accuracy", "macro F1", "loss", "up", "down", "seconds");
        for (RoundView round : rounds) {
            RoundView.Evaluation evaluation = round.evaluation();
            table.row(
                    Integer.toString(round.number()),
                    Numbers.percent(evaluation == null ? null : evaluation.accuracy()),
                    Numbers.decimals(3, evaluation == null ? null : evaluation.macroF1()),
                    Numbers.decimals(3, evaluation == null ? null : evaluation.loss()),
                    Numbers.megabytes(round.traffic().wireBytesUp()),
                    Numbers.megabytes(round.traffic().bytesDown()),
                    Numbers.decimals(0, round.timing().total()));
        }
        return table.lines();
    }

    private static List<String> compared(
            RoundView last, Allotment allotment, Budget budget, Baselines.Results baselines) {
        Table table = new Table("who trained", "on", "examples seen", "accuracy", "macro F1");
        RoundView.Evaluation federated = last.evaluation();
        table.row(
                "all together, sharing no mail",
                "-",
                Numbers.count(budget.total(allotment.sizes())),
                Numbers.percent(federated == null ? null : federated.accuracy()),
                Numbers.decimals(3, federated == null ? null : federated.macroF1()));
        row(table, "all mail pooled", "-", baselines.pooledSeen(), baselines.pooled());
        for (int i = 0; i < baselines.standalone().size(); i++) {
            Baselines.Alone alone = baselines.standalone().get(i);
            String holds = allotment.providers().get(i).holds(allotment.labels());
            row(table, alone.provider() + " alone", holds, alone.seen(), alone.score());
        }
        row(
                table,
                "mean of the providers alone",
                "-",
                baselines.standalone().stream().mapToInt(Baselines.Alone::seen).sum(),
                baselines.standaloneMean());
        return table.lines();
    }

    private static void row(Table table, String who, String holds, int seen, Score score) {
        table.row(
                who,
                holds,
                Numbers.count(seen),
                Numbers.percent(score.accuracy()),
                String.format(Locale.ROOT, "%.3f", score.macroF1()));
    }
}
