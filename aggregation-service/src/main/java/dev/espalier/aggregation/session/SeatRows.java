package dev.espalier.aggregation.session;

import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** The seats in the database. */
interface SeatRows extends Repository<SeatRow, SeatKey> {

    Optional<SeatRow> findById(SeatKey key);

    SeatRow save(SeatRow row);

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select s from SeatRow s where s.key = :key")
    Optional<SeatRow> findToChange(SeatKey key);

    /** In ascending order of agent. */
    @Query("select s from SeatRow s where s.key.round = :round order by s.key.agent")
    List<SeatRow> findByRound(UUID round);
}
