package dev.espalier.agent.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Takes raw rows, keeps those that can be used, counts the others. */
final class RowIntake implements RowSource.Sink {

    private final Meaning.Reader answers;
    private final Predicate<RawRow> heldOutRule;
    private final BadRows badRows = new BadRows();
    private final List<Row> training = new ArrayList<>();
    private final List<Row> heldOut = new ArrayList<>();
    private final Set<String> seen = new TreeSet<>();
    private long leftOut;

    RowIntake(Meaning.Reader answers, Predicate<RawRow> heldOutRule) {
        this.answers = answers;
        this.heldOutRule = heldOutRule;
    }

    @Override
    public void row(RawRow row) {
        PrivateText second = row.secondText();
        if (row.text().isBlank() || (second != null && second.isBlank())) {
            bad(row.position(), BadRows.Fault.NO_TEXT);
            return;
        }
        switch (answers.of(row.answer())) {
            case Meaning.Unusable(BadRows.Fault fault) -> bad(row.position(), fault);
            case Meaning.LeftOut() -> leftOut++;
            case Meaning.Useful(Answer answer) -> keep(row, answer);
        }
    }

    @Override
    public void bad(long position, BadRows.Fault fault) {
        badRows.add(position, fault);
    }

    private void keep(RawRow row, Answer answer) {
        if (answer instanceof Answer.Label(String name)) {
            seen.add(name);
        }
        List<Row> side = heldOutRule.test(row) ? heldOut : training;
        side.add(new Row(row.text(), row.secondText(), answer));
    }

    List<Row> training() {
        return List.copyOf(training);
    }

    List<Row> heldOut() {
        return List.copyOf(heldOut);
    }

    BadRows badRows() {
        return badRows;
    }

    /** Rows whose label the owner mapped to nothing. */
    long leftOut() {
        return leftOut;
    }

    /** Labels of the rows kept; none where rows have no labels. */
    Set<String> seen() {
        return seen;
    }

    long kept() {
        return (long) training.size() + heldOut.size();
    }
}
