package dev.espalier.lm.train;

/** Looks at values and gradients of every step, on the thread that trains. */
@FunctionalInterface
public interface StepObserver {

    void onStep(StepChange change);
}
