package dev.espalier.orchestrator.round;

import java.util.List;
import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;

interface ClientLossRepository extends JpaRepository<ClientLossEntity, ClientLossEntity.Key> {

    List<ClientLossEntity> findByKeyJob(UUID job);
}
