package dev.espalier.agent.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Takes raw rows, keeps those that can be used, counts the others. */
final class RowIntake implements RowSource.Sink {

    private final LabelMap labels;
    private final Predicate<RawRow> heldOutRule;
    private final BadRows badRows = new BadRows();
    private final List<LabelledRow> training = new ArrayList<>();
    private final List<LabelledRow> heldOut = new ArrayList<>();
    private final Set<String> seen = new TreeSet<>();
    private long leftOut;

    RowIntake(LabelMap labels, Predicate<RawRow> heldOutRule) {
        this.labels = labels;
        this.heldOutRule = heldOutRule;
    }

    @Override
    public void row(RawRow row) {
        PrivateText second = row.secondText();
        if (row.text().isBlank() || (second != null && second.isBlank())) {
            bad(row.position(), BadRows.Fault.NO_TEXT);
            return;
        }
        switch (labels.of(row.label())) {
            case LabelMap.Meaning.Unusable(BadRows.Fault fault) -> bad(row.position(), fault);
            case LabelMap.Meaning.LeftOut() -> leftOut++;
            case LabelMap.Meaning.Label(String name) -> keep(row, name);
        }
    }

    @Override
    public void bad(long position, BadRows.Fault fault) {
        badRows.add(position, fault);
    }

    private void keep(RawRow row, String label) {
        seen.add(label);
        List<LabelledRow> side = heldOutRule.test(row) ? heldOut : training;
        side.add(new LabelledRow(row.text(), row.secondText(), label));
    }

    List<LabelledRow> training() {
        return List.copyOf(training);
    }

    List<LabelledRow> heldOut() {
        return List.copyOf(heldOut);
    }

    BadRows badRows() {
        return badRows;
    }

    /** Rows whose label the owner mapped to nothing. */
    long leftOut() {
        return leftOut;
    }

    /** Labels of the rows kept. */
    Set<String> seen() {
        return seen;
    }

    long kept() {
        return (long) training.size() + heldOut.size();
    }
}
