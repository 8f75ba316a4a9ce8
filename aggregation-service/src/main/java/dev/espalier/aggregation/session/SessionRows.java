package dev.espalier.aggregation.session;

import jakarta.persistence.LockModeType;
import jakarta.persistence.QueryHint;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.jpa.repository.QueryHints;
import org.springframework.data.repository.Repository;

/** The sessions in the database. */
interface SessionRows extends Repository<SessionRow, UUID> {

    /** Hibernate's word for {@code SKIP LOCKED}. */
    String SKIP_LOCKED = "-2";

    Optional<SessionRow> findById(UUID round);

    SessionRow save(SessionRow row);

    /** For one that takes an update: many may, but none while the session is being sealed. */
    @Lock(LockModeType.PESSIMISTIC_READ)
    @Query("select s from SessionRow s where s.round = :round")
    Optional<SessionRow> findToRead(UUID round);

    /** For one that changes the session. */
    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select s from SessionRow s where s.round = :round")
    Optional<SessionRow> findToChange(UUID round);

    /** Sealed rounds that are due, without those that another replica has in its hands. */
    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @QueryHints(@QueryHint(name = "jakarta.persistence.lock.timeout", value = SKIP_LOCKED))
    @Query(
            "select s from SessionRow s"
                    + " where s.state = dev.espalier.protocol.update.RoundSessionView$State.SEALED"
                    + " and s.dueAt <= :now order by s.dueAt, s.round")
    List<SessionRow> findDue(Instant now, Limit limit);
}
