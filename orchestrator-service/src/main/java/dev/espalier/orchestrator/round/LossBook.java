package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.selection.Losses;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.JobId;
import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The last losses that each agent told for a job (algorithms.md D.5). */
@Component
class LossBook {

    private final ClientLossRepository rows;

    LossBook(ClientLossRepository rows) {
        this.rows = rows;
    }

    @Transactional(readOnly = true)
    public Map<AgentName, Losses> of(JobId job) {
        Map<AgentName, Losses> known = new HashMap<>();
        for (ClientLossEntity row : rows.findByKeyJob(job.value())) {
            known.put(
                    new AgentName(row.key.agent()),
                    new Losses(row.globalLoss, row.ownLoss, row.round));
        }
        return known;
    }

    @Transactional(propagation = Propagation.MANDATORY)
    public void keep(JobId job, Map<AgentName, Losses> told) {
        told.forEach((agent, losses) -> {
            ClientLossEntity.Key key = new ClientLossEntity.Key(job.value(), agent.value());
            ClientLossEntity row = rows.findById(key).orElseGet(() -> new ClientLossEntity(key));
            row.globalLoss = losses.global();
            row.ownLoss = losses.own();
            row.round = losses.round();
            rows.save(row);
        });
        rows.flush();
    }
}
