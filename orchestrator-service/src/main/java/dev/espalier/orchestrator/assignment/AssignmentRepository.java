package dev.espalier.orchestrator.assignment;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

interface AssignmentRepository extends JpaRepository<AssignmentEntity, UUID> {

    List<AssignmentEntity> findByRoundOrderByAgent(UUID round);

    List<AssignmentEntity> findByAgentAndStateInOrderByPlannedAtAscIdAsc(
            String agent, Collection<PieceState> states, Limit limit);

    List<AssignmentEntity> findByAgentAndStateIn(String agent, Collection<PieceState> states);

    List<AssignmentEntity> findByStateOrderByPlannedAtAscIdAsc(PieceState state);

    Optional<AssignmentEntity> findByIdAndAgent(UUID id, String agent);

    /** Rows of an agent and how many pieces of these kinds it has had in a job. */
    @Query(
            "select a.agent, count(a) from AssignmentEntity a"
                    + " where a.job = :job and a.kind in :kinds group by a.agent")
    List<Object[]> countByAgent(UUID job, Collection<Piece.Kind> kinds);

    /** A heartbeat; never in conflict with anything. */
    @Modifying
    @Query(
            "update AssignmentEntity a set a.progress = :progress"
                    + " where a.id = :id and a.state in :states")
    int report(UUID id, String progress, Collection<PieceState> states);

    /** 1 for the one call that may tell of progress in this stretch of time. */
    @Modifying
    @Query(
            "update AssignmentEntity a set a.progressTold = :now where a.id = :id"
                    + " and (a.progressTold is null or a.progressTold <= :before)")
    int mayTell(UUID id, Instant now, Instant before);
}
