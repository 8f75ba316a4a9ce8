package dev.espalier.orchestrator.fleet;

import java.time.Instant;
import java.util.Optional;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

interface AgentRepository extends JpaRepository<AgentEntity, String> {

    /** A heartbeat; never in conflict with anything. */
    @Modifying
    @Query("update AgentEntity a set a.lastSeen = :now where a.name = :name and a.lastSeen < :now")
    void heard(String name, Instant now);

    @Modifying
    @Query("update AgentEntity a set a.capabilities = :capabilities where a.name = :name")
    void describe(String name, String capabilities);

    @Query("select max(a.lastSeen) from AgentEntity a")
    Optional<Instant> lastCall();

    @Query("select count(a) from AgentEntity a where a.lastSeen >= :since")
    long countHeardSince(Instant since);
}
