package dev.espalier.agent.work;

import dev.espalier.agent.model.BaseModels;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;

/**
 * The model an assignment is about, ready to compute; in use until it is closed.
 *
 * @param start the adapter's values, which fit the settings
 */
record Fetched(BaseModels.Lease base, AdapterSettings adapter, AdapterWeights start)
        implements AutoCloseable {

    ReadyModel model() {
        return new ReadyModel(base.model(), adapter, start);
    }

    @Override
    public void close() {
        base.close();
    }
}
