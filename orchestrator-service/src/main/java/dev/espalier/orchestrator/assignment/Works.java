package dev.espalier.orchestrator.assignment;

import dev.espalier.protocol.work.Assignment;
import java.time.Instant;

/** Assignments with one thing changed. */
final class Works {

    private Works() {}

    static Assignment due(Assignment work, Instant deadline) {
        return switch (work) {
            case Assignment.Train train -> train(train, train.uploadToken(), deadline);
            case Assignment.Prune prune -> prune(prune, prune.uploadToken(), deadline);
            case Assignment.Evaluate e ->
                    new Assignment.Evaluate(
                            e.id(),
                            e.job(),
                            e.round(),
                            e.roundNumber(),
                            e.data(),
                            e.task(),
                            e.base(),
                            e.adapter(),
                            e.adapterSpec(),
                            deadline);
            case Assignment.Score s ->
                    new Assignment.Score(
                            s.id(),
                            s.job(),
                            s.round(),
                            s.roundNumber(),
                            s.data(),
                            s.task(),
                            s.base(),
                            s.adapter(),
                            s.adapterSpec(),
                            s.samples(),
                            s.alsoOwn(),
                            s.seed(),
                            deadline);
        };
    }

    static Assignment withToken(Assignment work, UploadTokens tokens) {
        return switch (work) {
            case Assignment.Train train -> train(train, tokens.of(train.id()), train.deadline());
            case Assignment.Prune prune -> prune(prune, tokens.of(prune.id()), prune.deadline());
            case Assignment.Evaluate evaluate -> evaluate;
            case Assignment.Score score -> score;
        };
    }

    private static Assignment train(Assignment.Train t, String token, Instant deadline) {
        return new Assignment.Train(
                t.id(),
                t.job(),
                t.round(),
                t.roundNumber(),
                t.data(),
                t.task(),
                t.base(),
                t.adapter(),
                t.adapterSpec(),
                t.training(),
                t.scope(),
                t.heads(),
                t.ranks(),
                t.upload(),
                t.seed(),
                token,
                deadline);
    }

    private static Assignment prune(Assignment.Prune p, String token, Instant deadline) {
        return new Assignment.Prune(
                p.id(),
                p.job(),
                p.round(),
                p.roundNumber(),
                p.data(),
                p.task(),
                p.base(),
                p.plan(),
                p.seed(),
                token,
                deadline);
    }
}
