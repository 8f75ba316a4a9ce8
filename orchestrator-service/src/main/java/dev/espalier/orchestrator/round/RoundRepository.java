package dev.espalier.orchestrator.round;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

interface RoundRepository extends JpaRepository<RoundEntity, UUID> {

    List<RoundEntity> findByJobOrderByNumber(UUID job);

    Optional<RoundEntity> findByJobAndNumber(UUID job, int number);

    List<RoundEntity> findByJobOrderByNumberDesc(UUID job, Limit limit);

    /**
     * The newest version with its base, or nothing. The values and not the row: one that this
     * transaction has read before would be given again as it was then, without what others
     * published since.
     */
    @Query(
            "select r.published, r.publishedBase from RoundEntity r where r.job = :job"
                    + " and r.published is not null order by r.number desc limit 1")
    List<Object[]> findLatestPublished(UUID job);

    @Query(
            "select r from RoundEntity r where r.job = :job and r.stage = :cancelled"
                    + " and r.sessionClosed = false order by r.number")
    List<RoundEntity> findWithOpenSession(UUID job, RoundEntity.Stage cancelled);

    int countByJobAndPhaseGreaterThanEqualAndPublishedIsNotNull(UUID job, int since);

    Optional<RoundEntity>
            findFirstByJobAndPhaseGreaterThanEqualAndPublishedIsNotNullOrderByNumberDesc(
                    UUID job, int since);

    @Query("select r.stage, count(r) from RoundEntity r group by r.stage")
    List<Object[]> countByStage();
}
