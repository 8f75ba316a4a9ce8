package dev.espalier.agent.data;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Lets the start fail with what is wrong and what to do, and without a stack trace. */
class DataUnusableAnalyzer extends AbstractFailureAnalyzer<DataUnusableException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, DataUnusableException cause) {
        return new FailureAnalysis(cause.getMessage(), cause.action(), cause);
    }
}
