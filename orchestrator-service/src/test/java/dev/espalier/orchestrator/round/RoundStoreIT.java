package dev.espalier.orchestrator.round;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.orchestrator.signal.JobAlarm;
import dev.espalier.postgres.testing.RealPostgres;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.VersionRef;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** What one reader sees while others write. */
@SpringBootTest(
        properties = {"spring.config.name=orchestrator-service", "db-scheduler.enabled=false"})
@RealPostgres
class RoundStoreIT {

    /** Nobody works on the jobs here. */
    @TestConfiguration(proxyBeanMethods = false)
    static class Asleep {

        @Bean
        JobAlarm noAlarm() {
            return job -> {};
        }
    }

    private static final UUID JOB = new UUID(0, 1);

    @Autowired RoundRepository rows;
    @Autowired RoundStore store;
    @Autowired JdbcClient database;
    @Autowired PlatformTransactionManager transactions;

    @BeforeEach
    void aRoundThatIsBeingCombined() {
        database.sql("delete from orchestrator.round").update();
        database.sql("delete from orchestrator.job").update();
        database.sql(
                        "insert into orchestrator.job (id, version, state, specification, base,"
                                + " structure, request_digest, created_at) values (:job, 0,"
                                + " 'RUNNING', '{}', 'b@1', '{}', 'd', now())")
                .param("job", JOB)
                .update();
        database.sql(
                        "insert into orchestrator.round (id, version, job, number, phase, stage,"
                            + " base, parent, needed, dense_bytes, left_out, started_at, deadline,"
                            + " session_closed) values (:id, 0, :job, 1, 0, 'COMBINING', 'b@1',"
                            + " 'm@1', 1, 0, '[]', now(), now(), false)")
                .param("id", new UUID(0, 2))
                .param("job", JOB)
                .update();
    }

    @Test
    void aVersionPublishedWhileTheRoundsAreReadIsSeenOrNotButNeverHalf() {
        new TransactionTemplate(transactions)
                .executeWithoutResult(reading -> {
                    assertThat(rows.findByJobOrderByNumber(JOB).getFirst().published).isNull();
                    publishMeanwhile();

                    assertThat(store.latestPublished(new JobId(JOB)))
                            .contains(
                                    new Footing(VersionRef.parse("m@2"), VersionRef.parse("b@2")));
                });
    }

    private void publishMeanwhile() {
        TransactionTemplate other = new TransactionTemplate(transactions);
        other.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        other.executeWithoutResult(writing ->
                database.sql(
                                "update orchestrator.round set published = 'm@2',"
                                        + " published_base = 'b@2'")
                        .update());
    }
}
