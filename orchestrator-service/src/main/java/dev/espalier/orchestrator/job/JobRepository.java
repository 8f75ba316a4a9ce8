package dev.espalier.orchestrator.job;

import dev.espalier.protocol.job.JobState;
import jakarta.persistence.LockModeType;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

interface JobRepository extends JpaRepository<JobEntity, UUID> {

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select j from JobEntity j where j.id = :id")
    Optional<JobEntity> lock(UUID id);

    Optional<JobEntity> findByIdempotencyKey(String key);

    @Query("select j from JobEntity j order by j.createdAt desc, j.id")
    List<JobEntity> newest(Limit limit);

    @Query("select j.id from JobEntity j where j.state not in :states")
    List<UUID> findIdsNotIn(Collection<JobState> states);

    @Modifying
    @Query(
            "update JobEntity j set j.waitingFor = :reason"
                    + " where j.id = :id and j.state not in :ended")
    int waitsFor(UUID id, @Nullable String reason, Collection<JobState> ended);

    @Query("select j.state, count(j) from JobEntity j group by j.state")
    List<Object[]> countByState();
}
