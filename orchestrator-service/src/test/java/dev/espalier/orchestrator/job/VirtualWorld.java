package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.signal.JobAlarm;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/** A clock that a test moves, transactions at whose edges it can crash, and nobody who steps. */
@TestConfiguration(proxyBeanMethods = false)
class VirtualWorld {

    @Bean
    @Primary
    VirtualClock virtualClock() {
        return new VirtualClock();
    }

    @Bean
    Edges transactions(PlatformTransactionManager manager) {
        return new Edges(new TransactionTemplate(manager));
    }

    @Bean
    JobAlarm noAlarm() {
        return job -> {};
    }

    /** Time that passes when the test says so. */
    static final class VirtualClock implements InstantSource {

        private Instant now = Instant.parse("2026-01-05T10:15:30Z");

        @Override
        public synchronized Instant instant() {
            return now;
        }

        synchronized void pass(Duration time) {
            now = now.plus(time);
        }
    }

    /** The process ended here. No code of ours catches it. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Runs something before and after every transaction. */
    static final class Edges implements TransactionOperations {

        private final TransactionTemplate transactions;
        private Runnable atEdge = () -> {};

        Edges(TransactionTemplate transactions) {
            this.transactions = transactions;
        }

        void atEdge(Runnable action) {
            atEdge = action;
        }

        @Override
        public <T> @Nullable T execute(TransactionCallback<T> action) {
            atEdge.run();
            T result = transactions.execute(action);
            atEdge.run();
            return result;
        }
    }
}
