package dev.espalier.agent.work;

import dev.espalier.agent.model.BaseModels;

/**
 * The model an assignment is about, ready to compute; in use until it is closed.
 *
 * @param model the base, with the assignment's adapter over it if it names one
 */
record Fetched(BaseModels.Lease base, AnyModel model) implements AutoCloseable {

    @Override
    public void close() {
        base.close();
    }
}
