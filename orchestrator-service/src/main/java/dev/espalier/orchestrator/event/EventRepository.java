package dev.espalier.orchestrator.event;

import java.util.List;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

interface EventRepository extends JpaRepository<EventEntity, EventEntity.Key> {

    List<EventEntity> findByJobAndSequenceGreaterThanOrderBySequence(
            UUID job, long sequence, Limit limit);

    boolean existsByJob(UUID job);

    @Modifying
    @Query("delete from EventEntity e where e.job = :job and e.type = :type")
    void deleteByType(UUID job, String type);
}
