package dev.espalier.orchestrator.signal;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Tells the world of a change once it is stored, and never before. */
public final class AfterCommit {

    private AfterCommit() {}

    /** Runs {@code action} when the transaction under way has been committed. */
    public static void run(Runnable action) {
        TransactionSynchronizationManager.registerSynchronization(
                new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        action.run();
                    }
                });
    }
}
