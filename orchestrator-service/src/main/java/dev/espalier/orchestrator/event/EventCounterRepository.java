package dev.espalier.orchestrator.event;

import jakarta.persistence.LockModeType;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;

interface EventCounterRepository extends JpaRepository<EventCounter, UUID> {

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select c from EventCounter c where c.job = :job")
    Optional<EventCounter> lock(UUID job);
}
