package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.session.Admission;
import dev.espalier.aggregation.session.Figures;
import dev.espalier.aggregation.session.Seat;
import dev.espalier.aggregation.session.Seats;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.UpdateReceipt;
import dev.espalier.transfer.IncompleteBodyException;
import dev.espalier.transfer.OffsetMismatchException;
import dev.espalier.transfer.StagedUpload;
import dev.espalier.transfer.TooLargeException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Takes each agent's update once. The same bytes again are free, other bytes are refused, and bad
 * ones harm nobody: what counts is decided in one transaction, after the file was checked whole and
 * lies safely on disk.
 */
@Component
class UpdateDesk {

    private static final Logger log = LoggerFactory.getLogger(UpdateDesk.class);

    private final Seats seats;
    private final Parents parents;
    private final UpdateShelf shelf;
    private final Inspectors inspectors;
    private final IntakeProperties limits;
    private final IntakeMeters meters;

    UpdateDesk(
            Seats seats,
            Parents parents,
            UpdateShelf shelf,
            Inspectors inspectors,
            IntakeProperties limits,
            IntakeMeters meters) {
        this.seats = seats;
        this.parents = parents;
        this.shelf = shelf;
        this.inspectors = inspectors;
        this.limits = limits;
        this.meters = meters;
    }

    /** Who comes to which place, shown to have its token. */
    record Caller(RoundId round, AgentName agent, Seats.Place place) {}

    /**
     * A piece of an update's file.
     *
     * @param fresh forgets what came before; else the piece begins at {@code offset}
     * @param length of the piece
     * @param total length of the whole file
     */
    record Piece(boolean fresh, long offset, long length, long total, InputStream body) {}

    /** What came of a piece. */
    sealed interface Answer {

        record Taken(UpdateReceipt receipt) implements Answer {}

        record MoreToCome(long offset) implements Answer {}
    }

    /**
     * @throws ProblemException NOT_FOUND, NOT_IN_COHORT or UNAUTHENTICATED
     */
    Caller admit(RoundId round, AgentName agent, @Nullable String authorization) {
        Seats.Place place =
                seats.find(round, agent)
                        .orElseThrow(() ->
                                new ProblemException(
                                        ProblemType.NOT_FOUND,
                                        "there is no session for round " + round));
        RoundSession.Invitation invitation =
                place.invitation()
                        .orElseThrow(() ->
                                new ProblemException(
                                        ProblemType.NOT_IN_COHORT,
                                        agent + " was not drawn for round " + round));
        UploadTokens.require(authorization, invitation.tokenHash());
        return new Caller(round, agent, place);
    }

    /** The update that counts already, if any. */
    Optional<Seat.Taken> held(Caller caller) {
        return seats.seat(caller.round(), caller.agent()) instanceof Seat.Taken taken
                ? Optional.of(taken)
                : Optional.empty();
    }

    /** How many bytes of an unfinished upload are here; empty if there are none. */
    Optional<Long> begun(Caller caller, Digest digest) throws IOException {
        StagedUpload staged = shelf.staged(caller.round(), caller.agent(), digest);
        return staged.exists() ? Optional.of(staged.offset()) : Optional.empty();
    }

    Answer handIn(Caller caller, Digest digest, Piece piece) throws IOException {
        Optional<UpdateReceipt> repeated =
                receipt(seats.ask(caller.round(), caller.agent(), digest), digest);
        if (repeated.isPresent()) {
            return new Answer.Taken(repeated.get());
        }
        Expectation expected = expectation(caller);
        requireSize(caller, digest, piece, expected);
        try (Closeable _ = lock(caller, digest)) {
            StagedUpload staged = shelf.staged(caller.round(), caller.agent(), digest);
            long there = receive(staged, piece);
            return there < piece.total()
                    ? new Answer.MoreToCome(there)
                    : new Answer.Taken(judge(caller, digest, staged, expected));
        } catch (NoSuchFileException gone) {
            // the round ended while the update came in, and its folder was deleted
            return receipt(seats.ask(caller.round(), caller.agent(), digest), digest)
                    .map(Answer.Taken::new)
                    .orElseThrow(() -> new UncheckedIOException(gone));
        }
    }

    private Expectation expectation(Caller caller) throws IOException {
        RoundSession.Invitation invitation = caller.place().invitation().orElseThrow();
        return parents.expectation(caller.place().terms(), invitation);
    }

    private void requireSize(Caller caller, Digest digest, Piece piece, Expectation expected) {
        long allowed = limits.largestFile(expected.denseBytes());
        if (piece.total() > allowed) {
            throw refuse(
                    caller,
                    digest,
                    new Inspection.Failed(
                            ProblemType.TOO_LARGE,
                            "%d bytes, where an update of this round has at most %d"
                                    .formatted(piece.total(), allowed)),
                    piece.total());
        }
    }

    private Closeable lock(Caller caller, Digest digest) throws IOException {
        Optional<Closeable> lock = shelf.lock(caller.round(), caller.agent());
        if (lock.isEmpty()) {
            throw mismatch(
                    "another upload of " + caller.agent() + " is under way; try again",
                    begun(caller, digest).orElse(0L));
        }
        return lock.get();
    }

    private long receive(StagedUpload staged, Piece piece) throws IOException {
        if (piece.fresh()) {
            staged.delete();
        }
        long before = staged.offset();
        try {
            return staged.append(
                    piece.offset(), new BrokenOffBody(piece.body()), piece.length(), piece.total());
        } catch (OffsetMismatchException e) {
            throw mismatch(String.valueOf(e.getMessage()), e.actual());
        } catch (TooLargeException e) {
            throw new ProblemException(
                    ProblemType.TOO_LARGE, "the pieces are longer than the announced whole");
        } catch (IncompleteBodyException e) {
            throw new ProblemException(
                    ProblemType.INCOMPLETE_BODY,
                    "what came is kept; HEAD says where to go on from");
        } finally {
            meters.received(Math.max(staged.offset() - before, 0));
        }
    }

    private UpdateReceipt judge(
            Caller caller, Digest digest, StagedUpload staged, Expectation expected)
            throws IOException {
        if (!staged.digest().equals(digest)) {
            staged.delete();
            throw new ProblemException(
                    ProblemType.DIGEST_MISMATCH,
                    "the bytes that came are not those of Repr-Digest; send them again");
        }
        return switch (inspectors.inspect(staged.file(), expected)) {
            case Inspection.Passed(Figures figures) -> keep(caller, digest, staged, figures);
            case Inspection.Failed failed -> {
                long size = staged.offset();
                staged.delete();
                throw refuse(caller, digest, failed, size);
            }
        };
    }

    private UpdateReceipt keep(Caller caller, Digest digest, StagedUpload staged, Figures figures)
            throws IOException {
        shelf.keep(staged, caller.round(), caller.agent(), digest);
        Admission answer = seats.take(caller.round(), caller.agent(), digest, figures);
        if (answer instanceof Admission.Welcome) {
            meters.accepted();
            log.info(
                    "update accepted round={} agent={} bytes={} examples={}",
                    caller.round(),
                    caller.agent(),
                    figures.wireBytesUp(),
                    figures.examples());
            return new UpdateReceipt(digest, false);
        }
        if (!(answer instanceof Admission.HeldAlready)) {
            shelf.discard(caller.round(), caller.agent(), digest);
        }
        return receipt(answer, digest).orElseThrow();
    }

    private ProblemException refuse(
            Caller caller, Digest digest, Inspection.Failed failed, long wireBytes) {
        seats.refuse(
                caller.round(), caller.agent(), digest, failed.type(), failed.reason(), wireBytes);
        meters.rejected(failed.type());
        log.info(
                "update refused round={} agent={} type={} bytes={}",
                caller.round(),
                caller.agent(),
                failed.type(),
                wireBytes);
        return new ProblemException(failed.type(), failed.reason());
    }

    /** Empty for one that is welcome, a receipt for one that is held; the others are refused. */
    private static Optional<UpdateReceipt> receipt(Admission answer, Digest offered) {
        return switch (answer) {
            case Admission.Welcome() -> Optional.empty();
            case Admission.HeldAlready _ -> Optional.of(new UpdateReceipt(offered, true));
            case Admission.RefusedBefore before ->
                    throw new ProblemException(before.type(), before.reason());
            case Admission.Contradicts other ->
                    throw new ProblemException(
                            ProblemType.UPDATE_CONTRADICTS,
                            "the update " + other.held() + " counts already, and stays");
            case Admission.Closed closed ->
                    throw new ProblemException(ProblemType.ROUND_CLOSED, closed.why());
        };
    }

    private static ProblemException mismatch(String detail, long actual) {
        return new ProblemException(ProblemType.OFFSET_MISMATCH, detail)
                .withHeader("Upload-Offset", Long.toString(actual));
    }
}
