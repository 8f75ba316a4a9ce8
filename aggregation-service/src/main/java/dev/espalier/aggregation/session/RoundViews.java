package dev.espalier.aggregation.session;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.UpdateState;
import dev.espalier.protocol.update.RoundSessionView.UpdateView;
import java.util.List;

/** Shows sessions and seats to callers. */
final class RoundViews {

    private RoundViews() {}

    static RoundSessionView view(SessionRow row, List<SeatRow> seats) {
        Session session = row.session();
        Outcome outcome = session instanceof Session.Published done ? done.outcome() : null;
        return new RoundSessionView(
                session.round(),
                session.state(),
                seats.stream().map(seat -> update(seat.agent(), seat.seat())).toList(),
                outcome == null ? null : outcome.version(),
                outcome == null ? null : outcome.base(),
                outcome == null ? null : outcome.standalone(),
                session instanceof Session.Voided none ? none.reason() : null,
                outcome == null ? null : outcome.heads(),
                outcome == null ? null : outcome.components(),
                outcome == null ? null : outcome.matrices(),
                row.aggregationSeconds());
    }

    private static UpdateView update(AgentName agent, Seat seat) {
        return switch (seat) {
            case Seat.Empty() -> missing(agent);
            case Seat.Refused refused -> rejected(agent, refused);
            case Seat.Taken taken -> accepted(agent, taken);
        };
    }

    private static UpdateView missing(AgentName agent) {
        return new UpdateView(
                agent,
                UpdateState.MISSING,
                null,
                null,
                0,
                0,
                0,
                0,
                0,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                0,
                null,
                null);
    }

    private static UpdateView rejected(AgentName agent, Seat.Refused refused) {
        return new UpdateView(
                agent,
                UpdateState.REJECTED,
                refused.reason(),
                refused.digest(),
                0,
                0,
                refused.wireBytes(),
                0,
                0,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                0,
                null,
                refused.at());
    }

    private static UpdateView accepted(AgentName agent, Seat.Taken taken) {
        Figures figures = taken.figures();
        Figures.Pruned pruned = figures.pruned();
        return new UpdateView(
                agent,
                UpdateState.ACCEPTED,
                null,
                taken.digest(),
                figures.bytesUp(),
                figures.taskHeadBytesUp(),
                figures.wireBytesUp(),
                figures.examples(),
                figures.steps(),
                figures.heads() == null ? null : figures.heads().count(),
                figures.keptComponents(),
                pruned == null ? null : pruned.layers(),
                pruned == null ? null : pruned.sparsity(),
                figures.quantisationError(),
                figures.lossBefore(),
                figures.lossAfter(),
                figures.trainSeconds(),
                figures.changeNorm(),
                taken.at());
    }
}
