package dev.espalier.agent.work;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.base.BaseModel;

/**
 * A base with an adapter over it, ready to compute.
 *
 * @param weights the adapter's values, which fit base and settings
 */
record ReadyModel(BaseModel base, AdapterSettings adapter, AdapterWeights weights)
        implements AnyModel {

    @Override
    public ReadyModel adapted() {
        return this;
    }

    /** The same with other values. */
    ReadyModel with(AdapterWeights others) {
        return new ReadyModel(base, adapter, others);
    }
}
