package dev.espalier.lm.compute;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.function.Supplier;

/**
 * The native memory of one step: every array that the calling thread makes while it is open is
 * freed when it is closed, wherever it was attached. Belongs to one thread.
 *
 * <p>Two nets, because each alone leaks: a result hangs on the manager of its <em>first</em>
 * operand, which may be the frozen model's; and arrays made by other threads never meet this
 * thread's scope.
 */
public final class Workspace implements AutoCloseable {

    private final NDManager manager;
    private final NDScope scope;

    public Workspace(NDManager parent) {
        manager = parent.newSubManager();
        scope = new NDScope();
    }

    /** Where inputs of the step belong. */
    public NDManager manager() {
        return manager;
    }

    /**
     * Computes and frees everything but the result at once, except what a later backward pass still
     * needs. Keeps the peak low.
     */
    public NDArray keepOnlyResult(Supplier<NDArray> formula) {
        NDArray result;
        try (NDScope inner = new NDScope()) {
            inner.suppressNotUsedWarning();
            result = formula.get();
            NDScope.unregister(result);
        }
        result.attach(manager);
        return result;
    }

    @Override
    public void close() {
        scope.close();
        manager.close();
    }
}
