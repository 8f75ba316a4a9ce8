package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.neighbour.Aggregation;
import dev.espalier.orchestrator.neighbour.Registry;
import dev.espalier.orchestrator.round.Footing;
import dev.espalier.orchestrator.round.RoundOrder;
import dev.espalier.orchestrator.round.Rounds;
import dev.espalier.orchestrator.round.Turn;
import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.model.MoveAlias;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.update.InitialAdapter;
import dev.espalier.protocol.update.MergeAdapter;
import java.util.Map;
import java.util.OptionalInt;
import org.springframework.stereotype.Component;

/**
 * What comes before a job's first round of a kind, and after its last round: the first adapter, the
 * merged model, the alias.
 */
@Component
class Bookends {

    private final JobBooks books;
    private final Rounds rounds;
    private final Aggregation aggregation;
    private final Registry registry;

    Bookends(JobBooks books, Rounds rounds, Aggregation aggregation, Registry registry) {
        this.books = books;
        this.rounds = rounds;
        this.aggregation = aggregation;
        this.registry = registry;
    }

    /** Whatever the first round needs. */
    Turn prepare(Job job) {
        if (!job.prunes()) {
            return prepareAdapter(job, job.order(1), job.base(), JobStatus.Preparing.class);
        }
        books.move(
                job.id(),
                JobStatus.Preparing.class,
                now -> new JobStatus.Running(null),
                EventType.JOB_PREPARED,
                "there is no adapter before the base is pruned",
                Map.of("base", job.base().toString()));
        return new Turn.Moved();
    }

    /** Has the job's first adapter made, on the base that it will sit on. */
    private <S extends JobStatus> Turn prepareAdapter(
            Job job, RoundOrder order, VersionRef base, Class<S> from) {
        VersionManifest adapter =
                aggregation.initialAdapter(
                        new InitialAdapter(
                                job.id(),
                                order.seed(),
                                order.publishAs(),
                                base,
                                ((PhaseSpec.FineTune) order.work()).adapter(),
                                order.task()));
        books.move(
                job.id(),
                from,
                now -> new JobStatus.Running(adapter.ref()),
                EventType.JOB_PREPARED,
                "the first adapter is %s".formatted(adapter.ref()),
                Map.of("version", adapter.ref().toString(), "base", base.toString()));
        return new Turn.Moved();
    }

    /** Rounds have pruned the base. A base that none could prune is not what was asked for. */
    Turn firstAdapter(Job job, RoundOrder order, VersionRef base, Rounds.History history) {
        if (history.published().isEmpty()) {
            books.fail(
                    job.id(),
                    "none of the rounds that prune published anything, so there is no sparse base"
                            + " to fine-tune; the last one because %s"
                                    .formatted(history.lastReason().orElse("?")));
            return new Turn.Moved();
        }
        return prepareAdapter(job, order, base, JobStatus.Running.class);
    }

    Turn endRounds(Job job, Rounds.History history) {
        if (history.published().isEmpty()) {
            books.fail(
                    job.id(),
                    "none of its rounds published anything; the last one because %s"
                            .formatted(history.lastReason().orElse("?")));
            return new Turn.Moved();
        }
        books.move(
                job.id(),
                JobStatus.Running.class,
                running -> new JobStatus.Finishing(running.first()),
                EventType.JOB_FINISHING,
                history.published().get().adapter() == null
                        ? "all rounds are done"
                        : "all rounds are done; the merged model is being published",
                Map.of("version", history.published().get().newest().toString()));
        return new Turn.Moved();
    }

    Turn finish(Job job) {
        Footing left = rounds.history(job.id(), 1).published().orElseThrow();
        VersionRef last = left.newest();
        VersionRef merged = merged(job, left);
        AliasName alias = job.specification().alias();
        if (alias != null && !moveAlias(last, alias)) {
            return new Turn.Moved(); // somebody else moved it meanwhile: look again
        }
        books.move(
                job.id(),
                JobStatus.Finishing.class,
                now -> new JobStatus.Completed(now.first(), merged, books.now()),
                EventType.JOB_COMPLETED,
                last.equals(merged)
                        ? "the job is complete: %s".formatted(merged)
                        : "the job is complete: %s, merged %s".formatted(last, merged),
                Map.of("version", last.toString(), "merged", merged.toString()));
        return new Turn.Moved();
    }

    /** Where no round fine-tuned, the pruned base is a whole model already. */
    private VersionRef merged(Job job, Footing left) {
        return left.adapter() == null
                ? left.base()
                : aggregation
                        .mergedModel(
                                new MergeAdapter(
                                        job.id(), left.adapter(), Job.mergedName(job.publishAs())))
                        .ref();
    }

    private boolean moveAlias(VersionRef version, AliasName alias) {
        OptionalInt now = registry.alias(version.model(), alias);
        if (now.isPresent() && now.getAsInt() == version.number()) {
            return true;
        }
        Integer expected = now.isPresent() ? now.getAsInt() : null;
        return registry.moveAlias(
                version.model(), alias, new MoveAlias(version.number(), expected));
    }
}
